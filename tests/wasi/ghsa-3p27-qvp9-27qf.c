// GHSA-fm79-3f68-h2fc (CVE-2025-53901, 2025-07-18): descriptors are moved to other numbers and to their own, closed and
// moved again, in any order. GHSA-3p27-qvp9-27qf (2026-06-15): what was at the number that is taken is closed, also
// after many thousand times.
#include "raw.h"

static u32 open_file(u32 oflags) {
  u32 fd = 0xffffffff;
  int r = raw_path_open(3, 0, S("f"), oflags, R_READ | R_WRITE, 0, 0, P(&fd));
  if (r) printf("open = %s\n", name(r));
  return fd;
}

int main(void) {
  struct filestat s;
  u32 kept = open_file(CREAT), other;
  int failed = 0;
  for (int i = 0; i < 20000; i++) {
    u32 fd = open_file(0);
    if (fd == 0xffffffff) return 1;
    failed += raw_fd_renumber(fd, kept) != 0;
    // Its number is free, and the next to be given out.
    if (i % 1000 == 0) printf("%u: %s\n", fd, name(raw_fd_filestat_get(fd, P(&s))));
  }
  printf("failed %d, kept %s\n", failed, name(raw_fd_filestat_get(kept, P(&s))));

  // Onto itself, then closed, then as source and as target.
  SHOW(raw_fd_renumber(kept, kept));
  SHOW(raw_fd_filestat_get(kept, P(&s)));
  other = open_file(0);
  SHOW(raw_fd_renumber(other, kept));
  SHOW(raw_fd_renumber(other, kept));
  SHOW(raw_fd_renumber(kept, other));
  SHOW(raw_fd_renumber(kept, kept));
  SHOW(raw_fd_close(kept));
  SHOW(raw_fd_close(kept));
  SHOW(raw_fd_renumber(kept, kept));
  SHOW(raw_fd_renumber(0xffffffff, 0xffffffff));
  SHOW(raw_fd_renumber(0x7fffffff, kept));
  other = open_file(0);
  printf("%d\n", other == kept);
  SHOW(raw_fd_close(other));
}
