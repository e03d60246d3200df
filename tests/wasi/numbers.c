// also: preview0
// Arguments that are numbers: clocks, signals, lengths of random bytes; and how few arguments and variables there
// may be.
#include "raw.h"
#include <stdlib.h>

static u64 time_;
static unsigned char bytes[70000];

int main(void) {
  u32 count, size;
  printf("arguments %s", name(raw_args_sizes_get(P(&count), P(&size))));
  printf(" %u\n", count);
  printf("variables %s", name(raw_environ_sizes_get(P(&count), P(&size))));
  printf(" %u %u\n", count, size);
  u32 pointers[2] = {1, 2};
  printf("no variables %s", name(raw_environ_get(P(pointers), P(bytes))));
  printf(" %u %u %u\n", pointers[0], pointers[1], bytes[0]);
  for (u32 clock = 0; clock < 4; clock++) {
    for (int precision = 0; precision < 64; precision += 9)
      printf("%s ", name(raw_clock_time_get(clock, 1ull << precision, P(&time_))));
    printf("%s\n", name(raw_clock_res_get(clock, P(&time_))));
  }
  // The clock never goes back.
  u64 last = 0, back = 0;
  for (int i = 0; i < 20000; i++) {
    raw_clock_time_get(1, 0, P(&time_));
    back += time_ < last, last = time_;
  }
  printf("back %llu\n", back);
  for (u32 signal = 0; signal < 31; signal++) printf("%s ", name(raw_proc_raise(signal)));
  printf("\n");
  static const u32 lengths[] = {0, 1, 2, 3, 7, 8, 255, 256, 257, 4096, 65535, 65536, 65537};
  for (int i = 0; i < 13; i++) {
    // Around the bytes nothing is written; within, all but few change.
    memset(bytes, 0, sizeof bytes);
    int r = raw_random_get(P(bytes + 16), lengths[i]);
    u32 changed = 0, outside = 0;
    for (u32 k = 0; k < sizeof bytes; k++)
      k >= 16 && k < 16 + lengths[i] ? (changed += bytes[k] != 0) : (outside |= bytes[k]);
    printf("random %u %s %s %u\n", lengths[i], name(r),
           lengths[i] < 8 || changed > lengths[i] * 3 / 4 && changed <= lengths[i] ? "fine" : "too few", outside);
  }
  for (int i = 0; i < 100; i++)
    if (raw_sched_yield()) printf("sched_yield?\n");
  printf("end\n");
  fflush(stdout);
  return 0;
}
