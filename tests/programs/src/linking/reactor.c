// A library of its own: a memory, a C library, and standard output.

#include <stdio.h>
#include <string.h>

static char text[64];
static int started;

__attribute__((constructor)) static void start(void) {
  started = 1;
}

__attribute__((export_name("put"))) void put(int character) {
  text[strlen(text)] = (char)character;
}

__attribute__((export_name("show"))) int show(int times) {
  for (int i = 0; i < times; i++) printf("library %d: %s\n", started, text);
  fflush(stdout);
  return (int)strlen(text);
}
