// windows: no symbolic links can be made
// GHSA-vqjp-4c8c-hfgg (2026-08-20): slashes behind a path, or behind the target of a symbolic link, don't lead out of
// the grant: whatever is done with such a path, it fails as it does without them, or finds what is in the grant.
#include "raw.h"

static u32 out;
static char buffer[100];

static const char *const targets[] = {"..", "../", "..//", "../.", "d/../..", "d/../../", "/", "//", "/tmp", "/tmp/", "d", "d/", "d//"};
enum { TARGETS = sizeof targets / sizeof *targets };
static const char *const ends[] = {"", "/", "//", "/.", "/./", "/..", "/../", "/x", "/x/"};

static void tell(const char *what, int r) { printf(" %s %s", what, r ? name(r) : "ok"); }

static void look(u32 dir, const char *path) {
  struct filestat s;
  printf("%s:", path);
  for (u32 follow = 0; follow < 2; follow++) {
    for (u32 oflags = 0; oflags <= DIRECTORY; oflags += DIRECTORY) {
      u32 fd;
      int r = raw_path_open(dir, follow, S(path), oflags, R_READ, 0, 0, P(&fd));
      tell(oflags ? "directory" : "open", r);
      if (!r) raw_fd_close(fd);
    }
    // Without following, wasmtime ignores slashes and dots behind a single name.
    if (follow || !strchr(path, '/')) tell("stat", raw_path_filestat_get(dir, follow, S(path), P(&s)));
  }
  tell("readlink", raw_path_readlink(dir, S(path), P(buffer), sizeof buffer, P(&out)));
  printf("\n");
}

// What would make, change or remove something: nothing is there, so all of it fails outside of the grant.
static void change(u32 dir, const char *path) {
  u32 fd;
  printf("%s:", path);
  int r = raw_path_open(dir, FOLLOW, S(path), CREAT, R_READ | R_WRITE, 0, 0, P(&fd));
  tell("create", r);
  if (!r) raw_fd_close(fd), tell("unlink", raw_path_unlink_file(dir, S(path)));
  r = raw_path_create_directory(dir, S(path));
  tell("mkdir", r);
  if (!r) tell("rmdir", raw_path_remove_directory(dir, S(path)));
  tell("times", raw_path_filestat_set_times(dir, FOLLOW, S(path), 1, 1, 5));
  tell("rename to", raw_path_rename(3, S("f"), dir, S(path)));
  tell("link to", raw_path_link(3, NOFOLLOW, S("f"), dir, S(path)));
  tell("symlink to", raw_path_symlink(S("f"), dir, S(path)));
  printf("\n");
}

int main(void) {
  u32 fd, d;
  char link[20], path[40];
  raw_path_open(3, 0, S("f"), CREAT, R_READ | R_WRITE, 0, 0, P(&fd)), raw_fd_close(fd);
  raw_path_create_directory(3, S("d"));
  for (int i = 0; i < TARGETS; i++) {
    sprintf(link, "l%d", i);
    printf("%s -> %s: %s\n", link, targets[i], name(raw_path_symlink(S(targets[i]), 3, S(link))));
    for (unsigned end = 0; end < sizeof ends / sizeof *ends; end++) {
      sprintf(path, "%s%s", link, ends[end]);
      look(3, path);
    }
    // In a directory that isn't there, so that nothing is made in any case.
    sprintf(path, "%s/none/new", link), change(3, path);
    sprintf(path, "%s/none/new/", link), change(3, path);
  }
  // The same seen from a directory below.
  raw_path_open(3, 0, S("d"), DIRECTORY, R_READ | R_READDIR, ~0ull >> 35, 0, P(&d));
  static const char *const up[] = {"..", "../", "..//", "../.", "../..", "../f", "../f/", "./..", "./../", "/", "//", "/f"};
  for (unsigned i = 0; i < sizeof up / sizeof *up; i++) look(d, up[i]);
  static const char *const made[] = {"../none/new", "../none/new/", "../../none/new/", "/none/new/"};
  for (unsigned i = 0; i < sizeof made / sizeof *made; i++) change(d, made[i]);
}
