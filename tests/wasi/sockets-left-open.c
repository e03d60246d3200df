// grants: /
// peer: sockets-left-open.peer.py
// cases: 3
// What was sent to a connection that is open when the program ends still arrives: it returns from main,
// calls exit, or traps.
#include "raw.h"
#include <stdlib.h>

enum { LISTENER = 3 };
static char contents[100000];

int main(int argc, char **argv) {
  u32 c, out;
  while (raw_sock_accept(LISTENER, 0, P(&c))) raw_sched_yield();
  for (u32 i = 0; i < sizeof contents; i++) contents[i] = i * i >> 8;
  struct iov iov = {P(contents), sizeof contents};
  SHOW(raw_sock_send(c, P(&iov), 1, 0, P(&out)));
  printf("sent %u\n", out);
  fflush(stdout);
  if (*argv[1] == '1') exit(7);
  if (*argv[1] == '2') __builtin_trap();
}
