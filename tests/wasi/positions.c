// also: preview0
// Positions, sizes, advice and allocation at every offset that may be special, and pieces of memory that
// are empty, overlap, repeat or hold the array that describes them.
#include "raw.h"
#include <stdlib.h>

static u32 out;
static u64 out64;
// File systems differ in how large a file may be, so there is nothing between 2^40 and 2^63.
static const u64 offsets[] = {0, 1, 9, 10, 11, 4095, 4096, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 1ull << 40,
                              0x8000000000000000, 0x8000000000000001,
                              0xfffffffffffff000, 0xfffffffffffffff5, 0xfffffffffffffff6, 0xffffffffffffffff};
enum { OFFSETS = sizeof offsets / sizeof *offsets };

static u32 open_at(const char *path, u32 oflags, u64 rights, u32 fdflags) {
  u32 fd;
  if (raw_path_open(3, 0, S(path), oflags, rights, 0, fdflags, P(&fd))) abort();
  return fd;
}

static u64 size_of(u32 fd) {
  struct filestat s;
  raw_fd_filestat_get(fd, P(&s));
  return s.size;
}

static u64 position(u32 fd) {
  u64 at = 0;
  raw_fd_tell(fd, P(&at));
  return at;
}

static void seek(u32 fd, u64 offset, u32 whence) { raw_fd_seek(fd, offset, whence, P(&out64)); }

static void seeks(u32 f) {
  for (u32 whence = 0; whence < 3; whence++)
    for (u64 start = 0; start < 40; start += 13)
      for (int i = 0; i < OFFSETS; i++) {
        seek(f, start, FROM_START);
        out64 = 99;
        int r = raw_fd_seek(f, offsets[i], (whence + FROM_START) % 3, P(&out64));
        printf("seek from %u at %llu by %llx = %s %llx, then %llx\n", whence, start, offsets[i], name(r), out64,
               position(f));
      }
}

static void transfers(u32 f) {
  char bytes[4];
  struct iov iov = {P(bytes), 4}, none = {P(bytes), 0};
  for (int i = 0; i < OFFSETS; i++) {
    seek(f, 3, FROM_START);
    memset(bytes, '-', 4), out = 99;
    printf("at %llx: pread %s", offsets[i], name(raw_fd_pread(f, P(&iov), 1, offsets[i], P(&out))));
    printf(" %u %.4s", out, bytes);
    out = 99;
    printf(" nothing %s", name(raw_fd_pread(f, P(&none), 1, offsets[i], P(&out))));
    printf(" %u", out);
    out = 99;
    printf(" write nothing %s", name(raw_fd_pwrite(f, P(&none), 1, offsets[i], P(&out))));
    printf(" %u position %llu size %llu\n", out, position(f), size_of(f));
  }
  // A file with holes, larger than 32 bits.
  u32 sparse = open_at("sparse", CREAT, R_READ | R_WRITE, 0);
  struct iov text = {S("text")};
  static const u64 places[] = {0, 5000, 0xfffffffe, 0x100000000, 0x7fffffff0, 3};
  for (int i = 0; i < 6; i++) {
    printf("pwrite at %llx %s", places[i], name(raw_fd_pwrite(sparse, P(&text), 1, places[i], P(&out))));
    memset(bytes, '-', 4);
    raw_fd_pread(sparse, P(&iov), 1, places[i], P(&out));
    printf(" %u %.4s size %llx position %llx\n", out, bytes, size_of(sparse), position(sparse));
  }
  seek(sparse, 0x90000000f, FROM_START);
  printf("write %s", name(raw_fd_write(sparse, P(&text), 1, P(&out))));
  printf(" %u size %llx position %llx\n", out, size_of(sparse), position(sparse));
  raw_fd_pread(sparse, P(&iov), 1, 0x800000000, P(&out));
  printf("hole %u %d\n", out, bytes[0] | bytes[1] | bytes[2] | bytes[3]);
  raw_fd_close(sparse);
}

static void sizes(void) {
  struct iov text = {S("0123456789")};
  static const u64 rights[] = {R_READ, R_WRITE, R_READ | R_WRITE, 0};
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < OFFSETS; j++) {
      u32 w = open_at("sized", CREAT | TRUNC, R_READ | R_WRITE, 0), f = open_at("sized", 0, rights[i], 0);
      raw_fd_write(w, P(&text), 1, P(&out));
      seek(f, 20, FROM_START);
      printf("set size %llx rights %llx = %s", offsets[j], rights[i], name(raw_fd_filestat_set_size(f, offsets[j])));
      printf(" size %llx position %llu", size_of(f), position(f));
      printf(" allocate %s", name(raw_fd_allocate(f, offsets[j], 10)));
      printf(" %s", name(raw_fd_allocate(f, 0, offsets[j])));
      printf(" sync %s %s\n", name(raw_fd_sync(f)), name(raw_fd_datasync(f)));
      raw_fd_close(w), raw_fd_close(f);
    }
}

static void advice(u32 f) {
  for (u32 advice = 0; advice < 6; advice++)
    for (int i = 0; i < OFFSETS; i++)
      printf("advise %u %llx: %s %s\n", advice, offsets[i], name(raw_fd_advise(f, offsets[i], 10, advice)),
             name(raw_fd_advise(f, 5, offsets[i], advice)));
}

// What may be transferred in one call is the runtime's choice; so calls are repeated until all is done.
static u32 transfer(u32 fd, struct iov *iovs, u32 count, int (*call)(u32, u32, u32, u32)) {
  u32 total = 0;
  while (count) {
    int r = call(fd, P(iovs), count, P(&out));
    if (r) return printf("(%s)", name(r)), total;
    while (count && !iovs->length) iovs++, count--;
    if (count && !out) break;
    total += out;
    while (count && out >= iovs->length) out -= iovs->length, iovs++, count--;
    if (count) iovs->buffer += out, iovs->length -= out;
  }
  return total;
}

static void pieces(void) {
  u32 f = open_at("pieces", CREAT, R_READ | R_WRITE, 0);
  static char text[] = "abcdefghijklmnopqrstuvwxyz", into[40];
  u32 t = P(text), b = P(into);
  struct iov writes[][5] = {
      {{t, 5}, {t + 2, 5}, {t, 5}},              // overlapping
      {{t, 3}, {t, 3}, {t, 3}},                  // the same
      {{t, 0}, {t + 20, 0}, {t, 1}, {t, 0}},     // empty ones around one
      {{t, 0}, {t, 0}},                          // empty only
      {{0, 0}, {t, 2}},                          // empty at 0
      {{t + 26, 0}, {t + 25, 1}, {t, 26}},
  };
  for (int i = 0; i < 6; i++) {
    printf("write %u", transfer(f, writes[i], 5, raw_fd_write));
    printf(" position %llu\n", position(f));
  }
  struct iov reads[][5] = {
      {{b, 5}, {b + 2, 5}, {b, 2}}, {{b, 3}, {b, 3}, {b, 3}}, {{b, 0}, {b + 20, 0}, {b, 1}, {b, 0}},
      {{b, 0}, {b, 0}},             {{0, 0}, {b, 2}},         {{b + 30, 9}, {b, 9}, {b + 28, 4}},
  };
  for (int i = 0; i < 6; i++) {
    seek(f, 0, FROM_START), memset(into, '.', 39);
    printf("read %u", transfer(f, reads[i], 5, raw_fd_read));
    printf(" position %llu %s\n", position(f), into);
  }
  // The array and the result are overwritten by what is read.
  static u32 self[8];
  self[0] = P(self), self[1] = 16;
  seek(f, 0, FROM_START);
  printf("read into the array %s", name(raw_fd_read(f, P(self), 1, P(self + 6))));
  printf(" %u %.16s\n", self[6], (char *)self);
  self[0] = P(self), self[1] = 16;
  seek(f, 0, FROM_START);
  printf("and the result %s", name(raw_fd_read(f, P(self), 1, P(self + 1))));
  printf(" %u %.4s %.8s\n", self[1], (char *)self, (char *)(self + 2));
  self[0] = P(self), self[1] = 32;
  seek(f, 100, FROM_START);
  printf("write the array %s", name(raw_fd_write(f, P(self), 1, P(self))));
  printf(" %u position %llu\n", self[0], position(f));
  raw_fd_close(f);
}

int main(void) {
  struct iov text = {S("0123456789")};
  u32 f = open_at("f", CREAT, R_READ | R_WRITE, 0);
  raw_fd_write(f, P(&text), 1, P(&out));
  seeks(f), transfers(f), sizes(), advice(f), pieces();
  // Appending ignores the position, and moves it to the end.
  u32 a = open_at("f", 0, R_READ | R_WRITE, APPEND), r = open_at("f", 0, R_READ, APPEND);
  seek(a, 2, FROM_START);
  printf("append %s", name(raw_fd_write(a, P(&text), 1, P(&out))));
  printf(" %u position %llu size %llu\n", out, position(a), size_of(a));
  printf("append to what is for reading %s\n", name(raw_fd_write(r, P(&text), 1, P(&out))));
  struct iov none = {0, 0};
  printf("append nothing to it %s\n", name(raw_fd_write(r, P(&none), 1, P(&out))));
  seek(a, 2, FROM_START);
  printf("append nothing %s", name(raw_fd_write(a, P(&none), 1, P(&out))));
  printf(" %u size %llu\n", out, size_of(a));
}
