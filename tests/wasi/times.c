// windows: no symbolic links can be made; times are multiples of 100 ns; directories have no size
// also: preview0
// Times of files: setting them in every way and reading them back.
#include "raw.h"

static u32 out;
enum { ATIM = 1, ATIM_NOW = 2, MTIM = 4, MTIM_NOW = 8 };

static u64 now(void) {
  u64 time;
  raw_clock_time_get(0, 0, P(&time));
  return time;
}

static const char *when(u64 time) {
  static char text[4][30];
  static int i;
  char *p = text[i++ % 4];
  u64 n = now();
  if (time > n - 60000000000ull && time < n + 60000000000ull) return "now";
  sprintf(p, "%llu", (unsigned long long)time);
  return p;
}

static void stat_of(const char *path, u32 follow) {
  struct filestat s;
  int r = raw_path_filestat_get(3, follow, S(path), P(&s));
  if (r) {
    printf("  %s: %s\n", path, name(r));
    return;
  }
  printf("  %s: %s type %u size %llu atim %s mtim %s\n", path, name(r), s.type,
         (unsigned long long)s.size, when(s.atim), when(s.mtim));
}

int main(void) {
  u32 f, d;
  raw_path_open(3, 0, S("f"), CREAT, R_READ | R_WRITE, 0, 0, P(&f));
  raw_path_create_directory(3, S("d"));
  raw_path_open(3, 0, S("d"), DIRECTORY, R_READ, 0, 0, P(&d));
  raw_path_symlink(S("f"), 3, S("l"));
  raw_path_symlink(S("none"), 3, S("dangling"));
  raw_path_symlink(S("../x"), 3, S("out"));
  stat_of("f", 0), stat_of("d", 0), stat_of("l", 0), stat_of("l", 1);
  for (u32 flags = 0; flags < 16; flags++) {
    printf("flags %u\n", flags);
    SHOW(raw_fd_filestat_set_times(f, 5, 6, 5));
    SHOW(raw_fd_filestat_set_times(f, 1000000001, 2000000000999999999, flags)), stat_of("f", 0);
    SHOW(raw_fd_filestat_set_times(f, 5, 6, 5));
    SHOW(raw_path_filestat_set_times(3, 0, S("f"), 123456789012, 345, flags)), stat_of("f", 0);
    SHOW(raw_path_filestat_set_times(3, 1, S("l"), 7, 8, flags)), stat_of("f", 0);
    stat_of("l", 0);
  }
  SHOW(raw_path_filestat_set_times(3, 0, S("l"), 111, 222, ATIM | MTIM));
  stat_of("l", 0), stat_of("f", 0);
  SHOW(raw_fd_filestat_set_times(d, 11, 12, ATIM | MTIM)), stat_of("d", 0);
  SHOW(raw_path_filestat_set_times(3, 1, S("d"), 13, 14, ATIM | MTIM)), stat_of("d", 0);
  SHOW(raw_path_filestat_set_times(3, 1, S("d/"), 15, 16, ATIM | MTIM)), stat_of("d", 0);
  SHOW(raw_path_filestat_set_times(3, 0, S("d/."), 17, 18, ATIM | MTIM)), stat_of("d", 0);
  SHOW(raw_path_filestat_set_times(d, 0, S("."), 19, 20, ATIM | MTIM)), stat_of("d", 0);
  SHOW(raw_path_filestat_set_times(d, 0, S(".."), 19, 20, ATIM | MTIM));
  SHOW(raw_path_filestat_set_times(d, 1, S(".."), 19, 20, ATIM | MTIM));
  SHOW(raw_path_filestat_set_times(3, 1, S("dangling"), 1, 1, ATIM));
  SHOW(raw_path_filestat_set_times(3, 0, S("dangling"), 33, 44, ATIM | MTIM));
  stat_of("dangling", 0);
  SHOW(raw_path_filestat_set_times(3, 1, S("out"), 1, 1, ATIM));
  SHOW(raw_path_filestat_set_times(3, 1, S("none"), 1, 1, ATIM));
  SHOW(raw_path_filestat_set_times(3, 0, S("none"), 1, 1, ATIM));
  SHOW(raw_path_filestat_set_times(3, 0, S(""), 1, 1, ATIM));
  SHOW(raw_path_filestat_set_times(3, 0, S("f/"), 1, 1, ATIM));
  SHOW(raw_path_filestat_set_times(3, 1, S("f/"), 1, 1, ATIM));
  SHOW(raw_path_filestat_set_times(f, 1, S("f"), 1, 1, ATIM));
  SHOW(raw_path_filestat_set_times(3, 1, S("f"), 4000000000000000000, 9000000000000000000, 5));
  // Read-only descriptors may still set times.
  u32 r;
  raw_path_open(3, 0, S("f"), 0, R_READ, 0, 0, P(&r));
  SHOW(raw_fd_filestat_set_times(r, 21, 22, ATIM | MTIM)), stat_of("f", 0);
  // Writing and truncating move the modification time.
  struct iov text = {S("text")};
  raw_fd_write(f, P(&text), 1, P(&out)), stat_of("f", 0);
  SHOW(raw_fd_filestat_set_times(r, 21, 22, ATIM | MTIM));
  raw_fd_filestat_set_size(f, 2), stat_of("f", 0);
}
