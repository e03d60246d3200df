// windows: no symbolic links can be made
// alone: its command line has no such grants; the expectation follows DirPerms::READ of its library
// grants: / /ro:ro
// One directory, granted once for everything and once for reading only. wasmtime's command line
// has no such grants; the expectation follows what its library does for `DirPerms::READ`.
#include "raw.h"

static u32 out;
static char buffer[200];
enum { RW = 3, RO = 4 };

static void try_open(const char *path, u32 oflags, u64 rights) {
  u32 fd;
  int r = raw_path_open(RO, 1, S(path), oflags, rights, 0, 0, P(&fd));
  printf("open %s oflags %u rights %llu = %s\n", path, oflags, (unsigned long long)rights, name(r));
  if (!r) raw_fd_close(fd);
}

int main(void) {
  u32 f, d;
  struct iov text = {S("contents")}, into = {P(buffer), 100};
  raw_path_open(RW, 0, S("f"), CREAT, R_READ | R_WRITE, 0, 0, P(&f));
  raw_fd_write(f, P(&text), 1, P(&out)), raw_fd_close(f);
  raw_path_create_directory(RW, S("d")), raw_path_symlink(S("f"), RW, S("l"));

  for (u32 oflags = 0; oflags < 16; oflags++) try_open("f", oflags, R_READ);
  try_open("f", 0, R_WRITE), try_open("f", 0, R_READ | R_WRITE), try_open("f", 0, 0);
  try_open("l", 0, R_READ), try_open("l", 0, R_WRITE), try_open("d", 0, R_READ);
  try_open("d", DIRECTORY, R_READ), try_open("d", DIRECTORY, R_WRITE);
  try_open("none", CREAT, R_READ), try_open("none", CREAT | EXCL, R_WRITE), try_open("none", 0, R_READ);

  struct filestat s;
  SHOW(raw_path_filestat_get(RO, 1, S("f"), P(&s)));
  SHOW(raw_path_filestat_set_times(RO, 0, S("f"), 1, 1, 5));
  SHOW(raw_path_create_directory(RO, S("new")));
  SHOW(raw_path_remove_directory(RO, S("d")));
  SHOW(raw_path_unlink_file(RO, S("f")));
  SHOW(raw_path_unlink_file(RO, S("none")));
  SHOW(raw_path_symlink(S("f"), RO, S("new")));
  SHOW(raw_path_readlink(RO, S("l"), P(buffer), 100, P(&out)));
  SHOW(raw_path_link(RO, 0, S("f"), RO, S("new")));
  SHOW(raw_path_link(RO, 0, S("f"), RW, S("new")));
  SHOW(raw_path_link(RW, 0, S("f"), RO, S("new")));
  SHOW(raw_path_rename(RO, S("f"), RO, S("new")));
  SHOW(raw_path_rename(RO, S("f"), RW, S("new")));
  SHOW(raw_path_rename(RW, S("f"), RO, S("new")));
  SHOW(raw_fd_filestat_get(RO, P(&s)));
  SHOW(raw_fd_filestat_set_times(RO, 1, 1, 5));
  SHOW(raw_fd_readdir(RO, P(buffer), 100, 0, P(&out)));

  // What is opened through it is for reading only, too.
  SHOW(raw_path_open(RO, 0, S("f"), 0, R_READ, 0, 0, P(&f)));
  SHOW(raw_fd_read(f, P(&into), 1, P(&out)));
  printf("%.8s\n", buffer);
  SHOW(raw_fd_write(f, P(&text), 1, P(&out)));
  SHOW(raw_fd_filestat_set_size(f, 0));
  SHOW(raw_fd_filestat_set_times(f, 1, 1, 5));
  SHOW(raw_fd_fdstat_set_flags(f, APPEND));
  SHOW(raw_fd_sync(f));
  SHOW(raw_path_open(RO, 0, S("d"), DIRECTORY, R_READ, 0, 0, P(&d)));
  SHOW(raw_path_create_directory(d, S("new")));
  SHOW(raw_path_open(d, 0, S("new"), CREAT, R_READ, 0, 0, P(&f)));
  SHOW(raw_fd_filestat_set_times(d, 1, 1, 5));
  SHOW(raw_fd_renumber(d, 5));
  SHOW(raw_path_create_directory(5, S("new")));
  SHOW(raw_path_create_directory(RW, S("d/new")));
}
