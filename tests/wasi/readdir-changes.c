// alone: it counts entries afresh in each call, and so misses as many as were removed
// fd_readdir of a directory that changes meanwhile. What hasn't changed is told once and only once; wasmtime counts
// entries afresh in each call, and so misses as many as were removed. Every other order of calls is the host's.
#include "raw.h"
#include <stdlib.h>

static u32 out;
static unsigned char buffer[4096];
enum { FILES = 200 };
static int seen[FILES];

static const char *path(int i) {
  static char text[20];
  sprintf(text, "d/%d", i);
  return text;
}

static void set_up(void) {
  raw_path_create_directory(3, S("d"));
  for (int i = 0; i < FILES; i++) {
    u32 fd;
    if (raw_path_open(3, 0, S(path(i)), CREAT | EXCL, R_WRITE, 0, 0, P(&fd))) abort();
    raw_fd_close(fd);
    seen[i] = 0;
  }
}

static void tear_down(void) {
  for (int i = 0; i < FILES; i++) raw_path_unlink_file(3, S(path(i)));
  printf("  remove the directory = %s\n", name(raw_path_remove_directory(3, S("d"))));
}

// Reads the entries that fit into `size` bytes; notes which were seen and calls `visit` for each. Returns how many.
static int some(u32 fd, u32 size, u64 *cookie, void (*visit)(int)) {
  int count = 0;
  if (raw_fd_readdir(fd, P(buffer), size, *cookie, P(&out))) abort();
  for (u32 at = 0, end = out; at + 24 <= end;) {
    u64 next;
    u32 length;
    char entry[20] = {0};
    memcpy(&next, buffer + at, 8), memcpy(&length, buffer + at + 16, 4);
    if (at + 24 + length > end) break;
    memcpy(entry, buffer + at + 24, length);
    if (entry[0] != '.') {
      seen[atoi(entry)]++;
      if (visit) visit(atoi(entry));
    }
    *cookie = next, at += 24 + length, count++;
  }
  return count;
}

static void all(const char *what, u32 size, void (*visit)(int)) {
  set_up();
  u32 fd;
  u64 cookie = 0;
  raw_path_open(3, 0, S("d"), DIRECTORY, R_READ | R_READDIR, 0, 0, P(&fd));
  while (some(fd, size, &cookie, visit));
  int once = 0, more = 0;
  for (int i = 0; i < FILES; i++) once += seen[i] == 1, more += seen[i] > 1;
  printf("%s, %u bytes: %d once, %d more often\n", what, size, once, more);
  // From the start again, the directory is as it is now.
  cookie = 0;
  int left = 0, n;
  while ((n = some(fd, sizeof buffer, &cookie, 0))) left += n;
  printf("  left %d\n", left);
  raw_fd_close(fd);
  tear_down();
}

static void remove_it(int i) { raw_path_unlink_file(3, S(path(i))); }
static void rename_it(int i) {
  char to[20];
  sprintf(to, "moved%d", i);
  raw_path_rename(3, S(path(i)), 3, S(to));
  raw_path_unlink_file(3, S(to));
}
static void write_it(int i) {
  u32 fd;
  raw_path_open(3, 0, S(path(i)), TRUNC, R_WRITE, 0, 0, P(&fd));
  raw_fd_close(fd);
}

int main(void) {
  static const u32 sizes[] = {60, 100, 500, 4096};
  for (int i = 0; i < 4; i++) {
    all("nothing changes", sizes[i], 0);
    all("files are written", sizes[i], write_it);
    all("each is removed when it is seen", sizes[i], remove_it);
    all("each is moved away", sizes[i], rename_it);
  }
  // Two descriptors of one directory don't disturb each other, nor does one that goes back.
  set_up();
  u32 a, b;
  u64 first = 0, second = 0, start = 0;
  raw_path_open(3, 0, S("d"), DIRECTORY, R_READ | R_READDIR, 0, 0, P(&a));
  raw_path_open(3, 0, S("d"), DIRECTORY, R_READ | R_READDIR, 0, 0, P(&b));
  while (some(a, 300, &first, 0) + some(b, 200, &second, 0)) start = 0, some(a, 100, &start, 0);
  int least = 99;
  for (int i = 0; i < FILES; i++) least = seen[i] < least ? seen[i] : least;
  printf("two descriptors: each seen at least %d times, ends %d %d\n", least, (int)first, (int)second);
  raw_fd_close(a), raw_fd_close(b);
  tear_down();
}
