// The exit code of the guest is that of the process, and what it wrote before arrives.
#include "raw.h"
#include <stdlib.h>
int main(void) {
  printf("no newline at the end");
  fprintf(stderr, "an error\n");
  fflush(stdout);
  _Exit(125);
}
