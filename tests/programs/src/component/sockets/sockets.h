// wasi:sockets and what goes with it, as core functions, so that a program can pass any value.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define IMPORT(symbol, type, interface, name, ...) \
  type symbol(__VA_ARGS__) __attribute__((import_module("wasi:" interface "@0.2.12"), import_name(name)))

// An ip-socket-address in parameters: its discriminant, and as much of the rest as it has.
#define ADDRESS u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32
typedef struct {
  u32 family, part[11];
} address;
#define FLAT(a)                                                                                           \
  (a).family, (a).part[0], (a).part[1], (a).part[2], (a).part[3], (a).part[4], (a).part[5], (a).part[6], \
      (a).part[7], (a).part[8], (a).part[9], (a).part[10]

// Where results in memory go.
typedef union {
  u8 bytes[64];
  u32 words[16];
  u64 longs[8];
} result;

IMPORT(instance_network, u32, "sockets/instance-network", "instance-network", void);
IMPORT(create_tcp, void, "sockets/tcp-create-socket", "create-tcp-socket", u32, result *);
IMPORT(create_udp, void, "sockets/udp-create-socket", "create-udp-socket", u32, result *);

#define TCP(symbol, type, name, ...) IMPORT(tcp_##symbol, type, "sockets/tcp", "[method]tcp-socket." name, u32, __VA_ARGS__)
TCP(start_bind, void, "start-bind", u32, ADDRESS, result *);
TCP(finish_bind, void, "finish-bind", result *);
TCP(start_connect, void, "start-connect", u32, ADDRESS, result *);
TCP(finish_connect, void, "finish-connect", result *);
TCP(start_listen, void, "start-listen", result *);
TCP(finish_listen, void, "finish-listen", result *);
TCP(accept, void, "accept", result *);
TCP(local_address, void, "local-address", result *);
TCP(remote_address, void, "remote-address", result *);
TCP(set_backlog, void, "set-listen-backlog-size", u64, result *);
TCP(keep_alive, void, "keep-alive-enabled", result *);
TCP(set_keep_alive, void, "set-keep-alive-enabled", u32, result *);
TCP(idle, void, "keep-alive-idle-time", result *);
TCP(set_idle, void, "set-keep-alive-idle-time", u64, result *);
TCP(interval, void, "keep-alive-interval", result *);
TCP(set_interval, void, "set-keep-alive-interval", u64, result *);
TCP(count, void, "keep-alive-count", result *);
TCP(set_count, void, "set-keep-alive-count", u32, result *);
TCP(hop_limit, void, "hop-limit", result *);
TCP(set_hop_limit, void, "set-hop-limit", u32, result *);
TCP(receive_size, void, "receive-buffer-size", result *);
TCP(set_receive_size, void, "set-receive-buffer-size", u64, result *);
TCP(send_size, void, "send-buffer-size", result *);
TCP(set_send_size, void, "set-send-buffer-size", u64, result *);
TCP(shutdown, void, "shutdown", u32, result *);
IMPORT(tcp_is_listening, u32, "sockets/tcp", "[method]tcp-socket.is-listening", u32);
IMPORT(tcp_family, u32, "sockets/tcp", "[method]tcp-socket.address-family", u32);
IMPORT(tcp_subscribe, u32, "sockets/tcp", "[method]tcp-socket.subscribe", u32);
IMPORT(tcp_drop, void, "sockets/tcp", "[resource-drop]tcp-socket", u32);

#define UDP(symbol, type, name, ...) IMPORT(udp_##symbol, type, "sockets/udp", "[method]udp-socket." name, u32, __VA_ARGS__)
UDP(start_bind, void, "start-bind", u32, ADDRESS, result *);
UDP(finish_bind, void, "finish-bind", result *);
UDP(stream, void, "stream", u32, ADDRESS, result *);
UDP(local_address, void, "local-address", result *);
UDP(remote_address, void, "remote-address", result *);
UDP(hop_limit, void, "unicast-hop-limit", result *);
UDP(set_hop_limit, void, "set-unicast-hop-limit", u32, result *);
UDP(receive_size, void, "receive-buffer-size", result *);
UDP(set_receive_size, void, "set-receive-buffer-size", u64, result *);
UDP(send_size, void, "send-buffer-size", result *);
UDP(set_send_size, void, "set-send-buffer-size", u64, result *);
IMPORT(udp_family, u32, "sockets/udp", "[method]udp-socket.address-family", u32);
IMPORT(udp_subscribe, u32, "sockets/udp", "[method]udp-socket.subscribe", u32);
IMPORT(udp_drop, void, "sockets/udp", "[resource-drop]udp-socket", u32);
IMPORT(incoming_receive, void, "sockets/udp", "[method]incoming-datagram-stream.receive", u32, u64, result *);
IMPORT(incoming_subscribe, u32, "sockets/udp", "[method]incoming-datagram-stream.subscribe", u32);
IMPORT(incoming_drop, void, "sockets/udp", "[resource-drop]incoming-datagram-stream", u32);
IMPORT(outgoing_check_send, void, "sockets/udp", "[method]outgoing-datagram-stream.check-send", u32, result *);
IMPORT(outgoing_send, void, "sockets/udp", "[method]outgoing-datagram-stream.send", u32, const void *, u32, result *);
IMPORT(outgoing_drop, void, "sockets/udp", "[resource-drop]outgoing-datagram-stream", u32);

IMPORT(resolve_addresses, void, "sockets/ip-name-lookup", "resolve-addresses", u32, const char *, u32, result *);
IMPORT(resolve_next, void, "sockets/ip-name-lookup", "[method]resolve-address-stream.resolve-next-address", u32, result *);
IMPORT(resolve_subscribe, u32, "sockets/ip-name-lookup", "[method]resolve-address-stream.subscribe", u32);
IMPORT(resolve_drop, void, "sockets/ip-name-lookup", "[resource-drop]resolve-address-stream", u32);

IMPORT(input_read, void, "io/streams", "[method]input-stream.read", u32, u64, result *);
IMPORT(input_blocking_read, void, "io/streams", "[method]input-stream.blocking-read", u32, u64, result *);
IMPORT(input_subscribe, u32, "io/streams", "[method]input-stream.subscribe", u32);
IMPORT(input_drop, void, "io/streams", "[resource-drop]input-stream", u32);
IMPORT(output_check_write, void, "io/streams", "[method]output-stream.check-write", u32, result *);
IMPORT(output_write, void, "io/streams", "[method]output-stream.write", u32, const void *, u32, result *);
IMPORT(output_write_and_flush, void, "io/streams", "[method]output-stream.blocking-write-and-flush", u32, const void *, u32,
       result *);
IMPORT(output_drop, void, "io/streams", "[resource-drop]output-stream", u32);
IMPORT(pollable_block, void, "io/poll", "[method]pollable.block", u32);
IMPORT(pollable_ready, u32, "io/poll", "[method]pollable.ready", u32);
IMPORT(pollable_drop, void, "io/poll", "[resource-drop]pollable", u32);

// Lists that are results are in memory of ours.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, u32 old_size, u32 alignment, u32 size) {
  return realloc(old, size ? size : 1);
}

static const char *const errors[] = {
    "unknown",           "access-denied",        "not-supported",       "invalid-argument",
    "out-of-memory",     "timeout",              "concurrency-conflict", "not-in-progress",
    "would-block",       "invalid-state",        "new-socket-limit",    "address-not-bindable",
    "address-in-use",    "remote-unreachable",   "connection-refused",  "connection-reset",
    "connection-aborted", "datagram-too-large",  "name-unresolvable",   "temporary-resolver-failure",
    "permanent-resolver-failure"};

static result r;

// The outcome of a call with a result<_, error-code> whose payload is at this offset.
static const char *outcome(u32 payload) {
  if (r.bytes[0] == 0) return "ok";
  return r.bytes[payload] < 21 ? errors[r.bytes[payload]] : "no error";
}

static address ipv4(u32 port, u32 a, u32 b, u32 c, u32 d) {
  return (address){0, {port, a, b, c, d}};
}

static address ipv6(u32 port, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f, u32 g, u32 h) {
  return (address){1, {port, 0, a, b, c, d, e, f, g, h, 0}};
}

// An outgoing-datagram.
typedef struct {
  const void *data;
  u32 length;
  u8 has_address, padding[3];
  u8 family, padding2[3];
  u16 port;
  u8 rest[26];
} datagram;
_Static_assert(sizeof(datagram) == 44, "as in the canonical ABI");

static datagram to(const void *data, u32 length, const address *peer) {
  datagram d = {data, length};
  if (!peer) return d;
  d.has_address = 1, d.family = peer->family, d.port = peer->part[0];
  for (int i = 0; i < 4 && peer->family == 0; i++) d.rest[i] = peer->part[1 + i];
  for (int i = 0; i < 8 && peer->family == 1; i++) memcpy(d.rest + 6 + 2 * i, &peer->part[2 + i], 2);
  return d;
}
