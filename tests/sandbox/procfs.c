// A hostile program that was granted procfs, in several ways: see procfs.py, which makes the files and says by
// arguments what there is. It tries each operation on everything that belongs to a process, by each way that leads
// there, and on what changes the machine; all of it must be refused. What is of the whole machine can be read.
//
// usage: procfs SECONDS PARENT WORK [BASE...]: how long the race takes; the number of the parent process; the path
// of the directory `rw` from the root; further directories of processes, in `rw`. The environment of every process
// concerned contains SECRET.
#include "raw.h"
#include <stdlib.h>
#include <time.h>

static u32 rw, proc, root, out, attempts, refused;
static char buffer[65536 + 1];

static void escape(const char *what, u32 dir, const char *path) {
  printf("ESCAPE: %s of %s in %s\n", what, path, dir == rw ? "rw" : dir == proc ? "/proc" : "/");
}

// The descriptor of a grant.
static u32 find(const char *guest, const char *other) {
  for (u32 fd = 3;; fd++) {
    u32 prestat[2];
    char text[256] = "";
    if (raw_fd_prestat_get(fd, P(prestat))) break;
    raw_fd_prestat_dir_name(fd, P(text), prestat[1]);
    if (!strcmp(text, guest) || !strcmp(text, other)) return fd;
  }
  printf("%s isn't granted\n", guest), exit(2);
}

static int try_open(u32 dir, const char *path, u32 lookup, u32 oflags, u64 rights, u32 fdflags) {
  u32 fd;
  struct iov iov = {P(buffer), 65536};
  int r = raw_path_open(dir, lookup, S(path), oflags, rights, 0, fdflags, P(&fd));
  if (r) return r;
  if (!raw_fd_read(fd, P(&iov), 1, P(&out)))
    for (u32 i = 0; i + 6 <= out; i++)
      if (!memcmp(buffer + i, "SECRET", 6)) return escape("the secret", dir, path), raw_fd_close(fd), 0;
  raw_fd_close(fd);
  return 0;
}

static const char *const operations[] = {
    "open to read", "open to write", "open to read and write", "open to append", "open to create", "open to truncate",
    "open as a link", "open a directory", "stat", "stat of a link", "setting times", "setting times of a link",
    "readlink", "link", "rename", "rename to", "symlink", "mkdir", "rmdir", "unlink"};
enum { OPERATIONS = sizeof operations / sizeof *operations };

static int operate(int op, u32 dir, const char *path) {
  struct filestat s;
  switch (op) {
    case 0: return try_open(dir, path, FOLLOW, 0, R_READ, NONBLOCK);
    case 1: return try_open(dir, path, FOLLOW, 0, R_WRITE, 0);
    case 2: return try_open(dir, path, FOLLOW, 0, R_READ | R_WRITE, NONBLOCK);
    case 3: return try_open(dir, path, FOLLOW, 0, R_WRITE, APPEND);
    case 4: return try_open(dir, path, FOLLOW, CREAT, R_READ, NONBLOCK);
    case 5: return try_open(dir, path, FOLLOW, TRUNC, R_READ | R_WRITE, NONBLOCK);
    case 6: return try_open(dir, path, NOFOLLOW, 0, R_READ, NONBLOCK);
    case 7: return try_open(dir, path, FOLLOW, DIRECTORY, R_READ | R_READDIR, 0);
    case 8: return raw_path_filestat_get(dir, FOLLOW, S(path), P(&s));
    case 9: return raw_path_filestat_get(dir, NOFOLLOW, S(path), P(&s));
    case 10: return raw_path_filestat_set_times(dir, FOLLOW, S(path), 1, 1, 5);
    case 11: return raw_path_filestat_set_times(dir, NOFOLLOW, S(path), 1, 1, 5);
    case 12: return raw_path_readlink(dir, S(path), P(buffer), 4096, P(&out));
    case 13: return raw_path_link(dir, NOFOLLOW, S(path), rw, S("got"));
    case 14: return raw_path_rename(dir, S(path), rw, S("got"));
    case 15: return raw_path_rename(rw, S("f"), dir, S(path));
    case 16: return raw_path_symlink(S("f"), dir, S(path));
    case 17: return raw_path_create_directory(dir, S(path));
    case 18: return raw_path_remove_directory(dir, S(path));
    case 19: return raw_path_unlink_file(dir, S(path));
  }
  return -1;
}

// What of a path must be refused: `operations` from `first` on, those after `last` not.
static void refuse(u32 dir, const char *path, int first, int last) {
  for (int op = first; op <= last; op++) {
    int r = operate(op, dir, path);
    attempts++, refused += r != 0;
    if (!r) escape(operations[op], dir, path);
  }
}

// What every process has; `names` in `rw` has what its directory really has here, and more.
static const char *const known[] = {
    "mem", "environ", "auxv", "maps", "smaps", "pagemap", "stack", "syscall", "cmdline", "comm", "status", "stat",
    "cwd", "root", "exe", "cwd/.", "root/etc/passwd", "root/proc/self/mem", "fd", "fd/0", "fd/1", "fd/2", "fd/3",
    "fd/4", "fd/5", "fd/3/f", "fdinfo/3", "ns/mnt", "ns/user", "map_files", "task", "net", "net/tcp", "attr/current",
    "clear_refs", "oom_score_adj", "coredump_filter", "mounts", "mountinfo", "timers", "uid_map", "io", "",
    ".", "..mem", "task/../mem", "./environ", "fd/../environ", "new", "fd/new"};
static char *names[2000];
static int name_count;

static void read_names(void) {
  static char text[200000];
  u32 fd, length = 0;
  for (int i = 0; i < sizeof known / sizeof *known; i++) names[name_count++] = strdup(known[i]);
  if (raw_path_open(rw, 0, S("names"), 0, R_READ, 0, 0, P(&fd))) printf("no names\n"), exit(2);
  struct iov iov = {P(text), sizeof text - 1};
  while (!raw_fd_read(fd, P(&iov), 1, P(&out)) && out) length += out, iov.buffer += out, iov.length -= out;
  raw_fd_close(fd);
  for (char *name = strtok(text, "\n"); name && name_count < 2000; name = strtok(0, "\n")) names[name_count++] = name;
}

// Everything of a process, whose directory has this path; `in_root`: that is a name in the root of a procfs, which
// can be asked about.
static void process(u32 dir, const char *base, int in_root) {
  for (int i = 0; i < name_count; i++) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", base, names[i]);
    refuse(dir, path, 0, OPERATIONS - 1);
  }
  if (!in_root) refuse(dir, base, 9, 9), refuse(dir, base, 12, 14);
  refuse(dir, base, 0, 8), refuse(dir, base, 10, 10), refuse(dir, base, 15, OPERATIONS - 1);
}

// A procfs, whose root has this path.
static void whole(u32 dir, const char *at, const char *parent, const char *own) {
  static const char *const readable[] = {"cpuinfo", "meminfo", "version", "stat", "uptime", "loadavg", "filesystems"};
  static const char *const directories[] = {"sys", "sys/kernel", "sys/vm", "fs", "bus", "tty", "driver", "irq", "net", "net/.", "self/.."};
  static const char *const files[] = {
      "sys/kernel/core_pattern", "sys/kernel/ostype", "sys/vm/drop_caches", "sys/kernel/sysrq", "net/tcp", "net/unix",
      "mounts", "kcore", "kmsg", "sysrq-trigger", "kpagecount", "kpageflags", "vmallocinfo", "slabinfo", "new"};
  char path[1024];
  for (int i = 0; i < sizeof readable / sizeof *readable; i++) {
    struct filestat s;
    snprintf(path, sizeof path, "%s/%s", at, readable[i]);
    for (int links = 0; links < 2; links++) {
      int r = try_open(dir, path, links, 0, R_READ, 0), r2 = raw_path_filestat_get(dir, links, S(path), P(&s));
      attempts += 2;
      if (r || r2 || !out) printf("broken: reading %s: %s, stat: %s, %u bytes\n", path, name(r), name(r2), out);
    }
    refuse(dir, path, 1, 5), refuse(dir, path, 7, 7), refuse(dir, path, 13, OPERATIONS - 1);
  }
  for (int i = 0; i < sizeof files / sizeof *files; i++) {
    snprintf(path, sizeof path, "%s/%s", at, files[i]);
    refuse(dir, path, 0, 7), refuse(dir, path, 13, OPERATIONS - 1);
  }
  // The last one is the root itself, by a way that leads through a process.
  for (int i = 0; i < sizeof directories / sizeof *directories; i++) {
    snprintf(path, sizeof path, "%s/%s", at, directories[i]);
    refuse(dir, path, 1, 5), refuse(dir, path, 13, OPERATIONS - 1);
    if (i + 1 < sizeof directories / sizeof *directories) refuse(dir, path, 0, 0), refuse(dir, path, 7, 7);
  }
  if (try_open(dir, at, FOLLOW, DIRECTORY, R_READ | R_READDIR, 0)) printf("broken: listing %s\n", at);
  snprintf(path, sizeof path, "%s/self", at);
  if (raw_path_readlink(dir, S(path), P(buffer), 20, P(&out))) printf("broken: reading the link %s\n", path);

  const char *const processes[] = {"self", "thread-self", "1", parent, own};
  for (int i = 0; i < 5; i++) {
    snprintf(path, sizeof path, "%s/%s", at, processes[i]);
    process(dir, path, 1);
    if (i < 2) continue;
    snprintf(path, sizeof path, "%s/%s/task/%s", at, processes[i], processes[i]);
    process(dir, path, 0);
  }
  snprintf(path, sizeof path, "%s/self/../%s", at, own);
  process(dir, path, 1);
}

// A link of the bundle to the directory of a process. Nothing is made or moved: `/` is the machine's.
static void bundled(const char *base) {
  for (int i = 0; i < name_count; i++) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", base, names[i]);
    refuse(root, path, 0, 3), refuse(root, path, 6, 9), refuse(root, path, 12, 12);
  }
  // What a name in the root of a procfs is can be asked.
  refuse(root, base, 0, 3), refuse(root, base, 6, 7);
}

// `swap` is exchanged all the time: a link to something of the machine, or to something of a process.
static void race(const char *path, int seconds) {
  u32 before = attempts, opened = 0;
  for (time_t end = time(0) + seconds; time(0) < end; attempts++) {
    opened += !try_open(root, path, FOLLOW, 0, R_READ, 0);
    if (!try_open(root, path, FOLLOW, 0, R_READ | R_WRITE, 0)) escape("open to write", root, path);
  }
  if (seconds && !opened) printf("broken: in the race nothing could be read\n");
  printf("race: %u times, opened %u\n", attempts - before, opened);
}

int main(int argc, char **argv) {
  static char own[20], path[1024];
  rw = find("rw", "."), proc = find("/proc", "/proc"), root = find("/", "/");
  read_names();
  if (raw_path_readlink(proc, S("self"), P(own), 19, P(&out))) printf("broken: /proc/self isn't a link\n");
  whole(proc, ".", argv[2], own);
  whole(root, "proc", argv[2], own);
  for (int i = 4; i < argc; i++) {
    // In `rw`: a whole procfs, the directory of a process, a part of one, or a file. Links of the bundle below `/`.
    const char *base = argv[i];
    if (!strncmp(base, "whole", 5)) whole(rw, base, argv[2], own);
    else if (!strncmp(base, "process", 7)) process(rw, base, 1);
    else if (!strncmp(base, "bundled", 7)) bundled(base);
    else refuse(rw, base, 0, 8), refuse(rw, base, 13, 14);
  }
  snprintf(path, sizeof path, "%s/swap", argv[3]);
  race(path, atoi(argv[1]));
  printf("attempts: %u, refused: %u\n", attempts, refused);
}
