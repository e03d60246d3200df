// Every function of wasi:sockets, on the loopback interfaces, with what it must refuse in each state; with the argument
// `keep-alive` also the options for the times of keep-alive.
#include "sockets.h"

static int six, keep_alive_times;
static u32 network;

#define UNIT(call) (memset(&r, 0, sizeof r), (call), printf("%-28.*s %s\n", (int)strcspn(#call, "("), #call, outcome(1)))
#define AT(payload, call) \
  (memset(&r, 0, sizeof r), (call), printf("%-28.*s %s\n", (int)strcspn(#call, "("), #call, outcome(payload)))

static address loopback(u32 port) {
  return six ? ipv6(port, 0, 0, 0, 0, 0, 0, 0, 1) : ipv4(port, 127, 0, 0, 1);
}

// Prints a result<ip-socket-address, error-code>, but for the port; the port.
static u32 show(const char *what) {
  printf("%-28s %s", what, outcome(4));
  if (r.bytes[0] == 0) {
    printf(" %d", r.bytes[4]);
    for (int i = r.bytes[4] ? 12 : 10; i < (r.bytes[4] ? 36 : 14); i++) printf(" %d", r.bytes[i]);
  }
  printf("\n");
  return r.bytes[8] | r.bytes[9] << 8;
}

// Prints a result<list<u8>, stream-error>.
static void show_list(const char *what) {
  printf("%-28s ", what);
  if (r.bytes[0]) {
    printf(r.bytes[4] ? "closed\n" : "failed\n");
  } else {
    printf("%u bytes `%.*s`\n", r.words[2], (int)r.words[2], (const char *)r.words[1]);
  }
}

static u32 tcp(void) {
  AT(4, create_tcp(six, &r));
  return r.words[1];
}

#define GET64(call) ((call), printf("%-28.*s %llu\n", (int)strcspn(#call, "("), #call, r.longs[1]))
#define GET32(call) ((call), printf("%-28.*s %u\n", (int)strcspn(#call, "("), #call, r.words[1]))
#define GET8(call) ((call), printf("%-28.*s %u\n", (int)strcspn(#call, "("), #call, r.bytes[1]))

static void tcp_options(u32 socket) {
  static const u64 times[] = {0, 1, 1500000000, 1000000000000, 1000000000000000000};
  static const u32 numbers[] = {0, 1, 3, 255, 1000};
  static const u64 sizes[] = {0, 50000, 1ull << 40};
  GET8(tcp_keep_alive(socket, &r));
  UNIT(tcp_set_keep_alive(socket, 1, &r));
  GET8(tcp_keep_alive(socket, &r));
  for (int i = 0; i < 5; i++) {
    if (keep_alive_times) {
      UNIT(tcp_set_idle(socket, times[i], &r));
      GET64(tcp_idle(socket, &r));
      UNIT(tcp_set_interval(socket, times[i], &r));
      GET64(tcp_interval(socket, &r));
      UNIT(tcp_set_count(socket, numbers[i], &r));
      GET32(tcp_count(socket, &r));
    }
    UNIT(tcp_set_hop_limit(socket, numbers[i], &r));
    GET8(tcp_hop_limit(socket, &r));
  }
  for (int i = 0; i < 3; i++) {
    UNIT(tcp_set_receive_size(socket, sizes[i], &r));
    UNIT(tcp_set_send_size(socket, sizes[i], &r));
    // What a socket has at first, and what a system makes of a size that is too large, is its own affair.
    if (i != 1) continue;
    GET64(tcp_receive_size(socket, &r));
    GET64(tcp_send_size(socket, &r));
  }
}

static void refused_connection(u32 port) {
  u32 socket = tcp();
  UNIT(tcp_start_connect(socket, network, FLAT(loopback(port)), &r));
  u32 pollable = tcp_subscribe(socket);
  pollable_block(pollable);
  AT(4, tcp_finish_connect(socket, &r));
  AT(4, tcp_finish_connect(socket, &r));
  UNIT(tcp_start_connect(socket, network, FLAT(loopback(port)), &r));
  tcp_local_address(socket, &r);
  show("tcp_local_address");
  UNIT(tcp_hop_limit(socket, &r));
  pollable_drop(pollable);
  tcp_drop(socket);
}

// Writes what is permitted, with nobody who reads meanwhile: no write may wait.
static void fill(u32 output, u32 input) {
  static char bytes[1 << 20];
  u64 sent = 0, received = 0;
  for (int writes = 0; writes < 1000; writes++) {
    output_check_write(output, &r);
    u64 permit = r.longs[1];
    if (r.bytes[0] || permit == 0 || permit > sizeof bytes) break;
    output_write(output, bytes, permit, &r);
    if (r.bytes[0]) break;
    sent += permit;
  }
  while (received < sent) {
    input_blocking_read(input, sent - received, &r);
    if (r.bytes[0]) break;
    received += r.words[2];
    free((void *)r.words[1]);
  }
  printf("%-28s %s\n", "filled", sent == 0 ? "nothing" : sent == received ? "ok" : "lost bytes");
}

static void small_buffers(u32 receive_size, u32 send_size) {
  u32 server = tcp(), client = tcp();
  UNIT(tcp_set_receive_size(server, receive_size, &r));
  UNIT(tcp_set_send_size(client, send_size, &r));
  UNIT(tcp_start_bind(server, network, FLAT(loopback(0)), &r));
  UNIT(tcp_finish_bind(server, &r));
  UNIT(tcp_start_listen(server, &r));
  UNIT(tcp_finish_listen(server, &r));
  tcp_local_address(server, &r);
  u32 port = show("tcp_local_address");
  UNIT(tcp_start_connect(client, network, FLAT(loopback(port)), &r));
  u32 pollable = tcp_subscribe(client);
  pollable_block(pollable);
  pollable_drop(pollable);
  AT(4, tcp_finish_connect(client, &r));
  u32 client_input = r.words[1], client_output = r.words[2];
  pollable = tcp_subscribe(server);
  pollable_block(pollable);
  pollable_drop(pollable);
  AT(4, tcp_accept(server, &r));
  u32 accepted = r.words[1], input = r.words[2], output = r.words[3];
  for (int i = 0; i < 3; i++) fill(client_output, input);
  input_drop(client_input), output_drop(client_output), tcp_drop(client);
  input_drop(input), output_drop(output), tcp_drop(accepted);
  tcp_drop(server);
}

static void all_tcp(void) {
  u32 server = tcp();
  printf("listening %u, family %u\n", tcp_is_listening(server), tcp_family(server));
  tcp_local_address(server, &r);
  show("tcp_local_address");
  UNIT(tcp_start_listen(server, &r));
  UNIT(tcp_finish_bind(server, &r));
  AT(4, tcp_accept(server, &r));
  puts("-- multicast, IPv4-mapped, IPv4-compatible");
  UNIT(tcp_start_bind(server, network, FLAT(ipv4(0, 224, 0, 0, 1)), &r));
  UNIT(tcp_start_bind(server, network, FLAT(ipv6(0, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)), &r));
  UNIT(tcp_start_bind(server, network, FLAT(ipv6(0, 0, 0, 0, 0, 0, 0, 0x7f00, 1)), &r));
  puts("-- binding");
  UNIT(tcp_start_bind(server, network, FLAT(loopback(0)), &r));
  UNIT(tcp_start_bind(server, network, FLAT(loopback(0)), &r));
  UNIT(tcp_start_listen(server, &r));
  UNIT(tcp_finish_bind(server, &r));
  UNIT(tcp_finish_bind(server, &r));
  UNIT(tcp_start_bind(server, network, FLAT(loopback(0)), &r));
  puts("-- listening");
  UNIT(tcp_set_backlog(server, 0, &r));
  UNIT(tcp_set_backlog(server, 5, &r));
  u32 server_pollable = tcp_subscribe(server);
  printf("ready %u\n", pollable_ready(server_pollable));
  UNIT(tcp_start_listen(server, &r));
  printf("ready %u\n", pollable_ready(server_pollable));
  UNIT(tcp_finish_listen(server, &r));
  printf("ready %u, listening %u\n", pollable_ready(server_pollable), tcp_is_listening(server));
  AT(4, tcp_accept(server, &r));
  tcp_local_address(server, &r);
  u32 port = show("tcp_local_address");
  puts("-- port 0, unspecified, broadcast");
  u32 client = tcp();
  UNIT(tcp_start_connect(client, network, FLAT(loopback(0)), &r));
  UNIT(tcp_start_connect(client, network, FLAT(ipv4(80, 0, 0, 0, 0)), &r));
  UNIT(tcp_start_connect(client, network, FLAT(ipv4(80, 255, 255, 255, 255)), &r));
  AT(4, tcp_finish_connect(client, &r));
  UNIT(tcp_shutdown(client, 2, &r));
  puts("-- connecting");
  u32 client_pollable = tcp_subscribe(client);
  UNIT(tcp_start_connect(client, network, FLAT(loopback(port)), &r));
  UNIT(tcp_start_connect(client, network, FLAT(loopback(port)), &r));
  UNIT(tcp_hop_limit(client, &r));
  pollable_block(client_pollable);
  AT(4, tcp_finish_connect(client, &r));
  u32 client_input = r.words[1], client_output = r.words[2];
  AT(4, tcp_finish_connect(client, &r));
  tcp_remote_address(client, &r);
  show("tcp_remote_address");
  pollable_block(server_pollable);
  AT(4, tcp_accept(server, &r));
  u32 accepted = r.words[1], input = r.words[2], output = r.words[3];
  tcp_remote_address(accepted, &r);
  show("tcp_remote_address");
  tcp_remote_address(server, &r);
  show("tcp_remote_address");
  puts("-- streams");
  input_read(input, 100, &r);
  show_list("input_read");
  output_check_write(client_output, &r);
  AT(4, output_write(client_output, "hello", 5, &r));
  u32 input_pollable = input_subscribe(input);
  pollable_block(input_pollable);
  input_read(input, 100, &r);
  show_list("input_read");
  AT(4, output_write_and_flush(output, "world", 5, &r));
  input_blocking_read(client_input, 3, &r);
  show_list("input_blocking_read");
  input_blocking_read(client_input, 30, &r);
  show_list("input_blocking_read");
  UNIT(tcp_shutdown(client, 1, &r));
  output_check_write(client_output, &r);
  printf("check-write %d %d\n", r.bytes[0], r.bytes[8]);
  input_blocking_read(input, 30, &r);
  show_list("input_blocking_read");
  input_read(input, 30, &r);
  show_list("input_read");
  UNIT(tcp_shutdown(accepted, 0, &r));
  UNIT(tcp_shutdown(accepted, 0, &r));
  puts("-- options");
  tcp_options(client);
  pollable_drop(input_pollable), pollable_drop(client_pollable), pollable_drop(server_pollable);
  input_drop(client_input), output_drop(client_output), tcp_drop(client);
  input_drop(input), output_drop(output), tcp_drop(accepted);
  tcp_drop(server);
  puts("-- a connection that is refused");
  refused_connection(port);
  puts("-- small buffers");
  small_buffers(1, 1);
  small_buffers(1, 10000);
  small_buffers(50000, 1);
}

static u32 udp(void) {
  AT(4, create_udp(six, &r));
  return r.words[1];
}

static void send(const char *what, u32 stream, const datagram *datagrams, u32 count) {
  outgoing_check_send(stream, &r);
  outgoing_send(stream, datagrams, count, &r);
  printf("%-28s %s", what, outcome(8));
  printf(r.bytes[0] ? "\n" : " %llu\n", r.longs[1]);
}

static void receive(u32 stream, u64 most) {
  incoming_receive(stream, most, &r);
  printf("%-28s %s", "incoming_receive", outcome(4));
  if (r.bytes[0] == 0) {
    const struct {
      const char *data;
      u32 length;
      u8 family, rest[31];
    } *list = (void *)r.words[1];
    for (u32 i = 0; i < r.words[2]; i++) printf(" `%.*s` %d", (int)list[i].length, list[i].data, list[i].family);
  }
  printf("\n");
}

static void connect(u32 socket, const address *peer, u32 *input, u32 *output) {
  address none = {0};
  AT(4, udp_stream(socket, peer != NULL, FLAT(peer ? *peer : none), &r));
  *input = r.words[1], *output = r.words[2];
}

static void all_udp(void) {
  static char large[70000];
  u32 none;
  u32 server = udp();
  printf("family %u\n", udp_family(server));
  udp_local_address(server, &r);
  show("udp_local_address");
  udp_remote_address(server, &r);
  show("udp_remote_address");
  connect(server, NULL, &none, &none);
  UNIT(udp_finish_bind(server, &r));
  UNIT(udp_start_bind(server, network, FLAT(ipv6(0, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)), &r));
  UNIT(udp_start_bind(server, network, FLAT(loopback(0)), &r));
  UNIT(udp_start_bind(server, network, FLAT(loopback(0)), &r));
  UNIT(udp_finish_bind(server, &r));
  UNIT(udp_start_bind(server, network, FLAT(loopback(0)), &r));
  udp_local_address(server, &r);
  address at = loopback(show("udp_local_address"));
  u32 input, output, client_input, client_output;
  connect(server, NULL, &input, &output);
  u32 client = udp();
  UNIT(udp_start_bind(client, network, FLAT(loopback(0)), &r));
  UNIT(udp_finish_bind(client, &r));
  udp_local_address(client, &r);
  address client_at = loopback(show("udp_local_address"));
  puts("-- unspecified, port 0");
  address unspecified = ipv4(80, 0, 0, 0, 0), nowhere = loopback(0);
  connect(client, &unspecified, &none, &none);
  connect(client, &nowhere, &none, &none);
  puts("-- datagrams");
  connect(client, &at, &client_input, &client_output);
  udp_remote_address(client, &r);
  show("udp_remote_address");
  outgoing_send(client_output, NULL, 0, &r);
  printf("nothing %llu\n", r.longs[1]);
  datagram two[] = {to("hello", 5, NULL), to("", 0, &at)};
  send("two", client_output, two, 2);
  u32 pollable = incoming_subscribe(input);
  pollable_block(pollable);
  receive(input, 0);
  receive(input, 1);
  pollable_block(pollable);
  receive(input, 100);
  receive(input, 100);
  datagram back = to("world", 5, &client_at);
  send("back", output, &back, 1);
  u32 client_pollable = incoming_subscribe(client_input);
  pollable_block(client_pollable);
  receive(client_input, 100);
  puts("-- what can't be sent");
  send("to another", client_output, &back, 1);
  send("to nobody", output, two, 1);
  datagram bad[] = {back, to("x", 1, &nowhere)};
  send("to port 0", output, bad + 1, 1);
  send("the second to port 0", output, bad, 2);
  datagram too_large = to(large, sizeof large, &client_at);
  send("too large", output, &too_large, 1);
  puts("-- options");
  GET8(udp_hop_limit(client, &r));
  UNIT(udp_set_hop_limit(client, 0, &r));
  UNIT(udp_set_hop_limit(client, 9, &r));
  GET8(udp_hop_limit(client, &r));
  UNIT(udp_set_receive_size(client, 0, &r));
  UNIT(udp_set_receive_size(client, 50000, &r));
  GET64(udp_receive_size(client, &r));
  UNIT(udp_set_send_size(client, 0, &r));
  UNIT(udp_set_send_size(client, 50000, &r));
  GET64(udp_send_size(client, &r));
  u32 ready = udp_subscribe(client);
  printf("ready %u\n", pollable_ready(ready));
  pollable_drop(ready), pollable_drop(client_pollable);
  puts("-- other peers");
  incoming_drop(client_input), outgoing_drop(client_output);
  connect(client, NULL, &client_input, &client_output);
  udp_remote_address(client, &r);
  show("udp_remote_address");
  incoming_drop(client_input), outgoing_drop(client_output);
  connect(client, &at, &client_input, &client_output);
  incoming_drop(client_input), outgoing_drop(client_output);
  pollable_drop(pollable), incoming_drop(input), outgoing_drop(output);
  udp_drop(client), udp_drop(server);
}

static void lookup(const char *name, u32 length) {
  resolve_addresses(network, name, length, &r);
  printf("%-28.20s %s\n", name, outcome(4));
  if (r.bytes[0]) return;
  u32 stream = r.words[1], pollable = resolve_subscribe(stream);
  pollable_block(pollable);
  for (;;) {
    resolve_next(stream, &r);
    if (r.bytes[0] || r.bytes[2] == 0) break;
    printf("  %d:", r.bytes[4]);
    for (int i = 6; i < (r.bytes[4] ? 22 : 10); i++) printf(" %d", r.bytes[i]);
    printf("\n");
  }
  pollable_drop(pollable), resolve_drop(stream);
}

int main(int argc, char **argv) {
  keep_alive_times = argc > 1 && strcmp(argv[1], "keep-alive") == 0;
  network = instance_network();
  for (six = 0; six < 2; six++) {
    all_tcp();
    all_udp();
  }
  static const char *const names[] = {"127.0.0.1", "::1", "[::1]", "0.0.0.0", "::ffff:1.2.3.4", "a b", "", "a/b", "1.2.3.4.5"};
  for (int i = 0; i < sizeof names / sizeof *names; i++) lookup(names[i], strlen(names[i]));
}
