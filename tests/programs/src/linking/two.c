// A shared library whose constructor uses the data of the library that needs it.

extern int data[4];

static int constructed;

__attribute__((constructor)) static void construct(void) {
  constructed = data[3];
}

int other(int value) {
  return value + constructed;
}
