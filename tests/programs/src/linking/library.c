// A shared library: data with addresses in it, functions both ways, a constructor, a weak reference.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int limit;
int above(int value);
__attribute__((weak)) int nowhere(void);

static int count = 5;
static char zeroes[100000];

int next(void) {
  return count++;
}

int apply(int (*function)(int), int value) {
  return function(value);
}

static int negated(int value) {
  return -value;
}

int tripled(int value) {
  return 3 * value;
}

static int (*const operations[])(int) = {negated, above, tripled};

int (*operation(int which))(int) {
  return operations[which];
}

static const char *texts[] = {"salut", "hello from the library"};

const char *text(int which) {
  return texts[which];
}

static int value;

__attribute__((constructor)) static void construct(void) {
  value = limit + 2;
  zeroes[sizeof zeroes - 1] = 1;
}

int constructed(void) {
  return nowhere ? nowhere() : value;
}

char *copy(const char *from) {
  char *to = malloc(strlen(from) + 1);
  return strcpy(to, from);
}

int sum(void) {
  int all = 0;
  for (size_t i = 0; i < sizeof zeroes; i++) all += zeroes[i];
  fprintf(stdout, "summed: %d\n", all);
  return all;
}
