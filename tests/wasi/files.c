// also: preview0
// Files: opening with every flag, reading, writing, positions, sizes, renumbering.
#include "raw.h"
#include <stdlib.h>

static u32 out;
static u64 out64;

static int open_at(u32 dir, const char *path, u32 lookup, u32 oflags, u64 rights, u32 fdflags) {
  out = 99;
  int r = raw_path_open(dir, lookup, S(path), oflags, rights, rights, fdflags, P(&out));
  printf("open %s lookup=%u oflags=%u rights=%llu fdflags=%u = %s", path, lookup, oflags,
         (unsigned long long)rights, fdflags, name(r));
  printf(r ? "\n" : " fd %u\n", out);
  return r ? -1 : (int)out;
}

static void put(u32 fd, const char *text) {
  struct iov iov = {S(text)};
  out = 99;
  int r = raw_fd_write(fd, P(&iov), 1, P(&out));
  printf("write %u %s = %s %u\n", fd, text, name(r), out);
}

static void get(u32 fd, u32 n) {
  char buffer[64] = {0};
  struct iov iov[3] = {{P(buffer), 0}, {P(buffer), n}, {P(buffer), 0}};
  out = 99;
  int r = raw_fd_read(fd, P(iov), 3, P(&out));
  printf("read %u %u = %s %u '%s'\n", fd, n, name(r), out, buffer);
}

static void seek(u32 fd, i64 offset, u32 whence) {
  out64 = 99;
  int r = raw_fd_seek(fd, offset, whence, P(&out64));
  printf("seek %u %lld %u = %s %llu\n", fd, (long long)offset, whence, name(r),
         (unsigned long long)out64);
}

static void status(u32 fd) {
  struct fdstat s;
  memset(&s, 0xff, sizeof s);
  int r = raw_fd_fdstat_get(fd, P(&s));
  printf("fdstat %u = %s", fd, name(r));
  if (!r)
    printf(" type %u flags %u rights %llx inheriting %llx", s.type, s.flags,
           (unsigned long long)s.rights, (unsigned long long)s.inheriting);
  printf("\n");
}

static void filestat(u32 fd) {
  struct filestat s;
  int r = raw_fd_filestat_get(fd, P(&s));
  printf("filestat %u = %s", fd, name(r));
  if (!r) printf(" type %u nlink %llu size %llu", s.type, (unsigned long long)s.nlink,
                 (unsigned long long)s.size);
  printf("\n");
}

int main(void) {
  // Descriptors that don't exist or are something else.
  for (u32 fd = 0; fd < 6; fd++) {
    if (fd < 3 || fd > 3) {
      printf("fd %u:", fd);
      printf(" sync %s", name(raw_fd_sync(fd)));
      printf(" datasync %s", name(raw_fd_datasync(fd)));
      printf(" advise %s", name(raw_fd_advise(fd, 0, 0, 0)));
      printf(" allocate %s", name(raw_fd_allocate(fd, 0, 1)));
      printf(" set_flags %s", name(raw_fd_fdstat_set_flags(fd, 0)));
      printf(" set_rights %s", name(raw_fd_fdstat_set_rights(fd, 0, 0)));
      printf(" set_size %s", name(raw_fd_filestat_set_size(fd, 0)));
      printf(" set_times %s", name(raw_fd_filestat_set_times(fd, 0, 0, 0)));
      printf(" tell %s", name(raw_fd_tell(fd, P(&out64))));
      printf(" prestat %s", name(raw_fd_prestat_get(fd, P(&out64))));
      printf(" prestat_name %s", name(raw_fd_prestat_dir_name(fd, P(&out64), 1)));
      printf(" readdir %s\n", name(raw_fd_readdir(fd, P(&out64), 1, 0, P(&out))));
    }
  }
  SHOW(raw_fd_pread(0, 0, 0, 0, P(&out)));
  SHOW(raw_fd_pwrite(0, 0, 0, 0, P(&out)));
  SHOW(raw_fd_pwrite(1, 0, 0, 0, P(&out)));
  SHOW(raw_fd_pread(1, 0, 0, 0, P(&out)));
  SHOW(raw_fd_write(0, 0, 0, P(&out)));
  SHOW(raw_fd_read(1, 0, 0, P(&out)));
  SHOW(raw_fd_seek(1, 0, 0, P(&out64)));
  SHOW(raw_fd_read(3, 0, 0, P(&out)));
  SHOW(raw_fd_write(3, 0, 0, P(&out)));
  SHOW(raw_fd_seek(3, 0, 0, P(&out64)));
  SHOW(raw_fd_tell(3, P(&out64)));
  SHOW(raw_fd_sync(3));
  SHOW(raw_fd_fdstat_set_flags(3, 0));
  SHOW(raw_fd_fdstat_set_rights(3, 0, 0));
  SHOW(raw_fd_filestat_set_size(3, 0));
  status(0), status(1), status(2), status(3), status(4), status(4096), status(0xffffffff);

  // The grant.
  struct { u32 tag, length; } prestat;
  char dir[64] = {0};
  SHOW(raw_fd_prestat_get(3, P(&prestat)));
  printf("tag %u length %u\n", prestat.tag, prestat.length);
  SHOW(raw_fd_prestat_dir_name(3, P(dir), prestat.length - 1));
  SHOW(raw_fd_prestat_dir_name(3, P(dir), sizeof dir));
  printf("name %s\n", dir);

  // Opening.
  open_at(3, "none", 0, 0, R_READ, 0);
  open_at(3, "none", 0, 0, R_WRITE, 0);
  open_at(3, "none", 0, DIRECTORY, R_READ, 0);
  open_at(3, "none", 0, TRUNC, R_READ | R_WRITE, 0);
  open_at(3, "none", 0, EXCL, R_READ, 0);
  open_at(3, "f", 0, CREAT | DIRECTORY, R_READ | R_WRITE, 0);
  open_at(3, "f", 0, EXCL | DIRECTORY, R_READ, 0);
  open_at(3, "f", 0, TRUNC | DIRECTORY, R_READ, 0);
  open_at(3, "f", 0, CREAT, R_READ | R_WRITE, SYNC);
  open_at(3, "f", 0, CREAT, R_READ | R_WRITE, DSYNC);
  open_at(3, "f", 0, CREAT, R_READ | R_WRITE, RSYNC);
  open_at(0, "f", 0, CREAT, R_READ, 0);
  open_at(77, "f", 0, CREAT, R_READ, 0);
  int f = open_at(3, "f", 0, CREAT | EXCL, R_READ | R_WRITE, 0);
  open_at(3, "f", 0, CREAT | EXCL, R_READ | R_WRITE, 0);
  open_at(f, "f", 0, 0, R_READ, 0);
  open_at(3, "f", 0, DIRECTORY, R_READ, 0);
  open_at(3, "f/", 0, 0, R_READ, 0);
  open_at(3, "f/x", 0, 0, R_READ, 0);
  open_at(3, "g/", 0, CREAT, R_READ | R_WRITE, 0);
  open_at(3, "", 0, 0, R_READ, 0);
  status(f), filestat(f);
  put(f, "hello world");
  get(f, 10);
  seek(f, 0, 0);
  get(f, 5), get(f, 100), get(f, 100), get(f, 0);
  seek(f, -5, 1), get(f, 100);
  seek(f, -3, 2), get(f, 100);
  seek(f, -1, 0), seek(f, -100, 1), seek(f, -100, 2);
  seek(f, 20, 0);
  put(f, "gap");
  filestat(f);
  SHOW(raw_fd_tell(f, P(&out64)));
  printf("%llu\n", (unsigned long long)out64);

  // Positions given.
  char buffer[8] = {0};
  struct iov iov[3] = {{P(buffer), 3}, {P(buffer), 0}, {P(buffer) + 4, 2}};
  SHOW(raw_fd_pread(f, P(iov), 1, 6, P(&out)));
  printf("%u '%s'\n", out, buffer);
  SHOW(raw_fd_pread(f, P(iov), 1, 1000, P(&out)));
  printf("%u\n", out);
  SHOW(raw_fd_pread(f, P(iov), 1, ~0ull, P(&out)));
  SHOW(raw_fd_pread(f, P(iov), 0, 0, P(&out)));
  printf("%u\n", out);
  struct iov text = {S("WORLD")};
  SHOW(raw_fd_pwrite(f, P(&text), 1, 6, P(&out)));
  printf("%u\n", out);
  SHOW(raw_fd_pwrite(f, P(&text), 1, ~0ull, P(&out)));
  SHOW(raw_fd_write(f, P(&text), 0, P(&out)));
  printf("%u\n", out);
  SHOW(raw_fd_tell(f, P(&out64)));
  printf("%llu\n", (unsigned long long)out64);
  seek(f, 0, 0), get(f, 12);

  // Sizes, advice, synchronisation.
  SHOW(raw_fd_filestat_set_size(f, 4)), filestat(f);
  SHOW(raw_fd_filestat_set_size(f, 1000)), filestat(f);
  SHOW(raw_fd_filestat_set_size(f, ~0ull)), filestat(f);
  for (u32 advice = 0; advice < 6; advice++) SHOW(raw_fd_advise(f, 0, 100, advice));
  SHOW(raw_fd_advise(f, 0, ~0ull, 0));
  SHOW(raw_fd_allocate(f, 0, 10));
  SHOW(raw_fd_sync(f)), SHOW(raw_fd_datasync(f));
  SHOW(raw_fd_prestat_get(f, P(&prestat)));
  SHOW(raw_fd_prestat_dir_name(f, P(dir), 64));
  SHOW(raw_fd_readdir(f, P(dir), 10, 0, P(&out)));
  SHOW(raw_path_create_directory(f, S("x")));

  // One direction only, truncation, appending.
  int r = open_at(3, "f", 0, 0, R_READ, 0);
  status(r), put(r, "x");
  SHOW(raw_fd_filestat_set_size(r, 4));
  int w = open_at(3, "f", 0, TRUNC, R_WRITE, 0);
  status(w), get(w, 1), put(w, "123456"), get(r, 10);
  int n = open_at(3, "f", 0, 0, 0, 0);
  status(n), get(n, 3);
  int c = open_at(3, "f", 0, CREAT, R_READ, 0);
  status(c), put(c, "ab");
  int a = open_at(3, "f", 0, 0, R_READ | R_WRITE, APPEND);
  status(a), get(a, 3), put(a, "789"), get(a, 3), seek(a, 0, 0), get(a, 20);
  SHOW(raw_fd_pwrite(a, P(&text), 1, 0, P(&out))), seek(a, 0, 0), get(a, 20);
  SHOW(raw_fd_fdstat_set_flags(a, 0)), status(a);
  seek(a, 0, 0), put(a, "__"), seek(a, 0, 0), get(a, 20);
  SHOW(raw_fd_fdstat_set_flags(a, APPEND | NONBLOCK)), status(a), put(a, "!");
  SHOW(raw_fd_fdstat_set_flags(a, SYNC)), SHOW(raw_fd_fdstat_set_flags(a, DSYNC));
  SHOW(raw_fd_fdstat_set_flags(a, RSYNC)), status(a);
  SHOW(raw_fd_fdstat_set_rights(a, R_READ, 0));

  // Numbers: which are given out again, and moving them.
  SHOW(raw_fd_close(f)), SHOW(raw_fd_close(f)), SHOW(raw_fd_close(77));
  SHOW(raw_fd_close(w)), SHOW(raw_fd_close(a));
  open_at(3, "f", 0, 0, R_READ, 0), open_at(3, "f", 0, 0, R_READ, 0);
  open_at(3, "f", 0, 0, R_READ, 0), open_at(3, "f", 0, 0, R_READ, 0);
  SHOW(raw_fd_renumber(r, 77)), SHOW(raw_fd_renumber(77, r)), SHOW(raw_fd_renumber(r, r));
  SHOW(raw_fd_renumber(r, c)), status(r), get(c, 4);
  open_at(3, "f", 0, 0, R_READ, 0);
  SHOW(raw_fd_close(0)), get(0, 1);
  open_at(3, "f", 0, 0, R_READ, 0), get(0, 3);
  SHOW(raw_fd_renumber(3, n)), status(3), status(n);
  open_at(n, "f", 0, 0, R_READ, 0), SHOW(raw_fd_prestat_get(n, P(&prestat)));

  // Many at once.
  int many = 0;
  while (raw_path_open(n, 0, S("f"), 0, R_READ, 0, 0, P(&out)) == 0 && many < 500) many++;
  printf("many %d last %u\n", many, out);

  // More pieces than a host takes at once; the first ones count.
  int big = open_at(n, "big", 0, CREAT, R_READ | R_WRITE, 0);
  static struct iov pieces[200];
  static char bytes[200];
  for (int i = 0; i < 200; i++) bytes[i] = 'a' + i % 26, pieces[i] = (struct iov){P(bytes + i), i % 2};
  int written = 0;
  while (written < 100) {
    raw_fd_write(big, P(pieces + 2 * written), 200 - 2 * written, P(&out));
    written += out;
  }
  filestat(big);
  memset(bytes, 0, sizeof bytes);
  struct iov all = {P(bytes), 100};
  raw_fd_pread(big, P(&all), 1, 0, P(&out));
  printf("%u %s\n", out, bytes);
  return 7;
}
