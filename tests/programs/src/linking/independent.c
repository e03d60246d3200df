// A position-independent program without a C library, which needs one.c.

#include <stddef.h>

struct buffer {
  const void *bytes;
  size_t length;
};

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write"))) int
fd_write(int descriptor, const struct buffer *buffers, size_t count, size_t *written);

int total(int (*first)(int), int (*second)(int));
int *pointer(void);
int (*incremented(void))(int);
extern int data[4];
extern char __heap_base[];

int shared = 7;

void say(const char *text) {
  size_t length = 0, written;
  while (text[length]) length++;
  struct buffer buffer = {text, length};
  fd_write(1, &buffer, 1, &written);
}

static void say_number(int number) {
  char digits[16], *at = digits + 15;
  *at = 0;
  *--at = '\n';
  do *--at = '0' + number % 10;
  while (number /= 10);
  say(at);
}

int increment(int value) {
  return value + 1;
}

static int doubled(int value) {
  return 2 * value;
}

static int (*functions[])(int) = {doubled, increment};
static const char *words[] = {"zero\n", "one\n"};

void _start(void) {
  say(words[1]);
  say_number(total(functions[0], functions[1]));
  say_number(data[2]);
  *pointer() = 99;
  say_number(shared);
  say_number(incremented() == increment && functions[1] == increment);
  say_number((size_t)__heap_base % 16);
}
