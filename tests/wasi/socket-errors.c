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
  int r;
  while ((r = raw_sock_recv(c, P(&into), 1, 0, P(&out), P(&flags))) == 0) printf("%u\n", out);
  printf("recv = %s\n", name(r));
  SHOW(raw_sock_send(c, P(&text), 1, 0, P(&out)));
  SHOW(raw_sock_shutdown(c, 3));
  SHOW(raw_fd_close(c));
  SHOW(raw_fd_close(3));
  SHOW(raw_sock_accept(3, 0, P(&c)));
}
