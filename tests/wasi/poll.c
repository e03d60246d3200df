// also: preview0 preview1-expected
// poll_oneoff: clocks, files and streams, alone and together.
#include "raw.h"

static u32 out;

#ifdef PREVIEW0
struct subscription0 {
  u64 user;
  uint8_t tag;
  union {
    struct {
      u64 identifier;
      u32 id;
      u64 time, precision;
      uint16_t flags;
    } clock;
    u32 descriptor;
  };
};
static int poll_oneoff(const struct subscription *subs, u32 events, u32 n, u32 out) {
  static struct subscription0 array[3000];
  for (u32 i = 0; i < n; i++) {
    struct subscription s = subs[i];
    array[i] = (struct subscription0){s.user, s.tag, .clock = {77, s.id, s.time, s.precision, s.flags}};
    if (s.tag) array[i].descriptor = s.id;
  }
  return raw_poll_oneoff(P(array), events, n, out);
}
#else
static int poll_oneoff(const struct subscription *subs, u32 events, u32 n, u32 out) {
  return raw_poll_oneoff(P(subs), events, n, out);
}
#endif
enum { CLOCK, READ, WRITE };

static u64 now(u32 clock) {
  u64 time = 0;
  raw_clock_time_get(clock, 0, P(&time));
  return time;
}

static struct event events[8];

static u64 poll(const struct subscription *subs, u32 n) {
  memset(events, 0xee, sizeof events);
  out = 99;
  u64 start = now(1);
  int r = poll_oneoff(subs, P(events), n, P(&out));
  u64 took = now(1) - start;
  printf("poll %u = %s", n, name(r));
  if (!r) {
    printf(" %u:", out);
    for (u32 i = 0; i < out; i++) {
      const struct event *e = events + i;
      printf(" [user %llu error %u type %u", (unsigned long long)e->user, e->error, e->type);
      // With one relative clock alone, wasmtime 49 leaves 1 here.
      if (e->type != CLOCK) printf(" bytes %llu flags %u", (unsigned long long)e->bytes, e->flags);
      printf("]");
    }
  }
  printf("\n");
  return took;
}

#define MS 1000000ull

static void at_least(u64 took, u64 ms) {
  printf("  %s\n", took >= ms * MS && took < (ms + 400) * MS ? "in time" : "not in time");
}

int main(void) {
  u32 f, e, a, w;
  struct iov text = {S("text")};
  raw_path_open(3, 0, S("f"), CREAT, R_READ | R_WRITE, 0, 0, P(&f));
  raw_path_open(3, 0, S("e"), CREAT, R_READ | R_WRITE, 0, 0, P(&e));
  raw_path_open(3, 0, S("f"), 0, R_READ | R_WRITE, 0, APPEND, P(&a));
  raw_path_open(3, 0, S("f"), 0, R_WRITE, 0, 0, P(&w));
  raw_fd_write(f, P(&text), 1, P(&out));

  struct subscription none[1] = {0};
  poll(none, 0);
  // One clock.
  for (u32 clock = 0; clock < 2; clock++) {
    struct subscription s = {1, CLOCK, clock, 30 * MS};
    at_least(poll(&s, 1), 30);
    s.time = 0, at_least(poll(&s, 1), 0);
    if (clock == 1) s.flags = 1, s.time = now(clock) + 30 * MS, at_least(poll(&s, 1), 30);
    s.flags = 1, s.time = now(clock) - 30 * MS, at_least(poll(&s, 1), 0);
    s.flags = 1, s.time = 0, at_least(poll(&s, 1), 0);
  }
  // Several: the first one ends it.
  struct subscription clocks[3] = {{7, CLOCK, 1, 1000 * MS}, {8, CLOCK, 0, 40 * MS}, {9, CLOCK, 1, 5000 * MS}};
  at_least(poll(clocks, 3), 40);
  clocks[0].time = clocks[1].time = 0, at_least(poll(clocks, 3), 0);
  // Clocks that can't be waited for, in company.
  for (u32 clock = 2; clock < 5; clock++) {
    struct subscription s[2] = {{1, CLOCK, clock, MS}, {2, CLOCK, 1, MS}};
    poll(s, 2);
  }
  // Alone, they count time; relative or not.
  for (u32 clock = 2; clock < 5; clock++) {
    struct subscription s = {1, CLOCK, clock, 30 * MS};
    at_least(poll(&s, 1), clock < 4 ? 30 : 0);
    s.flags = 1, poll(&s, 1);
  }
  struct subscription flags[2] = {{1, CLOCK, 1, MS, 0, 2}, {2, CLOCK, 1, MS}};
  poll(flags, 2);
  struct subscription tag[2] = {{1, 3, 1, MS}, {2, CLOCK, 1, MS}};
  poll(tag, 2);

  // Files are always ready.
  struct subscription read_f[1] = {{1, READ, f}}, read_e[1] = {{2, READ, e}};
  struct subscription write_f[1] = {{3, WRITE, f}}, write_a[1] = {{4, WRITE, a}};
  poll(read_f, 1), poll(read_e, 1), poll(write_f, 1), poll(write_a, 1);
  u64 position;
  raw_fd_seek(f, 0, FROM_START, P(&position));
  poll(read_f, 1);
  // Which of several readable files wasmtime reports differs from run to run: so only writable ones.
  struct subscription all[] = {{2, CLOCK, 1, 5000 * MS}, {3, WRITE, f}, {5, WRITE, e}};
  at_least(poll(all, 3), 0);
  // Streams. Standard input is at its end.
  struct subscription streams[] = {{1, WRITE, 1}, {2, WRITE, 2}};
  fflush(stdout);
  poll(streams, 2);
  struct subscription in[] = {{1, READ, 0}};
  poll(in, 1);
  // What can't be polled.
  struct subscription bad[][1] = {{{1, READ, 1}}, {{1, WRITE, 0}}, {{1, READ, 3}}, {{1, WRITE, 3}},
                                  {{1, READ, 77}}, {{1, WRITE, 77}}};
  for (int i = 0; i < 6; i++) poll(bad[i], 1);
  struct subscription mixed[2] = {{1, READ, f}, {2, READ, 77}};
  poll(mixed, 2);

  // More than a process usually has descriptors.
  enum { MANY = 3000 };
  static struct subscription many[MANY];
  static struct event many_events[MANY];
  for (u32 i = 0; i < MANY; i++) many[i] = (struct subscription){i, WRITE, i % 2 ? e : f};
  SHOW(poll_oneoff(many, P(many_events), MANY, P(&out)));
  // Each once; in which order isn't said.
  static char seen[MANY];
  u32 right = 0;
  for (u32 i = 0; i < MANY && out == MANY; i++)
    right += many_events[i].user < MANY && !seen[many_events[i].user]++ && many_events[i].type == WRITE;
  printf("%u events, %u right\n", out, right);
}
