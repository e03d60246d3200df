// An ordinary program that uses a shared library, library.c, which uses what this one defines.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int next(void);
int apply(int (*function)(int), int value);
int (*operation(int which))(int);
const char *text(int which);
int constructed(void);
char *copy(const char *text);
int sum(void);

int limit = 40;

int above(int value) {
  return value + limit;
}

static int twice(int value) {
  return 2 * value;
}

int main(void) {
  printf("next: %d %d %d\n", next(), next(), next());
  printf("function of the program: %d %d\n", apply(twice, 21), apply(above, 2));
  printf("functions of the library: %d %d %d\n", operation(0)(5), operation(1)(5), operation(2)(5));
  printf("one address: %d %d\n", operation(1) == above, operation(0) == operation(2));
  printf("text: %s, %s\n", text(0), text(1));
  printf("constructed: %d\n", constructed());
  // More than the memory had at first: the library's data isn't anybody else's.
  for (int i = 0; i < 40; i++) {
    char *block = malloc(50000);
    if (!block) return 1;
    memset(block, 'x', 50000);
  }
  char *copied = copy("copied by the library");
  puts(copied);
  free(copied);
  printf("text: %s, zeroes: %d, next: %d\n", text(1), sum(), next());
  return 0;
}
