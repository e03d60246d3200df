// alone: it ends a program that passes unknown flags or values, where we give INVAL
// Many calls with random descriptors, flags, lengths and contents of memory, all pointers being
// aligned and within the memory: every one must come back with an error number. wasmtime ends a program that
// passes unknown flags, so the expectation is written down.
#include "raw.h"

static u64 state = 88172645463325252ull;
static u64 rnd(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

static char region[1 << 17] __attribute__((aligned(64)));
// Aligned, as everything else ends the program.
static u32 ptr(void) { return P(region) + rnd() % 30000 / 8 * 8; }
static u32 len(void) { return rnd() % 8 ? rnd() % 20 : rnd() % 10000; }
static u32 any_fd(void) {
  switch (rnd() % 10) {
    case 0: return rnd();
    case 1: return rnd() % 5000;
    case 2: return rnd() % 3;
    default: return 3 + rnd() % 10;
  }
}
static u32 dir(void) { return rnd() % 4 ? 3 : any_fd(); }
static u32 not_stdout(void) {
  u32 fd = any_fd();
  return fd == 1 || fd == 2 ? 4 : fd;
}
static u64 big(void) {
  switch (rnd() % 4) {
    case 0: return rnd();
    case 1: return rnd() % 100;
    case 2: return 0;
    default: return ~(rnd() % 100);
  }
}
static u32 flags(void) { return rnd() % 6 ? rnd() % 16 : rnd(); }
static u32 flag(void) { return rnd() % 6 ? rnd() % 2 : rnd(); }

// A path at a random place; sometimes its length is wrong.
static u32 path_length;
static u32 path(void) {
  static const char *const paths[] = {"a", "b", "a/b", "..", "a/../b", "c", "d/e", "/", "l",
                                      "l/x", "a/", "./a", ".", "b/c/d", "l/../l"};
  const char *text = paths[rnd() % 15];
  u32 at = ptr();
  path_length = strlen(text);
  memcpy((char *)at, text, path_length);
  if (rnd() % 9 == 0) path_length = len();
  return at;
}

static u32 pieces(void) {
  u32 at = ptr();
  for (int i = 0; i < 10; i++) {
    ((u32 *)at)[2 * i] = ptr();
    ((u32 *)at)[2 * i + 1] = rnd() % 2 ? rnd() % 50 : 0;
  }
  return at;
}

static int call(void) {
  u32 p = path(), n = path_length, q = path(), m = path_length, iov = pieces();
  u32 count = rnd() % 10;
  switch (rnd() % 38) {
    case 0: return raw_args_get(ptr(), ptr());
    case 1: return raw_args_sizes_get(ptr(), ptr());
    case 2: return raw_environ_get(ptr(), ptr());
    case 3: return raw_clock_time_get(flags(), big(), ptr());
    case 4: return raw_fd_advise(any_fd(), big(), big(), flags());
    case 5: return rnd() % 4 ? 0 : raw_fd_close(4 + rnd() % 12);
    case 6: return raw_fd_fdstat_get(any_fd(), ptr());
    case 7: return raw_fd_fdstat_set_flags(any_fd(), flags());
    case 8: return raw_fd_filestat_get(any_fd(), ptr());
    case 9: return raw_fd_filestat_set_size(any_fd(), rnd() % 10000);
    case 10: return raw_fd_filestat_set_times(any_fd(), big(), big(), flags());
    case 11: return raw_fd_pread(any_fd(), iov, count, big(), ptr());
    case 12: return raw_fd_prestat_get(any_fd(), ptr());
    case 13: return raw_fd_prestat_dir_name(any_fd(), ptr(), len());
    case 14: return raw_fd_pwrite(not_stdout(), iov, count, big() >> 48, ptr());
    case 15: return raw_fd_read(any_fd(), iov, count, ptr());
    case 16: return raw_fd_readdir(dir(), ptr(), len(), rnd() % 2 ? rnd() % 10 : big(), ptr());
    case 17: {
      u32 from = any_fd();
      return from == 1 || from == 2 || from == 3 ? 0 : raw_fd_renumber(from, 4 + rnd() % 12);
    }
    case 18: return raw_fd_seek(any_fd(), big(), flags(), ptr());
    case 19: return raw_fd_tell(any_fd(), ptr());
    case 20: return raw_fd_write(not_stdout(), iov, count, ptr());
    case 21: return raw_path_create_directory(dir(), p, n);
    case 22: return raw_path_filestat_get(dir(), flag(), p, n, ptr());
    case 23: return raw_path_filestat_set_times(dir(), flag(), p, n, big(), big(), flags());
    case 24: return raw_path_link(dir(), rnd() % 2 ? 0 : flags(), p, n, dir(), q, m);
    case 25: case 26: case 27:
      return raw_path_open(dir(), flag(), p, n, rnd() % 2 ? rnd() % 2 : flags(),
                           rnd() % 2 ? R_READ | R_WRITE : big(), 0, rnd() % 3 ? 0 : flags(), ptr());
    case 28: return raw_path_readlink(dir(), p, n, ptr(), len(), ptr());
    case 29: return raw_path_remove_directory(dir(), p, n);
    case 30: return raw_path_unlink_file(dir(), p, n);
    case 31: return raw_path_rename(dir(), p, n, dir(), q, m);
    case 32: return raw_path_symlink(q, m, dir(), p, n);
    case 33: return raw_random_get(ptr(), len());
    case 34: return raw_sock_recv(any_fd(), ptr(), len(), flags(), ptr(), ptr());
    case 35: return raw_fd_allocate(any_fd(), big(), big());
    case 36: return raw_fd_fdstat_set_rights(any_fd(), big(), big());
    default: {
      // Subscriptions, one of them a clock that has run out; the events may overlay them.
      u32 at = ptr();
      for (u64 *s = (u64 *)at; s < (u64 *)at + 6 * 8; s += 6) {
        s[0] = rnd(), s[1] = rnd() % 4, s[2] = rnd() % 8, s[3] = rnd() % 3 ? 0 : 1000;
        s[5] = rnd() % 3;
      }
      ((u64 *)at)[1] = ((u64 *)at)[3] = ((u64 *)at)[5] = 0;
      return raw_poll_oneoff(at, rnd() % 2 ? at + rnd() % 400 / 8 * 8 : ptr(), rnd() % 9, ptr());
    }
  }
}

int main(void) {
  for (int i = 0; i < 200000; i++) {
    for (int k = 0; k < 20; k++) *(volatile u32 *)(ptr()) = ptr();
    int r = call();
    if (r < 0 || r > 76) {
      printf("result %d\n", r);
      return 1;
    }
  }
  printf("survived\n");
}
