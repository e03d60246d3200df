// Uses paths through `swap`, `deep/swap` and `mover`, which swap.py exchanges with links that lead out and
// moves out, for as many seconds as its argument says. Inside, `swap/data` says "inside"; outside, SECRET.
#include "raw.h"
#include <stdlib.h>

enum { RW = 3 };
static u32 out, escapes;
static char buffer[4096 + 1];
static u64 attempts, successes;

static void escape(const char *how) {
  if (escapes++ < 10) printf("ESCAPE: %s\n", how);
}

static int count(int r) {
  attempts++, successes += r == 0;
  return r;
}

static void inspect(u32 fd) {
  struct iov iov = {P(buffer), 4096};
  if (!raw_fd_read(fd, P(&iov), 1, P(&out)) || !raw_fd_readdir(fd, P(buffer), 4096, 0, P(&out))) {
    for (u32 i = 0; i + 6 <= out; i++)
      if (!memcmp(buffer + i, "SECRET", 6)) escape("read the secret");
  }
  raw_fd_close(fd);
}

static void try_open(const char *path, u32 lookup, u32 oflags, u64 rights) {
  u32 fd;
  if (!count(raw_path_open(RW, lookup, S(path), oflags, rights, 0, 0, P(&fd)))) inspect(fd);
}

static void round_of(const char *directory) {
  char data[64], fresh[64], victim[64], link[64], up[64];
  struct filestat s;
  sprintf(data, "%s/data", directory), sprintf(fresh, "%s/fresh", directory);
  sprintf(victim, "%s/victim", directory), sprintf(link, "%s/link", directory);
  sprintf(up, "%s/../data", directory);
  try_open(data, FOLLOW, 0, R_READ), try_open(data, NOFOLLOW, 0, R_READ);
  try_open(up, FOLLOW, 0, R_READ);
  try_open(directory, FOLLOW, DIRECTORY, R_READ | R_READDIR);
  try_open(fresh, FOLLOW, CREAT, R_READ | R_WRITE), try_open(fresh, NOFOLLOW, CREAT | EXCL, R_WRITE);
  try_open(victim, FOLLOW, TRUNC, R_READ | R_WRITE);
  if (!count(raw_path_filestat_get(RW, FOLLOW, S(data), P(&s))) && s.size != 6) escape("status of the secret");
  if (!count(raw_path_filestat_get(RW, NOFOLLOW, S(data), P(&s))) && s.size != 6) escape("status of the secret");
  if (!count(raw_path_readlink(RW, S(link), P(buffer), 100, P(&out))) && !memcmp(buffer, "SECRET", 6))
    escape("target of a link");
  count(raw_path_filestat_set_times(RW, FOLLOW, S(data), 1, 1, 5));
  count(raw_path_filestat_set_times(RW, NOFOLLOW, S(data), 1, 1, 5));
  count(raw_path_create_directory(RW, S(fresh))), count(raw_path_remove_directory(RW, S(fresh)));
  count(raw_path_symlink(S("x"), RW, S(fresh))), count(raw_path_unlink_file(RW, S(fresh)));
  count(raw_path_unlink_file(RW, S(victim)));
  count(raw_path_link(RW, 0, S(data), RW, S("got")));
  try_open("got", NOFOLLOW, 0, R_READ);
  count(raw_path_unlink_file(RW, S("got")));
  count(raw_path_link(RW, 0, S("file"), RW, S(victim)));
  count(raw_path_rename(RW, S(victim), RW, S("got2"))), try_open("got2", NOFOLLOW, 0, R_READ);
  count(raw_path_unlink_file(RW, S("got2")));
}

int main(int argc, char **argv) {
  u64 start, now;
  raw_clock_time_get(1, 0, P(&start));
  do {
    for (int i = 0; i < 50; i++) {
      round_of("swap"), round_of("deep/swap"), round_of("deep/../swap");
      round_of("mover/a"), round_of("mover/a/../../swap"), round_of("mover/a/../../../outside");
    }
    raw_clock_time_get(1, 0, P(&now));
  } while (now - start < atoi(argv[1]) * 1000000000ull);
  printf("attempts: %llu, succeeded: %llu, escapes: %u\n", (unsigned long long)attempts,
         (unsigned long long)successes, escapes);
  return escapes != 0;
}
