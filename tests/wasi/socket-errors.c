// windows: Wine tells of a reset only once, and poll_oneoff has asked then
// alone: it ends the program or ignores unknown flags; reset connections; listeners beside directories
// grants: /
// peer: socket-errors.peer.py
// What wasmtime's sockets can't be compared in: unknown flags, with which it ends the program or
// which it ignores, a connection that is reset, and a program that has a directory, too, which
// C libraries don't find behind wasmtime's listeners.
#include "raw.h"
#include <fcntl.h>
#include <unistd.h>

static u32 out;
static char buffer[100];
enum { WRITE = 2 };

// Until the other end has gone there is just room for more to send.
static void wait_for_hang_up(u32 fd) {
  struct subscription s = {1, WRITE, fd};
  struct event e;
  do
    if (raw_poll_oneoff(P(&s), P(&e), 1, P(&out))) break;
  while (!e.flags);
  printf("hang-up: error %u type %u\n", e.error, e.type);
}

// Without a free descriptor nothing may happen that can't be undone.
static void use_up_descriptors(void) {
  static u32 fds[5000];
  struct subscription s = {1, 1, 3};
  struct event e;
  u32 c, count = 0, r;
  SHOW(raw_poll_oneoff(P(&s), P(&e), 1, P(&out)));
  while (!(r = raw_path_open(4, 0, S("f"), 0, R_READ, 0, 0, P(&fds[count])))) count++;
  printf("path_open = %s\n", name(r));
  SHOW(raw_path_open(4, 0, S("new"), CREAT, R_READ | R_WRITE, 0, 0, P(&c)));
  SHOW(raw_path_open(4, 0, S("f"), TRUNC, R_READ | R_WRITE, 0, 0, P(&c)));
  SHOW(raw_sock_accept(3, 0, P(&c)));
  raw_fd_close(fds[count / 2]);
  SHOW(raw_sock_accept(3, 0, P(&c)));
  printf("in its place: %d\n", c == fds[count / 2]);
  struct iov into = {P(buffer), 5};
  uint16_t flags;
  SHOW(raw_sock_recv(c, P(&into), 1, 2, P(&out), P(&flags)));
  printf("%.5s\n", buffer);
  for (u32 i = 0; i < count; i++) raw_fd_close(fds[i]);
  struct filestat stat;
  SHOW(raw_path_filestat_get(4, 0, S("new"), P(&stat)));
  SHOW(raw_path_filestat_get(4, 0, S("f"), P(&stat)));
  printf("size %llu\n", (unsigned long long)stat.size);
}

int main(void) {
  u32 c, f;
  uint16_t flags;
  struct iov into = {P(buffer), 50}, text = {S("hello\n")};

  // The listener is passed over when a library looks for directories.
  SHOW(raw_fd_prestat_get(3, P(buffer)));
  printf("tag %u\n", buffer[0]);
  SHOW(raw_fd_prestat_dir_name(3, P(buffer), 100));
  SHOW(raw_fd_prestat_get(4, P(buffer)));
  printf("tag %u\n", buffer[0]);
  SHOW(raw_fd_prestat_get(5, P(buffer)));
  int file = open("/f", O_CREAT | O_RDWR, 0600);
  printf("file %d, written %zd\n", file, write(file, "abc", 3));

  SHOW(raw_sock_accept(3, APPEND, P(&f)));
  SHOW(raw_sock_accept(3, 99, P(&f)));
  while (raw_sock_accept(3, 0, P(&c))) raw_sched_yield();
  SHOW(raw_sock_recv(c, P(&into), 1, 4, P(&out), P(&flags)));
  SHOW(raw_sock_recv(c, P(&into), 1, 0xffff, P(&out), P(&flags)));
  SHOW(raw_sock_recv(c, P(&into), 0, 1, P(&out), P(&flags)));
  SHOW(raw_sock_send(c, P(&text), 1, 1, P(&out)));
  SHOW(raw_sock_shutdown(c, 0));
  SHOW(raw_sock_shutdown(c, 4));
  SHOW(raw_fd_fdstat_set_flags(c, SYNC));
  SHOW(raw_fd_fdstat_set_flags(c, 99));
  SHOW(raw_fd_filestat_set_times(c, 0, 0, 0));
  SHOW(raw_fd_advise(c, 0, 0, 0));
  // Several pieces, also to peek into.
  struct iov pieces[3] = {{P(buffer), 2}, {P(buffer + 50), 0}, {P(buffer + 10), 40}};
  SHOW(raw_sock_recv(c, P(pieces), 3, 3, P(&out), P(&flags)));
  printf("%u %.2s %.40s\n", out, buffer, buffer + 10);
  SHOW(raw_sock_recv(c, P(pieces), 3, 2, P(&out), P(&flags)));
  SHOW(raw_sock_send(c, P(&text), 1, 0, P(&out)));
  wait_for_hang_up(c);
  int r;
  while ((r = raw_sock_recv(c, P(&into), 1, 0, P(&out), P(&flags))) == 0 && out) printf("%u\n", out);
  printf("recv = %s\n", name(r));
  SHOW(raw_sock_send(c, P(&text), 1, 0, P(&out)));
  SHOW(raw_sock_shutdown(c, 3));
  SHOW(raw_fd_close(c));
  use_up_descriptors();
  SHOW(raw_fd_close(3));
  SHOW(raw_sock_accept(3, 0, P(&c)));
}
