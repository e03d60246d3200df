// windows: no symbolic links can be made; Wine reads a directory once for each handle, and so shows nothing new
// fd_readdir: entries, cookies, buffers of every size, going on after removal.
#include "raw.h"
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static u32 out;
static unsigned char buffer[70000];

struct dirent_header {
  u64 next, inode;
  u32 length;
  uint8_t type;
} __attribute__((aligned(8)));

static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

// Lists sorted, as the order is the host's.
static void list(u32 fd, u32 size, u64 cookie) {
  static char *lines[4000];
  int n = 0, calls = 0;
  u64 first = cookie;
  for (;;) {
    int r = raw_fd_readdir(fd, P(buffer), size, cookie, P(&out));
    calls++;
    if (r) {
      printf("list %u %u %llu = %s\n", fd, size, (unsigned long long)first, name(r));
      return;
    }
    u32 at = 0;
    while (at + 24 <= out) {
      struct dirent_header h;
      memcpy(&h, buffer + at, 24);
      if (at + 24 + h.length > out) break;
      char line[400];
      sprintf(line, "%.*s:%u", (int)h.length, buffer + at + 24, h.type);
      if (n < 2 && first == 0 && h.next != n + 1) strcat(line, " cookie?");
      lines[n++] = strdup(line);
      cookie = h.next;
      at += 24 + h.length;
    }
    if (out < size || at == 0) break;
  }
  qsort(lines, n, sizeof *lines, compare);
  printf("list %u %u %llu = %d:", fd, size, (unsigned long long)first, n);
  for (int i = 0; i < n; i++) {
    if (i < 12) printf(" %s", lines[i]);
    free(lines[i]);
  }
  printf("\n");
}

static void touch(const char *path) {
  u32 fd;
  if (raw_path_open(3, 0, S(path), CREAT, R_READ | R_WRITE, 0, 0, P(&fd))) abort();
  raw_fd_close(fd);
}

// Buffers of every size, and every cookie.
static void look(u32 fd) {
  for (u32 size = 0; size < 120; size += 7) list(fd, size, 0);
  for (u64 cookie = 1; cookie < 9; cookie++) {
    int r = raw_fd_readdir(fd, P(buffer), 1000, cookie, P(&out));
    printf("from %llu = %s %s\n", (unsigned long long)cookie, name(r), out ? "some" : "none");
  }
  SHOW(raw_fd_readdir(fd, P(buffer), 1000, ~0ull, P(&out)));
  printf("%u\n", out);
  list(fd, 1000, 0);

  // The inodes are those of the files.
  raw_fd_readdir(fd, P(buffer), sizeof buffer, 0, P(&out));
  int same = 0, other = 0;
  for (u32 at = 0; at + 24 <= out;) {
    struct dirent_header h;
    struct filestat s;
    memcpy(&h, buffer + at, 24);
    if (h.next > 2) {
      raw_path_filestat_get(fd, 0, P(buffer) + at + 24, h.length, P(&s));
      s.ino == h.inode && s.type == h.type ? same++ : other++;
    }
    at += 24 + h.length;
  }
  printf("inodes %d same %d other\n", same, other);
}

int main(void) {
  u32 fd;
  char path[300];
  list(3, 1000, 0);
  raw_path_create_directory(3, S("d"));
  raw_path_open(3, 0, S("d"), DIRECTORY, R_READ | R_READDIR, 0, 0, P(&fd));
  list(fd, 1000, 0);
  touch("d/file"), touch("d/another"), raw_path_create_directory(3, S("d/dir"));
  raw_path_symlink(S("file"), 3, S("d/link"));
  touch("d/\xc3\xa9\xe2\x82\xac");
  list(fd, 1000, 0), list(3, 1000, 0);
  look(fd);
  // Opened anew.
  raw_path_open(3, 0, S("d"), DIRECTORY, R_READ | R_READDIR, 0, 0, P(&fd));
  look(fd);

  // Many entries, and names of every length.
  raw_path_create_directory(3, S("many"));
  for (int i = 0; i < 1000; i++) sprintf(path, "many/entry number %d", i), touch(path);
  u32 many;
  raw_path_open(3, 0, S("many"), DIRECTORY, R_READ | R_READDIR, 0, 0, P(&many));
  list(many, 4096, 0), list(many, 300, 0), list(many, sizeof buffer, 0), list(many, 4096, 0);
  list(many, 4096, 500);
  raw_path_create_directory(3, S("long"));
  for (int i = 1; i <= 250; i++) {
    strcpy(path, "long/");
    memset(path + 5, 'a' + i % 26, i);
    path[5 + i] = 0;
    touch(path);
  }
  u32 long_;
  raw_path_open(3, 0, S("long"), DIRECTORY, R_READ | R_READDIR, 0, 0, P(&long_));
  for (u32 size = 274; size < 600; size += 31) list(long_, size, 0);

  // Removing while reading, as `rm -r` does with libc.
  DIR *dir = opendir("/long");
  int removed = 0;
  for (struct dirent *e; (e = readdir(dir));)
    if (e->d_name[0] != '.') {
      char name[300];
      snprintf(name, sizeof name, "/long/%s", e->d_name);
      if (!unlink(name)) removed++;
    }
  rewinddir(dir);
  while (readdir(dir)) removed += 1000;
  closedir(dir);
  printf("removed %s\n", removed > 0 ? "some" : "none");

  // A directory that is gone, and what is no directory.
  raw_path_create_directory(3, S("gone"));
  u32 gone;
  raw_path_open(3, 0, S("gone"), DIRECTORY, R_READ | R_READDIR, 0, 0, P(&gone));
  raw_path_remove_directory(3, S("gone"));
  SHOW(raw_fd_close(gone));
  SHOW(raw_fd_readdir(0, P(buffer), 10, 0, P(&out)));
  SHOW(raw_fd_readdir(99, P(buffer), 10, 0, P(&out)));
}
