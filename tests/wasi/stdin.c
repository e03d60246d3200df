// stdin: line one|line two||last line without an end
// Reading standard input to its end, by libc and by hand.
#include "raw.h"
int main(void) {
  char line[100];
  if (fgets(line, sizeof line, stdin)) printf("1 %s", line);
  int c = getchar();
  printf("2 %d\n", c), ungetc(c, stdin);
  while (fgets(line, sizeof line, stdin)) printf("3 [%s]\n", line);
  printf("%d %d\n", feof(stdin), ferror(stdin));
  struct iov iov = {P(line), 10};
  u32 out = 9;
  SHOW(raw_fd_read(0, P(&iov), 1, P(&out)));
  printf("%u\n", out);
}
