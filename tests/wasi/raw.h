// Raw imports of wasi_snapshot_preview1, or if PREVIEW0 is defined of wasi_unstable, with pointers as
// integers so that tests can pass any value, and the names of the error numbers.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef PREVIEW0
#define MODULE "wasi_unstable"
#else
#define MODULE "wasi_snapshot_preview1"
#endif
#define IMPORT(name, ...) \
  int32_t raw_##name(__VA_ARGS__) __attribute__((import_module(MODULE), import_name(#name)))
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t i64;

IMPORT(args_get, u32, u32);
IMPORT(args_sizes_get, u32, u32);
IMPORT(environ_get, u32, u32);
IMPORT(environ_sizes_get, u32, u32);
IMPORT(clock_res_get, u32, u32);
IMPORT(clock_time_get, u32, u64, u32);
IMPORT(fd_advise, u32, u64, u64, u32);
IMPORT(fd_allocate, u32, u64, u64);
IMPORT(fd_close, u32);
IMPORT(fd_datasync, u32);
IMPORT(fd_fdstat_get, u32, u32);
IMPORT(fd_fdstat_set_flags, u32, u32);
IMPORT(fd_fdstat_set_rights, u32, u64, u64);
IMPORT(fd_filestat_get, u32, u32);
IMPORT(fd_filestat_set_size, u32, u64);
IMPORT(fd_filestat_set_times, u32, u64, u64, u32);
IMPORT(fd_pread, u32, u32, u32, u64, u32);
IMPORT(fd_prestat_get, u32, u32);
IMPORT(fd_prestat_dir_name, u32, u32, u32);
IMPORT(fd_pwrite, u32, u32, u32, u64, u32);
IMPORT(fd_read, u32, u32, u32, u32);
IMPORT(fd_readdir, u32, u32, u32, u64, u32);
IMPORT(fd_renumber, u32, u32);
IMPORT(fd_seek, u32, i64, u32, u32);
IMPORT(fd_sync, u32);
IMPORT(fd_tell, u32, u32);
IMPORT(fd_write, u32, u32, u32, u32);
IMPORT(path_create_directory, u32, u32, u32);
IMPORT(path_filestat_get, u32, u32, u32, u32, u32);
IMPORT(path_filestat_set_times, u32, u32, u32, u32, u64, u64, u32);
IMPORT(path_link, u32, u32, u32, u32, u32, u32, u32);
IMPORT(path_open, u32, u32, u32, u32, u32, u64, u64, u32, u32);
IMPORT(path_readlink, u32, u32, u32, u32, u32, u32);
IMPORT(path_remove_directory, u32, u32, u32);
IMPORT(path_rename, u32, u32, u32, u32, u32, u32);
IMPORT(path_symlink, u32, u32, u32, u32, u32);
IMPORT(path_unlink_file, u32, u32, u32);
IMPORT(poll_oneoff, u32, u32, u32, u32);
IMPORT(proc_raise, u32);
IMPORT(sched_yield, void);
IMPORT(random_get, u32, u32);
IMPORT(sock_accept, u32, u32, u32);
IMPORT(sock_recv, u32, u32, u32, u32, u32, u32);
IMPORT(sock_send, u32, u32, u32, u32, u32);
IMPORT(sock_shutdown, u32, u32);

enum { CREAT = 1, DIRECTORY = 2, EXCL = 4, TRUNC = 8 };
enum { APPEND = 1, DSYNC = 2, NONBLOCK = 4, RSYNC = 8, SYNC = 16 };
enum { R_DATASYNC = 1, R_READ = 2, R_SEEK = 4, R_WRITE = 64, R_READDIR = 1 << 14 };
enum { NOFOLLOW = 0, FOLLOW = 1 };
#ifdef PREVIEW0
enum { FROM_HERE, FROM_END, FROM_START };
#else
enum { FROM_START, FROM_HERE, FROM_END };
#endif

struct filestat {
  u64 dev, ino;
  uint8_t type;
#ifdef PREVIEW0
  u32 nlink;
#else
  u64 nlink;
#endif
  u64 size, atim, mtim, ctim;
};
struct fdstat {
  uint8_t type;
  uint16_t flags;
  u64 rights, inheriting;
};
struct iov {
  u32 buffer, length;
};
// Of preview 1.
struct subscription {
  u64 user;
  uint8_t tag;
  _Alignas(8) u32 id;  // clock or descriptor
  u64 time, precision;
  uint16_t flags;
};
struct event {
  u64 user;
  uint16_t error;
  uint8_t type;
  u64 bytes;
  uint16_t flags;
};

#define P(x) ((u32)(uintptr_t)(x))
#define S(s) P(s), (u32)strlen(s)

static const char *name(int errno_) {
  static const char *const names[] = {
      "SUCCESS", "2BIG", "ACCES", "ADDRINUSE", "ADDRNOTAVAIL", "AFNOSUPPORT", "AGAIN", "ALREADY",
      "BADF", "BADMSG", "BUSY", "CANCELED", "CHILD", "CONNABORTED", "CONNREFUSED", "CONNRESET",
      "DEADLK", "DESTADDRREQ", "DOM", "DQUOT", "EXIST", "FAULT", "FBIG", "HOSTUNREACH", "IDRM",
      "ILSEQ", "INPROGRESS", "INTR", "INVAL", "IO", "ISCONN", "ISDIR", "LOOP", "MFILE", "MLINK",
      "MSGSIZE", "MULTIHOP", "NAMETOOLONG", "NETDOWN", "NETRESET", "NETUNREACH", "NFILE",
      "NOBUFS", "NODEV", "NOENT", "NOEXEC", "NOLCK", "NOLINK", "NOMEM", "NOMSG", "NOPROTOOPT",
      "NOSPC", "NOSYS", "NOTCONN", "NOTDIR", "NOTEMPTY", "NOTRECOVERABLE", "NOTSOCK", "NOTSUP",
      "NOTTY", "NXIO", "OVERFLOW", "OWNERDEAD", "PERM", "PIPE", "PROTO", "PROTONOSUPPORT",
      "PROTOTYPE", "RANGE", "ROFS", "SPIPE", "SRCH", "STALE", "TIMEDOUT", "TXTBSY", "XDEV",
      "NOTCAPABLE"};
  return errno_ >= 0 && errno_ <= 76 ? names[errno_] : "?";
}

// Prints what was called and the name of its result; returns the result.
#define SHOW(call) show(#call, call)
__attribute__((unused)) static int show(const char *what, int result) {
  printf("%s = %s\n", what, name(result));
  return result;
}
