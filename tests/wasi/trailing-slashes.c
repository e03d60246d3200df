// linux: wasmtime 49 refuses to remove `d/`, and looks behind links whose name slashes follow
// windows: no symbolic links can be made
// Slashes behind the last name of a path, in every function that takes one, on a name of every kind. Compiled for Linux
// it does the same with the system calls there, and that is what is expected.
#include <errno.h>

#ifdef __wasi__
#include "raw.h"

enum { ROOT = 3 };

static int do_open(const char *path, int follow, int oflags, u64 rights) {
  u32 fd;
  int r = raw_path_open(ROOT, follow, S(path), oflags, rights, 0, 0, P(&fd));
  if (!r) raw_fd_close(fd);
  return r;
}
static int do_read(const char *path, int follow) { return do_open(path, follow, 0, R_READ); }
static int do_write(const char *path) { return do_open(path, 1, 0, R_WRITE); }
static int do_create(const char *path, int exclusive) {
  return do_open(path, 0, exclusive ? CREAT | EXCL : CREAT, R_READ | R_WRITE);
}
static int do_truncate(const char *path) { return do_open(path, 1, TRUNC, R_READ | R_WRITE); }
static int do_stat(const char *path, int follow) {
  struct filestat s;
  return raw_path_filestat_get(ROOT, follow, S(path), P(&s));
}
static int do_times(const char *path, int follow) { return raw_path_filestat_set_times(ROOT, follow, S(path), 1, 1, 5); }
static int do_mkdir(const char *path) { return raw_path_create_directory(ROOT, S(path)); }
static int do_rmdir(const char *path) { return raw_path_remove_directory(ROOT, S(path)); }
static int do_unlink(const char *path) { return raw_path_unlink_file(ROOT, S(path)); }
static int do_symlink(const char *target, const char *path) { return raw_path_symlink(S(target), ROOT, S(path)); }
static int do_readlink(const char *path) {
  static char buffer[100];
  u32 length;
  return raw_path_readlink(ROOT, S(path), P(buffer), sizeof buffer, P(&length));
}
static int do_link(const char *from, const char *to) { return raw_path_link(ROOT, 0, S(from), ROOT, S(to)); }
static int do_rename(const char *from, const char *to) { return raw_path_rename(ROOT, S(from), ROOT, S(to)); }
static int kind(const char *path) {
  struct filestat s;
  return raw_path_filestat_get(ROOT, 0, S(path), P(&s)) ? 0 : "?bcdfssl"[s.type];
}
#else
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int result(int value) { return value < 0 ? errno : 0; }
static int do_open(const char *path, int flags) {
  int fd = open(path, flags, 0666), r = result(fd);
  if (!r) close(fd);
  return r;
}
static int do_read(const char *path, int follow) { return do_open(path, follow ? O_RDONLY : O_RDONLY | O_NOFOLLOW); }
static int do_write(const char *path) { return do_open(path, O_WRONLY); }
static int do_create(const char *path, int exclusive) {
  return do_open(path, O_RDWR | O_CREAT | O_NOFOLLOW | (exclusive ? O_EXCL : 0));
}
static int do_truncate(const char *path) { return do_open(path, O_RDWR | O_TRUNC); }
static int do_stat(const char *path, int follow) {
  struct stat s;
  return result(fstatat(AT_FDCWD, path, &s, follow ? 0 : AT_SYMLINK_NOFOLLOW));
}
static int do_times(const char *path, int follow) {
  struct timespec times[2] = {{1, 0}, {1, 0}};
  return result(utimensat(AT_FDCWD, path, times, follow ? 0 : AT_SYMLINK_NOFOLLOW));
}
static int do_mkdir(const char *path) { return result(mkdir(path, 0777)); }
static int do_rmdir(const char *path) { return result(rmdir(path)); }
static int do_unlink(const char *path) { return result(unlink(path)); }
static int do_symlink(const char *target, const char *path) { return result(symlink(target, path)); }
static int do_readlink(const char *path) {
  char buffer[100];
  return result(readlink(path, buffer, sizeof buffer));
}
static int do_link(const char *from, const char *to) { return result(link(from, to)); }
static int do_rename(const char *from, const char *to) { return result(rename(from, to)); }
static int kind(const char *path) {
  struct stat s;
  return lstat(path, &s) ? 0 : S_ISDIR(s.st_mode) ? 'd' : S_ISLNK(s.st_mode) ? 'l' : 'f';
}
static const char *name(int number) {
  switch (number) {
    case 0: return "SUCCESS";
    case EEXIST: return "EXIST";
    case EINVAL: return "INVAL";
    case EISDIR: return "ISDIR";
    case ELOOP: return "LOOP";
    case ENOENT: return "NOENT";
    case ENOTDIR: return "NOTDIR";
    case ENOTEMPTY: return "NOTEMPTY";
    case EPERM: return "PERM";
    case EBUSY: return "BUSY";
  }
  return "another";
}
#endif

static const char *const operations[] = {
    "read", "read-link", "write", "create", "exclusive", "truncate", "stat", "stat-link", "times", "times-link", "mkdir",
    "rmdir", "unlink", "symlink", "readlink", "link-from", "link-from-to-slash", "link-to", "link-dir-to", "rename-from",
    "rename-from-to-slash", "rename-to", "rename-dir-to", "rename-none-to"};
enum { OPERATIONS = sizeof operations / sizeof *operations };

static int operate(int op, const char *path) {
  switch (op) {
    case 0: return do_read(path, 1);
    case 1: return do_read(path, 0);
    case 2: return do_write(path);
    case 3: return do_create(path, 0);
    case 4: return do_create(path, 1);
    case 5: return do_truncate(path);
    case 6: return do_stat(path, 1);
    case 7: return do_stat(path, 0);
    case 8: return do_times(path, 1);
    case 9: return do_times(path, 0);
    case 10: return do_mkdir(path);
    case 11: return do_rmdir(path);
    case 12: return do_unlink(path);
    case 13: return do_symlink("target", path);
    case 14: return do_readlink(path);
    case 15: return do_link(path, "new");
    case 16: return do_link(path, "new/");
    case 17: return do_link("other", path);
    case 18: return do_link("e", path);
    case 19: return do_rename(path, "new");
    case 20: return do_rename(path, "new/");
    case 21: return do_rename("other", path);
    case 22: return do_rename("e", path);
    case 23: return do_rename("missing", path);
  }
  return -1;
}

static const char *const tree[] = {"d", "e", "f", "full", "full/x", "link-d", "link-f", "link-full", "loop", "none",
                                   "nowhere", "other", "new", "target", "full/none", "new/x", "new/none"};
enum { TREE = sizeof tree / sizeof *tree };

static void set_up(void) {
  for (int i = TREE; i-- > 0;) kind(tree[i]) == 'd' ? do_rmdir(tree[i]) : do_unlink(tree[i]);
  do_mkdir("d"), do_mkdir("e"), do_mkdir("full");
  do_create("f", 0), do_create("other", 0), do_create("full/x", 0);
  do_symlink("d", "link-d"), do_symlink("f", "link-f"), do_symlink("full", "link-full");
  do_symlink("loop", "loop"), do_symlink("absent", "nowhere");
}

int main(void) {
  static const char *const bases[] = {"d",      "full",    "f",        "full/x", "link-d", "link-f", "link-full", "loop",
                                      "nowhere", "none", "full/none", "./d",    "link-full/x", "f/x"};
  static const char *const ends[] = {"", "/", "//", "/./"};
  for (int b = 0; b < sizeof bases / sizeof *bases; b++)
    for (int e = 0; e < sizeof ends / sizeof *ends; e++)
      for (int op = 0; op < OPERATIONS; op++) {
        char path[100];
        snprintf(path, sizeof path, "%s%s", bases[b], ends[e]);
        set_up();
        printf("%s %s: %s", operations[op], path, name(operate(op, path)));
        // What it did.
        for (int i = 0; i < TREE; i++)
          if (kind(tree[i])) printf(" %s:%c", tree[i], kind(tree[i]));
        printf("\n");
      }
  set_up();
}
