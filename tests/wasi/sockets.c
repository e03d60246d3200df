// grants: /
// peer: sockets.peer.py
// A listener, which is descriptor 3, and the connections that sockets.peer.py makes. wasmtime has
// sockets in its older implementation only, which ends the program for unknown flags; see
// socket-errors.c.
#include "raw.h"

static u32 out;
static char buffer[100];
enum { LISTENER = 3, DIR = 4 };
enum { PEEK = 1, WAITALL = 2 };

static void wait_readable(u32 fd) {
  struct subscription s = {7, 1, fd};
  struct event e = {0};
  int r = raw_poll_oneoff(P(&s), P(&e), 1, P(&out));
  printf("readable: %s, %u events: user %llu error %u type %u bytes %llu flags %u\n", name(r), out,
         (unsigned long long)e.user, e.error, e.type, (unsigned long long)e.bytes, e.flags);
}

static void stat(u32 fd) {
  struct fdstat f;
  struct filestat s;
  memset(&f, 0xee, sizeof f), memset(&s, 0xee, sizeof s);
  int r = raw_fd_fdstat_get(fd, P(&f));
  printf("fdstat %s: type %u flags %u\n", name(r), f.type, f.flags);
  r = raw_fd_filestat_get(fd, P(&s));
  printf("filestat %s: dev %llu ino %llu type %u size %llu\n", name(r), (unsigned long long)s.dev,
         (unsigned long long)s.ino, s.type, (unsigned long long)s.size);
}

static void receive(u32 fd, u32 length, u32 flags) {
  struct iov iov = {P(buffer), length};
  uint16_t result_flags = 99;
  out = 99;
  memset(buffer, 0, sizeof buffer);
  int r = raw_sock_recv(fd, P(&iov), 1, flags, P(&out), P(&result_flags));
  if (r) printf("recv = %s\n", name(r));
  else printf("recv %u [%s] flags %u\n", out, buffer, result_flags);
}

static void send(u32 fd, const char *text) {
  struct iov iov = {S(text)};
  out = 99;
  int r = raw_sock_send(fd, P(&iov), 1, 0, P(&out));
  printf("send = %s %u\n", name(r), out);
}

int main(void) {
  u32 c = 99, d = 99, f;
  struct iov into = {P(buffer), 3}, text = {S("written\n")};
  stat(LISTENER);
  wait_readable(LISTENER);
  SHOW(raw_sock_accept(LISTENER, 0, P(&c)));
  printf("%u\n", c);
  SHOW(raw_sock_accept(LISTENER, 0, P(&d)));
  stat(c);

  wait_readable(c);
  receive(c, 0, 0);
  receive(c, 5, PEEK), receive(c, 50, PEEK), receive(c, 6, 0);
  SHOW(raw_fd_read(c, P(&into), 1, P(&out)));
  printf("%u %.3s\n", out, buffer);
  receive(c, 50, 0);
  send(c, "go on\n");
  receive(c, 8, WAITALL);
  SHOW(raw_fd_write(c, P(&text), 1, P(&out)));
  printf("%u\n", out);
  send(c, "");

  // Nothing comes until the peer is told so.
  SHOW(raw_fd_fdstat_set_flags(c, NONBLOCK));
  stat(c);
  receive(c, 5, 0);
  SHOW(raw_fd_read(c, P(&into), 1, P(&out)));
  SHOW(raw_fd_fdstat_set_flags(c, APPEND));
  SHOW(raw_fd_fdstat_set_flags(c, 0));
  stat(c);
  struct subscription s[2] = {{1, 1, c}, {2, 0, 1, 20000000}};
  struct event e[2] = {0};
  SHOW(raw_poll_oneoff(P(s), P(e), 2, P(&out)));
  printf("%u events: user %llu\n", out, (unsigned long long)e[0].user);
  struct subscription w = {3, 2, c};
  SHOW(raw_poll_oneoff(P(&w), P(e), 1, P(&out)));
  printf("%u events: user %llu type %u\n", out, (unsigned long long)e[0].user, e[0].type);

  // What sockets can't do, and what can't do what sockets do.
  raw_path_open(DIR, 0, S("f"), CREAT, R_READ | R_WRITE, 0, 0, P(&f));
  printf("%u\n", f);
  u64 position;
  SHOW(raw_fd_seek(c, 0, 0, P(&position)));
  SHOW(raw_fd_pread(c, P(&into), 1, 0, P(&out)));
  SHOW(raw_fd_filestat_set_size(c, 0));
  SHOW(raw_path_create_directory(c, S("x")));
  SHOW(raw_fd_prestat_get(c, P(buffer)));
  SHOW(raw_fd_readdir(c, P(buffer), 50, 0, P(&out)));
  SHOW(raw_sock_accept(c, 0, P(&d)));
  SHOW(raw_sock_shutdown(LISTENER, 1));
  receive(LISTENER, 5, 0), send(LISTENER, "x");
  SHOW(raw_fd_read(LISTENER, P(&into), 1, P(&out)));
  SHOW(raw_sock_shutdown(77, 1));

  SHOW(raw_sock_shutdown(c, 2));
  send(c, "late");
  receive(c, 50, WAITALL - 2);
  receive(c, 50, 0);
  wait_readable(c);
  // Both directions have ended.
  SHOW(raw_poll_oneoff(P(&w), P(e), 1, P(&out)));
  printf("%u events: user %llu type %u flags %u\n", out, (unsigned long long)e[0].user, e[0].type, e[0].flags);
  SHOW(raw_fd_close(c));
  receive(c, 50, 0);

  wait_readable(LISTENER);
  SHOW(raw_sock_accept(LISTENER, NONBLOCK, P(&d)));
  stat(d);
  receive(d, 50, 0);
  send(d, "close\n");
  wait_readable(d);
  receive(d, 50, 0);
  SHOW(raw_fd_renumber(d, 40));
  SHOW(raw_fd_renumber(d, f));
  receive(f, 50, 0);
  receive(d, 50, 0);
}
