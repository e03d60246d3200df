// A hostile program. It tries every path operation on every path that might lead out of what it was
// granted, uses descriptors that it doesn't own, memory that overlaps, and all descriptors there are.
//
// Descriptors: 3 is a directory for reading and writing, 4 one for reading only, 5 is /proc.
// run.py has put links there that lead out. One line for each attempt: what it was, and its result.
// What it can read of the outside contains SECRET.
#include "raw.h"
#include <stdlib.h>

enum { RW = 3, RO = 4, PROC = 5 };
static u32 out, attempts;
static char buffer[4096], seen[4096 + 8];

static void check(const char *data, u32 length) {
  memcpy(seen, data, length < 4096 ? length : 4096);
  seen[length < 4096 ? length : 4096] = 0;
  if (strstr(seen, "SECRET")) printf("ESCAPE: read the secret\n");
}

static void record(const char *what, u32 dir, const char *path, u32 length, int result) {
  attempts++;
  printf("%s %u ", what, dir);
  for (u32 i = 0; i < length && i < 60; i++) {
    unsigned char c = path[i];
    printf(c > 32 && c < 127 ? "%c" : "<%02x>", c);
  }
  printf("%s = %s\n", length > 60 ? "..." : "", name(result));
}

// Reads what is behind a descriptor and closes it.
static void inspect(u32 fd) {
  struct iov iov = {P(buffer), sizeof buffer};
  if (!raw_fd_read(fd, P(&iov), 1, P(&out))) check(buffer, out);
  if (!raw_fd_readdir(fd, P(buffer), sizeof buffer, 0, P(&out))) check(buffer, out);
  raw_fd_close(fd);
}

static int try_open(u32 dir, u32 lookup, u32 p, u32 n, u32 oflags, u64 rights) {
  u32 fd;
  int r = raw_path_open(dir, lookup, p, n, oflags, rights, 0, NONBLOCK, P(&fd));
  if (!r) inspect(fd);
  return r;
}

static const char *const operations[] = {
    "read",  "read-link",  "write",     "directory",      "directory-link", "stat",      "stat-link",
    "times", "times-link", "readlink",  "create",         "create-follow",  "exclusive", "truncate",
    "mkdir", "symlink",    "link-from", "link-from-read", "link-to",        "rename-to", "rename-dir-to",
    // These remove what is there.
    "rmdir", "unlink",     "rename-from"};
enum { OPERATIONS = sizeof operations / sizeof *operations, REMOVING = 21 };

static int operate(int op, u32 dir, u32 p, u32 n) {
  struct filestat s;
  int r;
  switch (op) {
    case 0: return try_open(dir, FOLLOW, p, n, 0, R_READ);
    case 1: return try_open(dir, NOFOLLOW, p, n, 0, R_READ);
    case 2: return try_open(dir, FOLLOW, p, n, 0, R_READ | R_WRITE);
    case 3: return try_open(dir, FOLLOW, p, n, DIRECTORY, R_READ | R_READDIR);
    case 4: return try_open(dir, NOFOLLOW, p, n, DIRECTORY, R_READ | R_READDIR);
    case 5: return raw_path_filestat_get(dir, FOLLOW, p, n, P(&s));
    case 6: return raw_path_filestat_get(dir, NOFOLLOW, p, n, P(&s));
    case 7: return raw_path_filestat_set_times(dir, FOLLOW, p, n, 1, 1, 5);
    case 8: return raw_path_filestat_set_times(dir, NOFOLLOW, p, n, 1, 1, 5);
    case 9: return raw_path_readlink(dir, p, n, P(buffer), sizeof buffer, P(&out));
    case 10: return try_open(dir, NOFOLLOW, p, n, CREAT, R_READ | R_WRITE);
    case 11: return try_open(dir, FOLLOW, p, n, CREAT, R_READ | R_WRITE);
    case 12: return try_open(dir, FOLLOW, p, n, CREAT | EXCL, R_READ | R_WRITE);
    case 13: return try_open(dir, FOLLOW, p, n, TRUNC, R_READ | R_WRITE);
    case 14: return raw_path_create_directory(dir, p, n);
    case 15: return raw_path_symlink(S("f"), dir, p, n);
    case 16: return raw_path_link(dir, NOFOLLOW, p, n, RW, S("got"));
    case 17:
      r = raw_path_link(dir, FOLLOW, p, n, RW, S("got"));
      if (!r) try_open(RW, FOLLOW, S("got"), 0, R_READ);
      return r;
    case 18: return raw_path_link(RW, NOFOLLOW, S("f"), dir, p, n);
    case 19: return raw_path_rename(RW, S("f"), dir, p, n);
    case 20: return raw_path_rename(RW, S("d"), dir, p, n);
    case 21: return raw_path_remove_directory(dir, p, n);
    case 22: return raw_path_unlink_file(dir, p, n);
    case 23:
      r = raw_path_rename(dir, p, n, RW, S("got"));
      if (!r) try_open(RW, FOLLOW, S("got"), 0, R_READ);
      return r;
  }
  return -1;
}

static void put(const char *path, const char *text) {
  u32 fd;
  struct iov iov = {S(text)};
  if (raw_path_open(RW, 0, S(path), CREAT, R_READ | R_WRITE, 0, 0, P(&fd))) return;
  raw_fd_write(fd, P(&iov), 1, P(&out)), raw_fd_close(fd);
}

// What operations need, however the last one left it.
static void restore(void) {
  raw_path_unlink_file(RW, S("got")), raw_path_remove_directory(RW, S("got"));
  raw_path_create_directory(RW, S("d")), raw_path_create_directory(RW, S("d/e"));
  put("f", "inside");
}

// What must never succeed, whatever else the operation does: `u`: anything. `L`: anything in RW, where the links
// are; `l`: there, what follows links. `P`: anything in PROC. `-`: it's harmless.
#define PATH(kind, text) {text, sizeof text - 1, kind}
static char deep_up[3 * 700 + 20], long_name[300], long_path[5000], deep_down[2 * 300 + 20];
static struct path {
  const char *text;
  u32 length;
  char kind;
} paths[] = {
    // Up.
    PATH('u', ".."), PATH('u', "../"), PATH('u', "../."), PATH('u', "../outside/secret"), PATH('u', "./../outside/secret"),
    PATH('u', "d/../../outside/secret"), PATH('u', "d/..//..//outside/secret"), PATH('u', "d/e/../../../outside/secret"),
    PATH('u', "../rw/f"), PATH('u', "../rw"), PATH('u', "d/../../rw/f"), PATH('u', "d/../.."), PATH('u', "d/../../"), PATH('u', "none/../../outside/secret"),
    PATH('u', "f/../../outside/secret"), PATH('u', "f/.."), PATH('u', "..//////outside/secret"), PATH('u', "d/../../ro/f"),
    PATH('u', "../../../../../../../../../../etc/passwd"), PATH('u', "d/./././.././../outside/dir/x"), PATH('u', "../outside/new"),
    // Absolute.
    PATH('u', "/"), PATH('u', "//"), PATH('u', "/etc/passwd"), PATH('u', "//etc/passwd"), PATH('u', "/../etc/passwd"), PATH('u', "/f"),
    PATH('u', "/proc/self/root/etc/passwd"), PATH('u', "/proc/self/cwd"), PATH('u', "/dev/null"), PATH('u', "/dev/zero"),
    PATH('u', "/proc/self/fd/3/../outside/secret"), PATH('u', "/dev/fd/4"),
    // Links that run.py made.
    PATH('l', "l-abs"), PATH('L', "l-abs/"), PATH('l', "l-up"), PATH('l', "l-updir"), PATH('L', "l-updir/"), PATH('L', "l-updir/secret"),
    PATH('L', "l-updir/."), PATH('L', "l-updir/.."), PATH('L', "l-updir/new"), PATH('L', "l-updir/dir/x"), PATH('L', "l-absdir/secret"), PATH('L', "l-absdir/"),
    PATH('l', "l-chain"), PATH('l', "l-dotdot"), PATH('L', "l-dotdot/"), PATH('L', "l-dotdot/outside/secret"), PATH('L', "l-dotdot/rw/f"),
    PATH('l', "l-again"), PATH('l', "l-deep"), PATH('L', "l-deep/secret"), PATH('L', "d/../l-updir/secret"), PATH('l', "l-loop"), PATH('L', "l-loop/x"),
    PATH('l', "l-root"), PATH('L', "l-root/etc/passwd"), PATH('l', "l-cwd"), PATH('L', "l-cwd/outside/secret"), PATH('l', "l-fds"), PATH('L', "l-fds/3"),
    PATH('l', "l-null"), PATH('l', "l-zero"), PATH('l', "l-new"), PATH('L', "l-newdir/x"), PATH('-', "inside-d"), PATH('L', "inside-d/../../outside/secret"),
    // Special files that are there.
    PATH('-', "fifo"), PATH('-', "fifo/"), PATH('-', "fifo/.."), PATH('-', "socket"), PATH('-', "f/"), PATH('-', "f/."), PATH('-', "f/x"),
    // Of /proc: see procfs.c for more.
    PATH('P', "self/root"), PATH('P', "self/root/"), PATH('P', "self/root/etc/passwd"), PATH('P', "self/cwd"), PATH('P', "self/cwd/outside/secret"), PATH('P', "self/cwd/.."), PATH('P', "self/exe"),
    PATH('P', "self/fd/0"), PATH('P', "self/fd/3"), PATH('P', "self/fd/3/"), PATH('P', "self/fd/3/f"), PATH('P', "self/fd/3/../outside/secret"), PATH('P', "self/fd/5/root"),
    PATH('P', "self/task/../root/etc/passwd"), PATH('P', "self/ns/mnt"), PATH('P', "self/map_files/../root"), PATH('u', "../1/root"), PATH('u', "../self/root"),
    // Names.
    PATH('-', ""), PATH('-', "."), PATH('-', "./"), PATH('-', "\0"), PATH('-', "f\0/../../outside/secret"), PATH('-', "..\0"), PATH('-', "\0.."),
#if !COMPONENT
    // Not strings of a component: they end the program.
    PATH('-', "..\xc0\xaf..\xc0\xafoutside"), PATH('-', "\xff"),
#endif
    PATH('-', "..\\outside\\secret"), PATH('-', "%2e%2e/outside/secret"),
    PATH('-', "\xe2\x80\xa5/outside"), PATH('-', ".../outside"), PATH('-', "~"), PATH('-', "-"), PATH('-', "d/\x01"),
    {deep_up, 0, 'u'}, {long_name, 0, '-'}, {long_path, 0, '-'}, {deep_down, 0, '-'},
};
enum { PATHS = sizeof paths / sizeof *paths };

static void prepare_paths(void) {
  for (int i = 0; i < 700; i++) strcat(deep_up, "../");
  strcat(deep_up, "etc/passwd");
  memset(long_name, 'n', 299);
  for (int i = 0; i < 4998; i += 2) long_path[i] = '.', long_path[i + 1] = '/';
  for (int i = 0; i < 300; i++) strcat(deep_down, "d/");
  for (int i = PATHS - 4; i < PATHS; i++) paths[i].length = strlen(paths[i].text);
}

static int follows(int op) { return op == 0 || op == 2 || op == 3 || op == 5 || op == 7 || op == 11 || op == 12 || op == 13; }

static int is_escape(const struct path *path, int op, u32 dir) {
  switch (path->kind) {
    case 'u': return 1;
    case 'L': return dir == RW;
    case 'l': return dir == RW && follows(op);
    case 'P': return dir == PROC;
    default: return 0;
  }
}

static void every_path(void) {
  for (int op = 0; op < OPERATIONS; op++)
    for (u32 dir = RW; dir <= PROC; dir++)
      for (int i = 0; i < PATHS; i++) {
        // Nobody should lose his working directory or what is special.
        if (op >= REMOVING && dir == RW && (paths[i].text[0] == 'l' || !strncmp(paths[i].text, "fifo", 4))) continue;
        if ((op == 19 || op == 20) && dir == RW && paths[i].text[0] == 'l') continue;
        restore();
        int r = operate(op, dir, P(paths[i].text), paths[i].length);
        record(operations[op], dir, paths[i].text, paths[i].length, r);
        if (!r && is_escape(paths + i, op, dir)) printf("ESCAPE: it should have been refused\n");
      }
}

// Links that it makes itself, to every path, at every position.
static void own_links(void) {
  static const char *const uses[] = {"m", "m/", "m/secret", "m/.", "m/..", "m/../outside/secret", "d/m2/secret", "m3", "m3/secret"};
  static const int ops[] = {0, 2, 3, 5, 7, 10, 11, 12, 13, 14, 17, 18};
  for (int i = 0; i < PATHS; i++) {
    restore();
    int made = raw_path_symlink(P(paths[i].text), paths[i].length, RW, S("m"));
    record("make-link", RW, paths[i].text, paths[i].length, made);
    raw_path_symlink(P(paths[i].text), paths[i].length, RW, S("d/m2"));
    raw_path_symlink(S("m"), RW, S("m3"));
    for (int u = 0; u < sizeof uses / sizeof *uses; u++)
      for (int o = 0; o < sizeof ops / sizeof *ops; o++) {
        raw_path_unlink_file(RW, S("got"));
        int r = operate(ops[o], RW, P(uses[u]), strlen(uses[u]));
        if (strlen(paths[i].text) < 100) printf("%s: ", paths[i].text);
        record(operations[ops[o]], RW, uses[u], strlen(uses[u]), r);
        // From `d`, one step up isn't out yet.
        if (!r && !made && paths[i].kind == 'u' && uses[u][0] == 'm') printf("ESCAPE: it should have been refused\n");
      }
    raw_path_unlink_file(RW, S("m")), raw_path_unlink_file(RW, S("d/m2")), raw_path_unlink_file(RW, S("m3"));
  }
}

// A directory that it holds open stays its own root, wherever it is moved.
static void moved_directories(void) {
  u32 e, f;
  static const char *const from[] = {"..", "../f", "../../f", "../../../outside/secret", "../e", ".", "x/../.."};
  restore();
  raw_path_open(RW, 0, S("d/e"), DIRECTORY, R_READ | R_READDIR, ~0u >> 2, 0, P(&e));
  for (int moved = 0; moved < 3; moved++) {
    for (int i = 0; i < sizeof from / sizeof *from; i++)
      for (int op = 0; op < REMOVING; op++)
        if (op < 10 || i) record(operations[op], e, from[i], strlen(from[i]), operate(op, e, P(from[i]), strlen(from[i])));
    if (moved == 0) record("move", RW, "d/e", 3, raw_path_rename(RW, S("d/e"), RW, S("e")));
    if (moved == 1) record("remove", RW, "e", 1, raw_path_remove_directory(RW, S("e")));
  }
  raw_fd_close(e);
  // From one grant to another.
  restore();
  record("rename-across", RW, "f", 1, raw_path_rename(RW, S("f"), RO, S("f2")));
  record("rename-across", RO, "f", 1, raw_path_rename(RO, S("f"), RW, S("f2")));
  record("link-across", RW, "f", 1, raw_path_link(RW, 0, S("f"), RO, S("f2")));
  record("link-across", RO, "f", 1, raw_path_link(RO, 0, S("f"), RW, S("f2")));
  // Only for reading: neither through the directory, nor what is opened beneath it, nor renumbered.
  raw_path_open(RO, 0, S("f"), 0, R_READ, ~0ull >> 34, 0, P(&f));
  struct iov iov = {S("overwritten")};
  record("ro-write", f, "f", 1, raw_fd_write(f, P(&iov), 1, P(&out)));
  record("ro-pwrite", f, "f", 1, raw_fd_pwrite(f, P(&iov), 1, 0, P(&out)));
  record("ro-size", f, "f", 1, raw_fd_filestat_set_size(f, 0));
  record("ro-times", f, "f", 1, raw_fd_filestat_set_times(f, 1, 1, 5));
  record("ro-allocate", f, "f", 1, raw_fd_allocate(f, 0, 100000));
  record("ro-times", RO, "", 0, raw_fd_filestat_set_times(RO, 1, 1, 5));
  raw_fd_close(f);
  record("ro-open", RO, "f", 1, raw_path_open(RO, 0, S("f"), 0, R_WRITE, 0, 0, P(&f)));
  record("ro-append", RO, "f", 1, raw_path_open(RO, 0, S("f"), 0, R_READ | R_WRITE, 0, APPEND, P(&f)));
}

// Descriptors that it wasn't given, by every function that takes one.
static void foreign_descriptors(void) {
  static const u32 some[] = {6, 7, 8, 9, 10, 63, 64, 255, 256, 1023, 1024, 4095, 4096, 65535, 65536,
                             0x7fffffff, 0x80000000, 0x80000003, 0xfffffffe, 0xffffffff};
  static struct filestat s;
  struct iov iov = {P(buffer), 10};
  u32 fd, refused = 0;
  for (int i = 0; i < sizeof some / sizeof *some; i++) {
    u32 n = some[i];
    int results[] = {
        raw_fd_advise(n, 0, 0, 0), raw_fd_allocate(n, 0, 1), raw_fd_close(n), raw_fd_datasync(n),
        raw_fd_fdstat_get(n, P(&s)), raw_fd_fdstat_set_flags(n, 0), raw_fd_filestat_get(n, P(&s)),
        raw_fd_filestat_set_size(n, 0), raw_fd_filestat_set_times(n, 0, 0, 0), raw_fd_pread(n, P(&iov), 1, 0, P(&out)),
        raw_fd_prestat_get(n, P(&s)), raw_fd_prestat_dir_name(n, P(&s), 0), raw_fd_pwrite(n, P(&iov), 1, 0, P(&out)),
        raw_fd_read(n, P(&iov), 1, P(&out)), raw_fd_readdir(n, P(buffer), 100, 0, P(&out)), raw_fd_renumber(n, RW),
        raw_fd_renumber(1, n), raw_fd_seek(n, 0, 0, P(&s)), raw_fd_sync(n), raw_fd_tell(n, P(&s)),
        raw_fd_write(n, P(&iov), 1, P(&out)), raw_path_create_directory(n, S("x")),
        raw_path_filestat_get(n, 0, S("."), P(&s)), raw_path_link(n, 0, S("f"), RW, S("x")),
        raw_path_link(RW, 0, S("f"), n, S("x")), raw_path_open(n, 0, S("."), 0, 0, 0, 0, P(&fd)),
        raw_path_readlink(n, S("l"), P(buffer), 10, P(&out)), raw_path_remove_directory(n, S("x")),
        raw_path_rename(n, S("f"), RW, S("x")), raw_path_rename(RW, S("f"), n, S("x")),
        raw_path_symlink(S("f"), n, S("x")), raw_path_unlink_file(n, S("x")),
        raw_sock_accept(n, 0, P(&fd)), raw_sock_shutdown(n, 1)};
    for (int k = 0; k < sizeof results / sizeof *results; k++) {
      attempts++;
      results[k] == 8 ? refused++ : printf("descriptor %u, function %d = %s\n", n, k, name(results[k]));
    }
  }
  printf("foreign descriptors: %u BADF\n", refused);
}

// Arrays and results that lie upon each other. Whatever comes out, nothing else may change.
static void overlaps(void) {
  static u32 area[64] __attribute__((aligned(64)));
  static u32 fence = 0x12345678;
  u32 fd;
  raw_path_open(RW, 0, S("f"), 0, R_READ | R_WRITE, 0, 0, P(&fd));
  for (u32 shift = 0; shift < 16; shift++) {
    for (int i = 0; i < 64; i += 2) area[i] = P(area + (i * shift) % 60), area[i + 1] = 1 + i % 3;
    raw_fd_pread(fd, P(area), 32, 0, P(area + shift));
    for (int i = 0; i < 64; i += 2) area[i] = P(area + (i * shift) % 60), area[i + 1] = 1 + i % 3;
    raw_fd_pwrite(fd, P(area + 2 * (shift % 8)), 8, 0, P(area + shift));
    memset(area, 0, sizeof area);
    raw_poll_oneoff(P(area), P(area + 2 * shift), 1, P(area + shift));
    memset(area, 'x', sizeof area);
    raw_path_open(RW, 0, P(area), 8, CREAT, R_READ, 0, 0, P(area + shift));
    raw_path_readlink(RW, P(area), 4 + shift, P(area) + shift, 20, P(area + shift));
    attempts += 5;
  }
  // More pieces than fit anywhere, all empty or all upon each other.
  static struct iov many[3000];
  printf("empty pieces = %s %u\n", name(raw_fd_pread(fd, P(many), 3000, 0, P(&out))), out);
  for (int i = 0; i < 3000; i++) many[i].buffer = P(buffer), many[i].length = sizeof buffer;
  printf("pieces upon each other = %s\n", name(raw_fd_pread(fd, P(many), 3000, 0, P(&out))));
  for (int i = 0; i < 3000; i++) many[i].buffer = 0, many[i].length = 1 << 16;
  printf("pieces of 188 MiB = %s\n", name(raw_fd_pread(fd, P(many), 3000, 1000, P(&out))));
  raw_fd_close(fd);
  attempts += 3;
  printf("fence %s\n", fence == 0x12345678 ? "intact" : "broken");
}

static void exhaust_descriptors(void) {
  u32 fds = 0, fd, last = 0;
  int r;
  while ((r = raw_path_open(RW, 0, S("f"), 0, R_READ, 0, 0, P(&fd))) == 0 && fds < 100000) fds++, last = fd;
  attempts += fds;
  // These two lines aren't compared: how many there are depends on the system.
  printf("exhausted: %u\n", fds);
  r = raw_path_create_directory(RW, S("d/e/another"));
  printf("then: %s\n", name(r));
  for (u32 fd = 6; fd <= last; fd++) raw_fd_close(fd);
  record("again", RW, "f", 1, try_open(RW, 0, S("f"), 0, R_READ));
  raw_path_remove_directory(RW, S("d/e/another"));
}

int main(void) {
  prepare_paths();
  restore();
  // In a component the adapter has the table of descriptors and the arrays.
  if (!COMPONENT) foreign_descriptors();
  every_path();
  own_links();
  moved_directories();
  restore();
  if (!COMPONENT) overlaps();
  exhaust_descriptors();
  printf("attempts: %u\n", attempts);
}
