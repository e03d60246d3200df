// windows: no symbolic links can be made; Wine keeps each name of a file until all of its handles are closed
// also: preview0
// grants: / /again
// Every function that takes a descriptor, on every kind of descriptor.
#include "raw.h"
#include <stdlib.h>

static u32 out, out2;
static u64 out64;
static char buffer[200];

enum { GRANT = 3 };
static const char *const kinds[] = {"stdin",  "stdout",   "stderr",   "grant",     "directory", "directory /",
                                    "for r",  "for w",    "for rw",   "for none",  "append",    "nonblock",
                                    "gone",   "gone dir", "closed",   "never",     "4096",      "2^31",
                                    "2^32-1"};
enum { KINDS = sizeof kinds / sizeof *kinds };

static u32 open_at(const char *path, u32 oflags, u64 rights, u32 fdflags) {
  u32 fd;
  if (raw_path_open(GRANT, 0, S(path), oflags, rights, 0, fdflags, P(&fd))) abort();
  return fd;
}

static u32 make(int kind) {
  u32 fd;
  switch (kind) {
    case 4: return open_at("dir", DIRECTORY, R_READ, 0);
    case 5: return open_at(".", DIRECTORY, R_READ, 0);
    case 6: return open_at("file", 0, R_READ, 0);
    case 7: return open_at("file", 0, R_WRITE, 0);
    case 8: return open_at("file", 0, R_READ | R_WRITE, 0);
    case 9: return open_at("file", 0, 0, 0);
    case 10: return open_at("file", 0, R_READ | R_WRITE, APPEND);
    case 11: return open_at("file", 0, R_READ | R_WRITE, NONBLOCK);
    case 12:
      fd = open_at("temporary", CREAT, R_READ | R_WRITE, 0);
      raw_path_unlink_file(GRANT, S("temporary"));
      return fd;
    case 13:
      raw_path_create_directory(GRANT, S("temporary"));
      fd = open_at("temporary", DIRECTORY, R_READ, 0);
      raw_path_remove_directory(GRANT, S("temporary"));
      return fd;
    case 14:
      fd = open_at("file", 0, R_READ, 0);
      raw_fd_close(fd);
      return fd;
    case 15: return 50;
    case 16: return 4096;
    case 17: return 0x80000000;
    case 18: return 0xffffffff;
    default: return kind;
  }
}

static int poll_one(u32 fd, u32 tag) {
  static u64 subscription[7], event[4];
  memset(subscription, 0, sizeof subscription), memset(event, 0, sizeof event);
  subscription[1] = tag, subscription[2] = fd;
  int r = raw_poll_oneoff(P(subscription), P(event), 1, P(&out));
  return r ? r : event[1] & 0xffff;
}

static u32 one(u32 length) {
  static struct iov iov;
  iov = (struct iov){P(buffer), length};
  return P(&iov);
}

#define FUNCTIONS \
  X(fd_advise(fd, 0, 10, 0)) X(fd_allocate(fd, 0, 0)) X(fd_allocate(fd, 0, 5)) X(fd_datasync(fd)) X(fd_sync(fd)) \
  X(fd_fdstat_set_flags(fd, 0)) X(fd_fdstat_set_flags(fd, APPEND)) X(fd_fdstat_set_flags(fd, NONBLOCK)) \
  X(fd_fdstat_set_flags(fd, SYNC)) X(fd_fdstat_set_flags(fd, DSYNC)) X(fd_fdstat_set_flags(fd, RSYNC)) \
  X(fd_fdstat_set_rights(fd, 0, 0)) X(fd_fdstat_set_rights(fd, 0x1fffffff, 0x1fffffff)) \
  X(fd_filestat_set_size(fd, 8)) X(fd_filestat_set_size(fd, ~0ull)) \
  X(fd_filestat_set_times(fd, 0, 0, 0)) X(fd_filestat_set_times(fd, 1, 2, 5)) X(fd_filestat_set_times(fd, 1, 2, 10)) \
  X(fd_filestat_set_times(fd, 1, 2, 3)) X(fd_filestat_set_times(fd, 1, 2, 12)) \
  X(fd_pread(fd, one(4), 1, 0, P(&out))) X(fd_pread(fd, one(0), 1, 0, P(&out))) X(fd_pread(fd, one(4), 0, 0, P(&out))) \
  X(fd_pwrite(fd, one(4), 1, 0, P(&out))) X(fd_pwrite(fd, one(0), 1, 0, P(&out))) \
  X(fd_pwrite(fd, one(4), 0, 0, P(&out))) \
  X(fd_prestat_get(fd, P(&out64))) X(fd_prestat_dir_name(fd, P(buffer), 0)) X(fd_prestat_dir_name(fd, P(buffer), 200)) \
  X(fd_read(fd, one(0), 1, P(&out))) X(fd_read(fd, one(4), 0, P(&out))) X(fd_read(fd, one(4), 1, P(&out))) \
  X(fd_write(fd, one(0), 1, P(&out))) X(fd_write(fd, one(4), 0, P(&out))) \
  X(fd_readdir(fd, P(buffer), 0, 0, P(&out))) X(fd_readdir(fd, P(buffer), 200, 0, P(&out))) \
  X(fd_seek(fd, 0, 0, P(&out64))) X(fd_seek(fd, 0, 1, P(&out64))) X(fd_seek(fd, 0, 2, P(&out64))) \
  X(fd_tell(fd, P(&out64))) \
  X(path_create_directory(fd, S("new"))) X(path_create_directory(fd, S("new"))) \
  X(path_rename(fd, S("new"), fd, S("new2"))) X(path_rename(fd, S("new2"), GRANT, S("new"))) \
  X(path_rename(GRANT, S("new"), fd, S("new2"))) X(path_remove_directory(fd, S("new2"))) \
  X(path_open(fd, 0, S("made"), CREAT, R_WRITE, 0, 0, P(&out))) X(path_link(fd, 0, S("made"), fd, S("linked"))) \
  X(path_link(fd, 0, S("linked"), GRANT, S("linked2"))) X(path_link(GRANT, 0, S("file"), fd, S("linked3"))) \
  X(path_link(fd, 1, S("linked"), fd, S("linked4"))) \
  X(path_unlink_file(fd, S("made"))) X(path_unlink_file(fd, S("linked"))) X(path_unlink_file(fd, S("linked3"))) \
  X(path_symlink(S("target"), fd, S("link"))) X(path_readlink(fd, S("link"), P(buffer), 200, P(&out))) \
  X(path_unlink_file(fd, S("link"))) \
  X(path_filestat_get(fd, 0, S("."), P(buffer))) X(path_filestat_get(fd, 1, S("."), P(buffer))) \
  X(path_filestat_get(fd, 1, S(".."), P(buffer))) X(path_filestat_get(fd, 0, S(""), P(buffer))) \
  X(path_filestat_set_times(fd, 0, S("."), 1, 2, 5)) X(path_filestat_set_times(fd, 1, S("."), 1, 2, 10)) \
  X(path_open(fd, 0, S("."), 0, R_READ, 0, 0, P(&out))) X(path_open(fd, 0, S("."), DIRECTORY, 0, 0, 0, P(&out))) \
  X(path_open(fd, 1, S("none"), 0, R_READ, 0, 0, P(&out)))
// wasmtime has no sockets in preview 0.
#define SOCKETS \
  X(sock_recv(fd, one(4), 1, 0, P(&out), P(&out2))) X(sock_send(fd, one(4), 1, 0, P(&out))) \
  X(sock_shutdown(fd, 1)) X(sock_shutdown(fd, 2)) X(sock_shutdown(fd, 3)) \
  X(sock_accept(fd, 0, P(&out))) X(sock_accept(fd, NONBLOCK, P(&out)))

static void stat(u32 fd) {
  struct fdstat s;
  int r = raw_fd_fdstat_get(fd, P(&s));
  printf("  fdstat %s", name(r));
  if (!r)
    printf(": type %u flags %u rights %llx inheriting %llx", s.type, s.flags, (unsigned long long)s.rights,
           (unsigned long long)s.inheriting);
  struct filestat f;
  r = raw_fd_filestat_get(fd, P(&f));
  printf(" filestat %s", name(r));
  if (!r) printf(": type %u", f.type);
  if (!r && f.type == 4) printf(" size %llu links %llu", (unsigned long long)f.size, (unsigned long long)f.nlink);
  printf("\n");
}

// What wasmtime does otherwise than it should: it reads nothing from standard input with INTR, and can't set the
// times of a grant.
static int differs(int kind, const char *call) {
  static const char read[] = "fd_read(fd, one(", times[] = "fd_filestat_set_times(fd, 1, 2";
  return !kind && !memcmp(call, read, sizeof read - 1) || kind == GRANT && !memcmp(call, times, sizeof times - 1);
}

int main(void) {
  struct iov text = {S("contents of the file")};
  u32 file = open_at("file", CREAT, R_READ | R_WRITE, 0);
  raw_fd_write(file, P(&text), 1, P(&out));
  raw_path_create_directory(GRANT, S("dir"));
  for (int kind = 0; kind < KINDS; kind++) {
    u32 fd = make(kind);
    printf("%s\n", kinds[kind]);
    stat(fd);
#define X(call) if (!differs(kind, #call)) printf("  %s = %s\n", #call, name(raw_##call));
    FUNCTIONS
#ifndef PREVIEW0
    SOCKETS
#endif
    if (kind) printf("  poll for reading = %s\n", name(poll_one(fd, 1)));
    printf("  poll for writing = %s\n", name(poll_one(fd, 2)));
    stat(fd);
    raw_path_unlink_file(GRANT, S("linked2"));
    raw_path_remove_directory(GRANT, S("new"));
    if (kind > 3) {
      printf("  close = %s\n", name(raw_fd_close(fd)));
      printf("  close again = %s\n", name(raw_fd_close(fd)));
      stat(fd);
    }
  }
}
