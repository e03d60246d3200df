// A shared library that needs another one, two.c, and what needs it, independent.c.

void say(const char *text);
int increment(int value);
int other(int value);
extern int shared;

int data[4] = {1, 2, 3, 4};

int total(int (*first)(int), int (*second)(int)) {
  say("in the library\n");
  return other(first(10) + second(10) + shared);
}

int *pointer(void) {
  return &shared;
}

int (*incremented(void))(int) {
  return increment;
}
