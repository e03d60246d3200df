// What components may not do with wasi:io and wasi:cli 0.2, and what the canonical ABI forbids them in calls of the host:
// each case ends by a trap.
// cases: 24
#include "raw2.h"

#define BEYOND ((void *)(uintptr_t)0xfffffff0)

int main(int argc, char **argv) {
  setvbuf(stdout, 0, _IONBF, 0);
  static char bytes[70000];
  u32 in = get_stdin(), out = get_stdout(), list[2] = {0, 0};
  int number = atoi(argv[argc - 1]);
  printf("case %d\n", number);
  switch (number) {
    case 0: poll_list(list, 0, &result); break;
    case 1: blocking_write(out, bytes, 4097, &result); break;
    case 2: blocking_write_zeroes(out, 4097, &result); break;
    case 3: check_write(out, &result); write_zeroes(out, sizeof bytes, &result); break;
    case 4: subscribe_output(out); drop_output_stream(out); break;
    case 5: subscribe_input(in); drop_input_stream(in); break;
    case 6: drop_output_stream(out); drop_output_stream(out); break;
    case 7: drop_input_stream(out); break;
    case 8: drop_output_stream(0); break;
    case 9: drop_output_stream(~0u); break;
    case 10: check_write(in, &result); break;
    case 11: list[0] = subscribe_output(out); poll_list(list, 2, &result); break;
    case 12: list[0] = out; poll_list(list, 1, &result); break;
    case 13: poll_list((const u32 *)((uintptr_t)list + 1), 1, &result); break;
    case 14: poll_list(BEYOND, 8, &result); break;
    case 15: poll_list(list, 0x40000001, &result); break;
    case 16: blocking_write(out, BEYOND, 100, &result); break;
    case 17: check_write(out, (void *)((uintptr_t)&result + 4)); break;
    case 18: check_write(out, BEYOND); break;
    case 19: get_arguments(BEYOND); break;
    case 20: get_environment((void *)((uintptr_t)&result + 2)); break;
    case 21: exit_with(2); break;
    case 22: get_random_bytes(1ull << 33, &result); break;
    case 23: wall_now(BEYOND); break;
  }
  puts("no trap");
}
