// alone: its command line has no such grants
// grants: / /ro:ro
// GHSA-2r75-cxrj-cmph (CVE-2026-47261, 2026-05-21) and GHSA-4ch3-9j33-3pmj (CVE-2026-58494, 2026-06-24): what was granted for
// reading only can't be truncated by opening it, whatever rights are asked for, and gets no names by links and
// renames that begin where writing is allowed; nor does what is in it get another name there.
#include "raw.h"

static u32 out;
static char buffer[100];
enum { RW = 3, RO = 4 };

static u64 size(const char *path) {
  struct filestat s = {0};
  raw_path_filestat_get(RW, 0, S(path), P(&s));
  return s.size;
}

static void make(const char *path) {
  u32 fd;
  struct iov text = {S("contents")};
  raw_path_open(RW, 0, S(path), CREAT, R_READ | R_WRITE, 0, 0, P(&fd));
  raw_fd_write(fd, P(&text), 1, P(&out)), raw_fd_close(fd);
}

int main(void) {
  static const u64 rights[] = {0, R_READ, R_WRITE, R_READ | R_WRITE, R_READ | R_READDIR, ~0ull >> 35};
  u32 d;
  make("f"), raw_path_create_directory(RW, S("d")), make("d/f");
  raw_path_open(RO, 0, S("d"), DIRECTORY, R_READ | R_READDIR, ~0ull >> 35, 0, P(&d));
  for (u32 i = 0; i < sizeof rights / sizeof *rights; i++) {
    printf("rights %llx:", rights[i]);
    for (u32 oflags = TRUNC; oflags < 16; oflags++) {
      for (u32 follow = 0; follow < 2; follow++) {
        u32 fd;
        int r = raw_path_open(RO, follow, S("f"), oflags, rights[i], rights[i], 0, P(&fd));
        if (!r) raw_fd_close(fd);
        int below = raw_path_open(d, follow, S("f"), oflags, rights[i], rights[i], 0, P(&fd));
        if (!below) raw_fd_close(fd);
        printf(" %u %s %s", oflags, name(r), name(below));
      }
    }
    printf("\n");
  }
  printf("sizes %llu %llu\n", size("f"), size("d/f"));

  // Another name in it, or for what is in it.
  SHOW(raw_path_link(RW, 0, S("f"), RO, S("new")));
  SHOW(raw_path_link(RW, 0, S("f"), d, S("new")));
  SHOW(raw_path_link(RO, 0, S("f"), RW, S("new")));
  SHOW(raw_path_link(d, 0, S("f"), RW, S("new")));
  SHOW(raw_path_rename(RW, S("f"), RO, S("new")));
  SHOW(raw_path_rename(RW, S("f"), RO, S("d/f")));
  SHOW(raw_path_rename(RW, S("f"), d, S("f")));
  SHOW(raw_path_rename(RO, S("f"), RW, S("new")));
  SHOW(raw_path_rename(d, S("f"), RW, S("f")));
  SHOW(raw_path_rename(d, S("f"), d, S("f")));
  SHOW(raw_path_symlink(S("f"), d, S("new")));
  SHOW(raw_path_unlink_file(d, S("f")));

  // A descriptor keeps what it may do when it gets another number.
  u32 f;
  struct iov text = {S("x")};
  SHOW(raw_path_open(RO, 0, S("f"), 0, R_READ, 0, 0, P(&f)));
  SHOW(raw_fd_renumber(f, RW));
  SHOW(raw_fd_filestat_set_size(RW, 0));
  SHOW(raw_fd_pwrite(RW, P(&text), 1, 0, P(&out)));
  struct filestat s = {0};
  SHOW(raw_fd_filestat_get(RW, P(&s)));
  printf("size %llu\n", s.size);
}
