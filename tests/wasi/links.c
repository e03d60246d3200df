// not-windows: no symbolic links can be made
// Symbolic links: how many in a row may be followed, loops of several, links in every place of a path, links
// that lead up and down, and buffers for their targets.
#include "raw.h"
#include <stdlib.h>

static u32 out;
static char buffer[5000];

static void look(const char *path) {
  struct filestat s;
  printf("%.60s:", path);
  for (u32 follow = 0; follow < 2; follow++) {
    int r = raw_path_filestat_get(3, follow, S(path), P(&s));
    printf(" stat%u %s", follow, name(r));
    if (!r) printf(":%u", s.type);
    for (u32 oflags = 0; oflags < 4; oflags += 2) {
      u32 fd;
      r = raw_path_open(3, follow, S(path), oflags, R_READ, 0, 0, P(&fd));
      printf(" open%u,%u %s", follow, oflags, name(r));
      if (!r) raw_fd_close(fd);
    }
    printf(" times %s", name(raw_path_filestat_set_times(3, follow, S(path), 1, 2, 5)));
  }
  printf(" readlink %s\n", name(raw_path_readlink(3, S(path), P(buffer), sizeof buffer, P(&out))));
}

static void link_to(const char *target, const char *path) {
  int r = raw_path_symlink(S(target), 3, S(path));
  if (r) printf("link %s to %.60s = %s\n", path, target, name(r));
}

int main(void) {
  u32 fd;
  char path[300], target[300];
  raw_path_open(3, 0, S("file"), CREAT, R_READ | R_WRITE, 0, 0, P(&fd));
  raw_path_create_directory(3, S("a")), raw_path_create_directory(3, S("a/b"));
  raw_path_create_directory(3, S("a/b/c"));
  // Chains: link1 leads to the file, link2 to link1 and so on; the same for directories.
  link_to("file", "link1"), link_to("a", "dir1");
  for (int i = 2; i <= 50; i++) {
    sprintf(target, "link%d", i - 1), sprintf(path, "link%d", i), link_to(target, path);
    sprintf(target, "dir%d", i - 1), sprintf(path, "dir%d", i), link_to(target, path);
  }
  for (int i = 1; i <= 50; i += i < 38 ? 9 : 1) {
    sprintf(path, "link%d", i), look(path);
    sprintf(path, "dir%d/b", i), look(path);
  }
  // Many links in one path, each followed once.
  link_to("..", "a/up");
  for (int n = 18; n < 45; n += n < 36 ? 6 : 1) {
    static char long_path[1000];
    strcpy(long_path, "a");
    for (int i = 0; i < n; i++) strcat(long_path, "/up/a");
    printf("%d ", n), look(long_path);
  }
  // Loops.
  link_to("two", "one"), link_to("three", "two"), link_to("one", "three");
  link_to("inside/x", "inside"), link_to("a/../around", "around");
  look("one"), look("two/x"), look("inside"), look("around"), look("around/x");
  // Up and down.
  link_to("../../file", "a/b/to-file"), link_to("../../../file", "a/b/outside"), link_to("b/c/..", "a/to-b");
  link_to("../a/b/../../file", "a/far"), link_to("./././b", "a/dots"), link_to("b//c", "a/slashes");
  link_to("b/c/", "a/trailing"), link_to("../file/", "a/file-slash"), link_to("../file/.", "a/file-dot");
  link_to("../file/..", "a/file-up"), link_to("none/..", "a/none-up"), link_to("b/../../..", "a/too-far");
  static const char *const paths[] = {
      "a/b/to-file", "a/b/outside", "a/to-b", "a/to-b/c", "a/to-b/..", "a/to-b/to-file", "a/far", "a/dots", "a/dots/c",
      "a/slashes", "a/trailing", "a/trailing/", "a/file-slash", "a/file-dot", "a/file-up", "a/none-up", "a/too-far",
      "a/too-far/x", "a/up/file", "a/up/a/up/file", "a/up/..", "a/b/to-file/", "a/b/to-file/x", "a/dots/", "a/up/.",
  };
  for (int i = 0; i < sizeof paths / sizeof *paths; i++) look(paths[i]);
  // Long targets, and buffers that are too small for them.
  static char text[5000];
  memset(text, 'x', sizeof text - 1);
  static const int lengths[] = {1, 254, 255, 256, 1000, 4094, 4095, 4096};
  for (int i = 0; i < 8; i++) {
    u32 length = lengths[i];
    printf("target of %u = %s\n", length, name(raw_path_symlink(P(text), length, 3, S("long"))));
    for (u32 size = 0; size < 5000; size = size * 3 + 1) {
      memset(buffer, '#', sizeof buffer), out = 99;
      int r = raw_path_readlink(3, S("long"), P(buffer), size, P(&out));
      printf(" %u: %s %u %s", size, name(r), out, r || buffer[out] == '#' && (!out || buffer[out - 1] == 'x') ? "" : "?");
    }
    printf("\n");
    raw_path_unlink_file(3, S("long"));
  }
  // A directory that is deep, and paths to it with many dots.
  raw_path_create_directory(3, S("deep"));
  static char deep[2000] = "deep";
  for (int i = 0; i < 200; i++) {
    strcat(deep, "/d");
    raw_path_create_directory(3, S(deep));
  }
  look(deep);
  for (int i = 0; i < 201; i++) strcat(deep, "/..");
  look(deep);
  strcat(deep, "/.."), look(deep);
}
