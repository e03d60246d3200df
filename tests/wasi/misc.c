// also: preview0
// Clocks, randomness, yielding, signals, sockets.
#include "raw.h"

static u32 out[2];
static u64 time1, time2;

int main(void) {
  for (u32 id = 0; id < 4; id++) {
    printf("clock %u: res %s", id, name(raw_clock_res_get(id, P(&time1))));
    if (id < 2) printf(" %s", time1 > 0 && time1 <= 1000000 ? "fine" : "coarse");
    printf(" time %s", name(raw_clock_time_get(id, 0, P(&time1))));
    raw_clock_time_get(id, ~0ull, P(&time2));
    if (id < 2) printf(" %s", time2 >= time1 && time2 - time1 < 1000000000 ? "goes on" : "jumps");
    printf("\n");
  }
  raw_clock_time_get(0, 0, P(&time1));
  printf("%s\n", time1 > 1700000000000000000 ? "this century" : "long ago");

  static unsigned char bytes[3000], others[3000];
  SHOW(raw_random_get(P(bytes), 0));
  printf("%u\n", bytes[0]);
  SHOW(raw_random_get(P(bytes), 1000)), SHOW(raw_random_get(P(others), 1000));
  int zeroes = 0, same = 0;
  for (int i = 0; i < 1000; i++) zeroes += !bytes[i], same += bytes[i] == others[i];
  printf("%s %s %u\n", zeroes < 30 ? "random" : "not random", same < 30 ? "differ" : "same", bytes[1000]);
  static unsigned char many[1 << 20];
  SHOW(raw_random_get(P(many), sizeof many));
  int counts[256] = {0}, ok = 1;
  for (int i = 0; i < sizeof many; i++) counts[many[i]]++;
  for (int i = 0; i < 256; i++) ok &= counts[i] > 3000 && counts[i] < 5500;
  printf("%s\n", ok ? "even" : "uneven");

  SHOW(raw_sched_yield());
  SHOW(raw_proc_raise(15));
  u32 f;
  raw_path_open(3, 0, S("f"), CREAT, R_READ | R_WRITE, 0, 0, P(&f));
  u32 fds[] = {0, 1, 3, f, 77};
  for (int i = 0; i < 5; i++) {
    printf("socket %u:", fds[i]);
    // wasmtime has no sockets in preview 0.
#ifndef PREVIEW0
    printf(" accept %s", name(raw_sock_accept(fds[i], 0, P(out))));
    printf(" recv %s", name(raw_sock_recv(fds[i], 0, 0, 0, P(out), P(out + 1))));
    printf(" send %s", name(raw_sock_send(fds[i], 0, 0, 0, P(out))));
    printf(" shutdown %s", name(raw_sock_shutdown(fds[i], 1)));
#endif
    printf("\n");
  }
}
