// Attacks on the grants of the network, through wasi:sockets: see README.md. Prints what each attempt leads to; network.py
// knows for which grants it may be what. The argument is a name to look up.
#include "sockets.h"

#define PORT 39517

static u32 network, attempts;

static void report(const char *what, u32 payload) {
  attempts++;
  printf("%s = %s\n", what, outcome(payload));
}

static int create(const char *what, int six, void (*create)(u32, result *), u32 *socket) {
  create(six, &r);
  *socket = r.words[1];
  if (r.bytes[0]) report(what, 4);
  return r.bytes[0] == 0;
}

static void connect(const char *what, address peer) {
  u32 socket;
  if (!create(what, peer.family, create_tcp, &socket)) return;
  tcp_start_connect(socket, network, FLAT(peer), &r);
  report(what, 1);
  tcp_drop(socket);
}

// As an IPv6 socket, whatever the address is.
static void connect_mixed(const char *what, address peer) {
  u32 socket;
  if (!create(what, !peer.family, create_tcp, &socket)) return;
  tcp_start_connect(socket, network, FLAT(peer), &r);
  report(what, 1);
  tcp_drop(socket);
}

static void bind(const char *what, address local) {
  u32 socket;
  if (!create(what, local.family, create_tcp, &socket)) return;
  tcp_start_bind(socket, network, FLAT(local), &r);
  report(what, 1);
  tcp_drop(socket);
}

// A bound socket is no way around the grants to connect.
static void connect_bound(void) {
  const char *what = "connect bound 127.0.0.1:80";
  u32 socket;
  if (!create(what, 0, create_tcp, &socket)) return;
  tcp_start_bind(socket, network, FLAT(ipv4(0, 127, 0, 0, 1)), &r);
  tcp_finish_bind(socket, &r);
  tcp_start_connect(socket, network, FLAT(ipv4(80, 127, 0, 0, 1)), &r);
  report(what, 1);
  tcp_drop(socket);
}

// What was not bound can't listen: the system would choose an address.
static void listen_unbound(void) {
  const char *what = "listen unbound";
  u32 socket;
  if (!create(what, 0, create_tcp, &socket)) return;
  tcp_start_listen(socket, &r);
  report(what, 1);
  tcp_drop(socket);
}

static void lookup(const char *name) {
  char what[300];
  snprintf(what, sizeof what, "lookup %s", name);
  resolve_addresses(network, name, strlen(name), &r);
  report(what, 4);
  if (r.bytes[0] == 0) resolve_drop(r.words[1]);
}

static int udp_bind(const char *what, address local, u32 *socket) {
  if (!create(what, local.family, create_udp, socket)) return 0;
  udp_start_bind(*socket, network, FLAT(local), &r);
  report(what, 1);
  int bound = r.bytes[0] == 0;
  if (bound) udp_finish_bind(*socket, &r);
  return bound;
}

static void stream(const char *what, u32 socket, const address *peer, u32 *input, u32 *output) {
  address none = {0};
  udp_stream(socket, peer != NULL, FLAT(peer ? *peer : none), &r);
  if (what) report(what, 4);
  *input = r.bytes[0] ? 0 : r.words[1], *output = r.words[2];
}

static void close(u32 input, u32 output) {
  if (input) incoming_drop(input), outgoing_drop(output);
}

static void send(const char *what, u32 output, address peer) {
  datagram d = to("x", 1, &peer);
  outgoing_check_send(output, &r);
  outgoing_send(output, &d, 1, &r);
  report(what, 8);
}

static void datagrams(void) {
  u32 socket, other, input, output, other_input, other_output;
  if (udp_bind("udp bind 0.0.0.0", ipv4(PORT, 0, 0, 0, 0), &socket)) udp_drop(socket);
  if (udp_bind("udp bind [::]", ipv6(PORT, 0, 0, 0, 0, 0, 0, 0, 0), &socket)) udp_drop(socket);
  if (udp_bind("udp bind 127.0.0.1:0", ipv4(0, 127, 0, 0, 1), &socket)) {
    address granted = ipv4(PORT, 127, 0, 0, 1), another = ipv4(PORT + 1, 127, 0, 0, 1);
    stream("udp peer 127.0.0.1", socket, &granted, &input, &output), close(input, output);
    stream("udp peer 127.0.0.1, port + 1", socket, &another, &input, &output), close(input, output);
    stream(NULL, socket, NULL, &input, &output);
    send("udp send 127.0.0.1, port + 1", output, another);
    send("udp send 127.0.0.2", output, ipv4(PORT, 127, 0, 0, 2));
    send("udp send 0.0.0.0", output, ipv4(PORT, 0, 0, 0, 0));
    if (udp_bind("udp bind 127.0.0.1", granted, &other)) {
      stream(NULL, other, NULL, &other_input, &other_output);
      send("udp send 127.0.0.1", output, granted);
      for (int i = 0; i < 1000; i++) {
        incoming_receive(other_input, 1, &r);
        if (r.words[2]) break;
      }
      attempts++;
      printf("udp receive from 127.0.0.1, some port = %s\n", r.words[2] ? "ok" : "nothing");
      close(other_input, other_output), udp_drop(other);
    }
    close(input, output), udp_drop(socket);
  }
}

int main(int argc, char **argv) {
  network = instance_network();
  connect("connect 127.0.0.1:80", ipv4(80, 127, 0, 0, 1));
  connect("connect 127.0.0.1:81", ipv4(81, 127, 0, 0, 1));
  connect("connect 127.0.0.2:80", ipv4(80, 127, 0, 0, 2));
  connect("connect [::1]:80", ipv6(80, 0, 0, 0, 0, 0, 0, 0, 1));
  connect("connect [::ffff:127.0.0.1]:80", ipv6(80, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1));
  connect("connect [::127.0.0.1]:80", ipv6(80, 0, 0, 0, 0, 0, 0, 0x7f00, 1));
  connect("connect 0.0.0.0:80", ipv4(80, 0, 0, 0, 0));
  connect("connect [::]:80", ipv6(80, 0, 0, 0, 0, 0, 0, 0, 0));
  // Only 8 bits of a part, and 16 of a port, count.
  connect("connect 383.0.0.2:80", ipv4(80 + 65536, 383, 256, 0, 2));
  connect_mixed("connect 127.0.0.1:80 as IPv6", ipv4(80, 127, 0, 0, 1));
  bind("bind 127.0.0.1:0", ipv4(0, 127, 0, 0, 1));
  bind("bind 127.0.0.1", ipv4(PORT, 127, 0, 0, 1));
  bind("bind 127.0.0.1, port + 1", ipv4(PORT + 1, 127, 0, 0, 1));
  bind("bind 0.0.0.0", ipv4(PORT, 0, 0, 0, 0));
  bind("bind 0.0.0.0:0", ipv4(0, 0, 0, 0, 0));
  bind("bind [::]", ipv6(PORT, 0, 0, 0, 0, 0, 0, 0, 0));
  bind("bind [::ffff:127.0.0.1]", ipv6(PORT, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1));
  bind("bind [::ffff:0.0.0.0]", ipv6(PORT, 0, 0, 0, 0, 0, 0xffff, 0, 0));
  connect_bound();
  listen_unbound();
  datagrams();
  static const char *const names[] = {"127.1", "2130706433", "0x7f000001", "localhost.example.", "a.localhost", "LOCALHOST."};
  for (int i = 0; i < sizeof names / sizeof *names; i++) lookup(names[i]);
  lookup(argv[1]);
  connect("connect 127.0.0.1:80 after lookups", ipv4(80, 127, 0, 0, 1));
  connect("connect 127.0.0.1:81 after lookups", ipv4(81, 127, 0, 0, 1));
  printf("attempts: %u\n", attempts);
}
