// also: preview0
// args: one "two words" "" -x --long=option é
// env: KEY=value EMPTY= SPACES=a%20b
// Arguments and environment. Argument 0 depends on who runs the program.
#include "raw.h"
#include <stdlib.h>

extern char **environ;

static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

int main(int argc, char **argv) {
  u32 count, size;
  SHOW(raw_args_sizes_get(P(&count), P(&size)));
  printf("%d arguments, size %d\n", count, size - (int)strlen(argv[0]));
  for (int i = 1; i < argc; i++) printf("[%s]\n", argv[i]);
  SHOW(raw_environ_sizes_get(P(&count), P(&size)));
  printf("%d variables, size %d\n", count, size);
  char *pointers[64], strings[4000];
  memset(strings, '#', sizeof strings);
  SHOW(raw_environ_get(P(pointers), P(strings)));
  printf("%c\n", strings[size]);
  qsort(pointers, count, sizeof *pointers, compare);
  for (int i = 0; i < count; i++) printf("[%s]\n", pointers[i]);
  printf("%s\n", getenv("KEY"));
  memset(strings, '#', sizeof strings);
  SHOW(raw_args_get(P(pointers), P(strings)));
  for (int i = 1; i < argc; i++) printf("%d ", pointers[i] - pointers[1]);
  printf("\n");
}
