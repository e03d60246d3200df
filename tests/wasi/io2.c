// wasi:io, wasi:cli, wasi:clocks and wasi:random 0.2, as far as the adapter for preview 1 doesn't use them: what is there
// to read at once and what must be waited for, permits, zeroes, splices, several pollables, times.
// args: one "two words" trü →
// env: KEY=value OTHER=a%20b EMPTY=
// stdin: abcdefghij|klmnopqrst|uvwxyz|
#include "raw2.h"

#define MILLISECOND 1000000ull

static u32 in, out;

static const char *stream_result(int at) {
  if (!result.bytes[0]) return "ok";
  return result.bytes[at] ? "closed" : "failed";
}

static void show_list(const char *what) {
  printf("%s: %s", what, stream_result(4));
  if (!result.bytes[0]) printf(" `%.*s`", (int)result.words[2], (char *)(uintptr_t)result.words[1]);
  puts("");
}

static void show_count(const char *what) {
  printf("%s: %s", what, stream_result(8));
  if (!result.bytes[0]) printf(" %llu", (unsigned long long)result.longs[1]);
  puts("");
}

#define SHOW_LIST(call) (call, show_list(#call))
#define SHOW_COUNT(call) (call, show_count(#call))
#define SHOW_NOTHING(call) (call, printf("%s: %s\n", #call, stream_result(4)))

static void show_strings(int each) {
  u32 *strings = (u32 *)(uintptr_t)result.words[0];
  for (u32 i = 0; i < result.words[1] * each; i++) {
    printf("  `%.*s`%s", (int)strings[2 * i + 1], (char *)(uintptr_t)strings[2 * i], (i + 1) % each ? "" : "\n");
  }
}

static void show_environment(void) {
  get_arguments(&result);
  printf("%u arguments\n", result.words[1]);
  // The first one is the name of the program.
  result.words[0] += 8;
  result.words[1] -= 1;
  show_strings(1);
  get_environment(&result);
  show_strings(2);
  result.bytes[0] = 9;
  initial_cwd(&result);
  printf("cwd %u\n", result.bytes[0]);
  get_terminal_stdin(&result);
  printf("terminals %u", result.bytes[0]);
  get_terminal_stdout(&result);
  printf(" %u", result.bytes[0]);
  get_terminal_stderr(&result);
  printf(" %u\n", result.bytes[0]);
}

static void show_input(void) {
  u32 pollable = subscribe_input(in);
  block(pollable);
  printf("ready %u\n", ready(pollable));
  drop_pollable(pollable);
  SHOW_LIST(blocking_read(in, 0, &result));
  SHOW_LIST(blocking_read(in, 4, &result));
  SHOW_LIST(read_stream(in, 0, &result));
  SHOW_COUNT(blocking_skip(in, 3, &result));
  SHOW_COUNT(skip(in, 0, &result));
  SHOW_LIST(blocking_read(in, 5, &result));
}

static void show_output(void) {
  SHOW_COUNT(check_write(out, &result));
  SHOW_NOTHING(write_stream(out, S("written\n"), &result));
  SHOW_NOTHING(flush(out, &result));
  SHOW_NOTHING(blocking_flush(out, &result));
  SHOW_NOTHING(blocking_write(out, S("written and flushed\n"), &result));
  SHOW_NOTHING(blocking_write(out, S(""), &result));
  SHOW_COUNT(check_write(out, &result));
  SHOW_NOTHING(write_zeroes(out, 5, &result));
  SHOW_NOTHING(blocking_write_zeroes(out, 4096, &result));
  SHOW_NOTHING(blocking_write_zeroes(out, 0, &result));
  u32 pollable = subscribe_output(out);
  printf("ready %u\n", ready(pollable));
  drop_pollable(pollable);
}

static void show_splices(void) {
  SHOW_COUNT(blocking_splice(out, in, 0, &result));
  SHOW_COUNT(blocking_splice(out, in, 6, &result));
  SHOW_COUNT(splice(out, in, 0, &result));
  do {
    blocking_splice(out, in, 1 << 20, &result);
  } while (!result.bytes[0]);
  printf("the end: %s\n", stream_result(8));
  SHOW_LIST(blocking_read(in, 1, &result));
  SHOW_COUNT(blocking_splice(out, in, 1, &result));
  u32 pollable = subscribe_input(in);
  printf("ready %u\n", ready(pollable));
  drop_pollable(pollable);
}

static void show_times(void) {
  u64 start = now();
  u32 soon = subscribe_duration(20 * MILLISECOND), past = subscribe_instant(0), never = subscribe_duration(-1);
  printf("ready %u %u\n", ready(soon), ready(never));
  block(past);
  printf("ready %u\n", ready(past));
  block(soon);
  printf("ready %u, %s\n", ready(soon), now() - start >= 20 * MILLISECOND ? "in time" : "too early");
  u32 instant = subscribe_instant(now() + 20 * MILLISECOND);
  poll_list(&instant, 1, &result);
  printf("polled %u\n", result.words[1]);
  wall_now(&result);
  printf("since 1970: %d, %d\n", result.longs[0] > 1700000000, result.words[2] < 1000000000);
  printf("resolution %d\n", resolution() > 0);
}

// More than the system is asked for at once, some of them twice.
static void show_polls(void) {
  enum { COUNT = 1500 };
  static u32 list[COUNT];
  u32 never = subscribe_duration(-1), output = subscribe_output(out);
  for (int i = 0; i < COUNT; i++) list[i] = i % 2 ? never : subscribe_instant(-1);
  list[3] = list[700] = output;
  list[COUNT - 1] = subscribe_instant(1);
  block(list[COUNT - 1]);
  poll_list(list, COUNT, &result);
  printf("%u ready:", result.words[1]);
  for (u32 i = 0; i < result.words[1]; i++) printf(" %u", ((u32 *)(uintptr_t)result.words[0])[i]);
  puts("");
  drop_pollable(output);
  list[3] = list[700] = list[COUNT - 1] = never;
  list[701] = subscribe_duration(20 * MILLISECOND);
  poll_list(list, COUNT, &result);
  printf("%u ready: %u\n", result.words[1], ((u32 *)(uintptr_t)result.words[0])[0]);
}

// More of them are ready than one call has to report: then later calls report the others.
static void show_many_ready(void) {
  enum { COUNT = 40000 };
  static u32 list[COUNT];
  static char reported[COUNT];
  u32 past = subscribe_instant(0), left = COUNT;
  for (int i = 0; i < COUNT; i++) list[i] = past;
  for (int calls = 0; calls < 4 && left; calls++) {
    poll_list(list, COUNT, &result);
    const u32 *numbers = (u32 *)(uintptr_t)result.words[0];
    for (u32 i = 0; i < result.words[1]; i++) left -= !reported[numbers[i]]++;
  }
  printf("never reported: %u\n", left);
  drop_pollable(past);
}

static void show_random(void) {
  get_random_bytes(1000, &result);
  const uint8_t *bytes = (const uint8_t *)(uintptr_t)result.words[0];
  u32 length = result.words[1], different = 0;
  for (u32 i = 1; i < length; i++) different += bytes[i] != bytes[0];
  printf("%u bytes, random %d\n", length, different > 900);
  get_insecure_random_bytes(0, &result);
  printf("%u bytes\n", result.words[1]);
  printf("numbers %d %d\n", get_random_u64() != get_random_u64(), get_insecure_random_u64() != get_insecure_random_u64());
  insecure_seed(&result);
  printf("seed %d\n", result.longs[0] != 0 && result.longs[0] != result.longs[1]);
}

int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  in = get_stdin();
  out = get_stdout();
  show_environment();
  show_input();
  show_output();
  show_splices();
  show_times();
  show_polls();
  show_many_ready();
  show_random();
  drop_input_stream(in);
  drop_output_stream(out);
  // Dropping a stream doesn't close what it writes to.
  SHOW_NOTHING(blocking_write(get_stdout(), S("the end\n"), &result));
  exit_with(1);
}
