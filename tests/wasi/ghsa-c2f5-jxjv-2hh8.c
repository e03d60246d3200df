// GHSA-c2f5-jxjv-2hh8 (CVE-2024-51745, 2024-11-05) and GHSA-hxf5-99xg-86hw of cap-std (CVE-2024-51756): names of devices of
// Windows, those with superscript digits among them, are names of files like any other: what is written there can
// be read again, and is in the directory.
#include "raw.h"

static u32 out;
static char buffer[200];

static const char *const names[] = {"CON", "PRN", "AUX", "NUL", "nul", "COM1", "COM9", "COM0", "LPT1", "LPT9", "COM\u00b9", "COM\u00b2",
                                    "COM\u00b3", "LPT\u00b9", "LPT\u00b2", "LPT\u00b3", "CONIN$", "CONOUT$", "NUL.txt",
                                    "COM1.txt", "COM\u00b9.txt", "CLOCK$"};

static void check(const char *path) {
  struct iov text = {S(path)}, into = {P(buffer), sizeof buffer};
  struct filestat s = {0};
  u32 fd;
  memset(buffer, 0, sizeof buffer);
  printf("%s: stat %s", path, name(raw_path_filestat_get(3, 0, S(path), P(&s))));
  int r = raw_path_open(3, 0, S(path), CREAT | EXCL, R_READ | R_WRITE, 0, 0, P(&fd));
  printf(" open %s", name(r));
  if (!r) {
    printf(" write %s", name(raw_fd_write(fd, P(&text), 1, P(&out))));
    raw_fd_close(fd);
    raw_path_filestat_get(3, 0, S(path), P(&s));
    printf(" type %u size %llu", s.type, s.size);
    raw_path_open(3, 0, S(path), 0, R_READ, 0, 0, P(&fd));
    printf(" read %s", name(raw_fd_read(fd, P(&into), 1, P(&out))));
    printf(" %s %s", buffer, strcmp(buffer, path) ? "differs" : "same");
    raw_fd_close(fd);
  }
  printf(" unlink %s\n", name(raw_path_unlink_file(3, S(path))));
}

int main(void) {
  char path[100];
  raw_path_create_directory(3, S("d"));
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    // One after the other: a file system that folds cases takes `NUL` and `nul` for one.
    check(names[i]);
    sprintf(path, "d/%s", names[i]);
    check(path);
    SHOW(raw_path_create_directory(3, S(names[i])));
    SHOW(raw_path_remove_directory(3, S(names[i])));
  }
}
