// cases: 94
// Pointers and lengths that lead out of the memory, are at its last byte, wrap around or aren't
// aligned, to every function; one in each run, as some of them end it.
#include "raw.h"
#include <stdlib.h>

// The end of the memory; the last 64 bytes are free to use.
#define END ((u32)(__builtin_wasm_memory_size(0) << 16))
#define LAST (END - 1)

static struct { u32 before, at[64]; } room;
#define ROOM P(room.at)
static u32 at(u32 offset, u32 pointer, u32 length) {
  ((u32 *)(END - 64))[offset] = pointer, ((u32 *)(END - 64))[offset + 1] = length;
  return END - 64 + 4 * offset;
}
static u32 iov(u32 pointer, u32 length) { return at(0, pointer, length); }
static u32 two(u32 pointer, u32 length) { return at(2, pointer, length), at(0, ROOM, 1); }
static u32 file(void) {
  u32 fd;
  raw_path_open(3, 0, S("f"), CREAT, R_READ | R_WRITE, 0, 0, P(&fd));
  struct iov text = {S("0123456789")};
  raw_fd_write(fd, P(&text), 1, ROOM), raw_fd_seek(fd, 0, 0, ROOM);
  return fd;
}
static u32 clock(u32 at) {
  memset((void *)at, 0, 48);
  return at;
}

#define CALLS(X) \
  X(args_sizes_get(END, ROOM)) X(args_sizes_get(ROOM, END - 3)) X(args_sizes_get(ROOM + 2, ROOM)) \
  X(args_sizes_get(ROOM, END - 4)) X(args_get(END - 4, ROOM)) X(args_get(ROOM, LAST)) \
  X(args_get(ROOM + 1, ROOM + 32)) X(args_get(0xfffffffc, ROOM)) \
  X(environ_get(END, END)) X(environ_sizes_get(ROOM, 0xfffffffc)) \
  X(clock_res_get(1, END - 8)) X(clock_res_get(1, END - 7)) X(clock_res_get(1, ROOM + 4)) \
  X(clock_time_get(0, 0, END)) X(clock_time_get(2, 0, END)) X(clock_time_get(0, 0, 0xfffffff8)) \
  X(fd_fdstat_get(1, END - 24)) X(fd_fdstat_get(1, END - 16)) X(fd_fdstat_get(1, ROOM + 4)) \
  X(fd_fdstat_get(77, END)) \
  X(fd_filestat_get(3, END - 64)) X(fd_filestat_get(3, END - 56)) X(fd_filestat_get(3, ROOM + 1)) \
  X(fd_prestat_get(3, END - 8)) X(fd_prestat_get(3, END - 4)) X(fd_prestat_get(3, ROOM + 2)) \
  X(fd_prestat_dir_name(3, LAST, 1)) X(fd_prestat_dir_name(3, END, 1)) \
  X(fd_prestat_dir_name(3, END, 0xffffffff)) X(fd_prestat_dir_name(3, LAST, 0xffffffff)) \
  X(fd_read(file(), iov(LAST, 1), 1, ROOM)) X(fd_read(file(), iov(LAST, 2), 1, ROOM)) \
  X(fd_read(file(), iov(END, 0), 1, ROOM)) X(fd_read(file(), iov(0xffffffff, 0xffffffff), 1, ROOM)) \
  X(fd_read(file(), iov(ROOM, 0xffffffff), 1, ROOM)) X(fd_read(file(), iov(0xfffffff0, 32), 1, ROOM)) \
  X(fd_read(file(), END - 4, 1, ROOM)) X(fd_read(file(), END, 0, ROOM)) \
  X(fd_read(file(), ROOM + 1, 1, ROOM)) X(fd_read(file(), 0xfffffff8, 1, ROOM)) \
  X(fd_read(file(), iov(ROOM, 4), 1, END)) X(fd_read(file(), iov(ROOM, 4), 1, ROOM + 1)) \
  X(fd_write(file(), iov(LAST, 1), 1, ROOM)) X(fd_write(file(), iov(LAST, 2), 1, ROOM)) \
  X(fd_write(file(), iov(1, 0xffffffff), 1, ROOM)) X(fd_write(file(), END - 7, 1, ROOM)) \
  X(fd_write(file(), iov(ROOM, 4), 1, END - 3)) \
  X(fd_pread(file(), iov(LAST, 2), 1, 0, ROOM)) X(fd_pread(file(), iov(LAST, 1), 1, 0, END - 4)) \
  X(fd_pwrite(file(), iov(END, 1), 1, 0, ROOM)) X(fd_pwrite(file(), iov(LAST, 1), 1, 0, END - 2)) \
  X(fd_readdir(3, END, 0, 0, ROOM)) X(fd_readdir(3, END, 10, 0, ROOM)) X(fd_readdir(3, END - 24, 24, 0, ROOM)) \
  X(fd_readdir(3, ROOM, 30, 0, END)) X(fd_readdir(3, ROOM + 1, 30, 0, ROOM)) \
  X(fd_seek(file(), 1, 0, END - 8)) X(fd_seek(file(), 1, 0, END - 4)) X(fd_seek(file(), 1, 0, ROOM + 4)) \
  X(fd_tell(file(), END - 1)) X(fd_tell(file(), 0xffffffff)) \
  X(path_create_directory(3, LAST, 2)) X(path_create_directory(3, END, 1)) \
  X(path_create_directory(3, 0xffffffff, 0xffffffff)) X(path_create_directory(3, 8, 0xfffffff8)) \
  X(path_create_directory(77, END, 1)) X(path_create_directory(3, END, 0)) \
  X(path_filestat_get(3, 0, S("."), END - 64)) X(path_filestat_get(3, 0, S("."), END - 60)) \
  X(path_filestat_set_times(3, 0, END, 5, 0, 0, 0)) \
  X(path_link(3, 0, END, 1, 3, S("x"))) X(path_link(3, 0, S("x"), 3, END, 1)) \
  X(path_open(3, 0, LAST, 2, 0, 0, 0, 0, ROOM)) X(path_open(3, 0, S("."), 0, 0, 0, 0, END)) \
  X(path_open(3, 0, S("."), 0, 0, 0, 0, ROOM + 3)) X(path_open(3, 0, S("none"), 0, 0, 0, 0, ROOM)) \
  X(path_readlink(3, END, 1, ROOM, 8, ROOM)) X(path_readlink(3, S("."), END, 8, ROOM)) \
  X(path_remove_directory(3, END, 1)) X(path_rename(3, END, 1, 3, S("x"))) X(path_rename(3, S("x"), 3, END, 1)) \
  X(path_symlink(END, 1, 3, S("x"))) X(path_symlink(S("x"), 3, END, 1)) X(path_unlink_file(3, END, 1)) \
  X(poll_oneoff(END - 48, ROOM, 1, ROOM)) X(poll_oneoff(clock(ROOM), END - 24, 1, ROOM)) \
  X(poll_oneoff(clock(ROOM), ROOM + 4, 1, ROOM)) X(poll_oneoff(clock(ROOM), ROOM + 48, 1, END)) \
  X(random_get(LAST, 1)) X(random_get(LAST, 2)) X(random_get(END, 0)) X(random_get(0xffffffff, 0)) \
  X(random_get(16, 0xfffffff0)) X(random_get(0, 0xffffffff))

#define NAME(call) #call,
#define ONE(call) if (number++ == wanted) result = raw_##call;
static const char *const names[] = {CALLS(NAME)};
_Static_assert(sizeof names / sizeof *names == 94, "the number of cases above");

int main(int argc, char **argv) {
  int wanted = atoi(argv[argc - 1]), number = 0, result = -1;
  setvbuf(stdout, 0, _IONBF, 0);
  printf("%s\n", names[wanted]);
  room.before = 77;
  CALLS(ONE)
  printf("  %s\n", name(result));
  if (room.before != 77) printf("overwritten\n");
}
