// path_open with every combination of lookupflags, oflags, fdflags and the rights to read and to write,
// on everything that a name can be. What it opened and what it changed is printed, too.
#include "raw.h"
#include <stdlib.h>

static u32 out;

#ifdef LINKS
static const char *const names[] = {"file-link", "dir-link", "dangling", "loop"};
#else
static const char *const names[] = {"file", "dir", "none", "file/", "dir/", "none/", "dir/.", "."};
#endif
enum { COUNT = sizeof names / sizeof *names };

static void make_file(const char *path, const char *contents) {
  u32 fd;
  struct iov iov = {S(contents)};
  if (raw_path_open(3, 0, S(path), CREAT | TRUNC, R_READ | R_WRITE, 0, 0, P(&fd))) abort();
  raw_fd_write(fd, P(&iov), 1, P(&out));
  raw_fd_close(fd);
}

static void set_up(void) {
  make_file("file", "contents");
  raw_path_create_directory(3, S("dir"));
#ifdef LINKS
  raw_path_symlink(S("file"), 3, S("file-link"));
  raw_path_symlink(S("dir"), 3, S("dir-link"));
  raw_path_symlink(S("missing"), 3, S("dangling"));
  raw_path_symlink(S("loop"), 3, S("loop"));
#endif
}

// Undoes and tells what opening did: whether it made a file, or emptied one.
static const char *changes(void) {
  struct filestat s;
  int made = 0, emptied = 0;
  if (!raw_path_unlink_file(3, S("none"))) made = 1;
  if (!raw_path_unlink_file(3, S("missing"))) made = 1;
  raw_path_filestat_get(3, 0, S("file"), P(&s));
  if (s.size == 0) emptied = 1, make_file("file", "contents");
  return made ? emptied ? "+0" : "+" : emptied ? "0" : "";
}

static void try_one(char *text, const char *path, u32 lookup, u32 oflags, u64 rights, u32 fdflags) {
  u32 fd = 0xffffffff;
  int r = raw_path_open(3, lookup, S(path), oflags, rights, 0, fdflags, P(&fd));
  if (r) {
    sprintf(text, "%s%s", name(r), changes());
    return;
  }
  struct fdstat s;
  raw_fd_fdstat_get(fd, P(&s));
  sprintf(text, "%s:%u,%u,%s%s", changes(), s.type, s.flags, s.rights & R_READ ? "r" : "-",
          s.rights & R_WRITE ? "w" : "-");
  raw_fd_close(fd);
}

int main(void) {
  static const u64 rights[] = {0, R_READ, R_WRITE, R_READ | R_WRITE, R_READDIR, 0x3fffffff};
  set_up();
  for (int i = 0; i < COUNT; i++)
    for (int r = 0; r < 6; r++)
      for (u32 lookup = 0; lookup < 2; lookup++)
        for (u32 oflags = 0; oflags < 16; oflags++) {
          printf("%s rights %llx lookup %u oflags %u:", names[i], (unsigned long long)rights[r], lookup, oflags);
          // Equal results in a row are counted.
          char before[64] = "", now[64];
          int same = 0;
          for (u32 fdflags = 0; fdflags <= 32; fdflags++) {
            if (fdflags < 32) try_one(now, names[i], lookup, oflags, rights[r], fdflags);
            if (fdflags && (fdflags == 32 || strcmp(now, before))) printf(" %dx%s", same, before), same = 0;
            strcpy(before, now), same++;
          }
          printf("\n");
        }
}
