// A program that calls functions of reactor.c, which has a memory of its own; both print.

#include <stdio.h>

__attribute__((import_module("lib"), import_name("put"))) void put(int character);
__attribute__((import_module("lib"), import_name("show"))) int show(int times);

int main(int count, char **arguments) {
  printf("%d arguments\n", count);
  fflush(stdout);
  for (const char *at = "from the program"; *at; at++) put(*at);
  int length = show(2);
  printf("length: %d\n", length);
  return length == 16 ? 0 : 1;
}
