// also: preview0
// grants: / /again
// Moving and closing descriptors of every kind, the grants and the standard streams among them, and which
// numbers are given out afterwards.
#include "raw.h"
#include <stdlib.h>

static u32 out;

static u32 open_at(u32 dir, const char *path, u32 oflags) {
  u32 fd = 0xffffffff;
  raw_path_open(dir, 0, S(path), oflags, oflags & DIRECTORY ? R_READ : R_READ | R_WRITE, 0, 0, P(&fd));
  return fd;
}

// Where the output goes: standard output is moved about.
static u32 output = 1;
static void say(const char *text) {
  struct iov iov = {S(text)};
  raw_fd_write(output, P(&iov), 1, P(&out));
}
#define SAY(...) do { char line[300]; sprintf(line, __VA_ARGS__); say(line); } while (0)

static void kind(u32 fd) {
  struct fdstat s;
  struct filestat f = {0};
  u64 prestat;
  int r = raw_fd_fdstat_get(fd, P(&s));
  raw_fd_filestat_get(fd, P(&f));
  SAY(" [%d: %s", (int)fd, name(r));
  if (!r) SAY(" type %u size %llu rights %llx", s.type, f.type == 4 ? f.size : 0, s.rights);
  SAY(" prestat %s]", name(raw_fd_prestat_get(fd, P(&prestat))));
}

static void renumber(const char *what, u32 from, u32 to) {
  SAY("%s: %d to %d = %s", what, (int)from, (int)to, name(raw_fd_renumber(from, to)));
  kind(from), kind(to), say("\n");
}

static u32 sized(const char *path, u32 size) {
  u32 fd = open_at(3, path, CREAT);
  raw_fd_filestat_set_size(fd, size);
  return fd;
}

int main(void) {
  u32 a = sized("a", 1), b = sized("b", 2), c = sized("c", 3);
  raw_path_create_directory(3, S("d"));
  u32 d = open_at(3, "d", DIRECTORY), e = open_at(3, "d", DIRECTORY);
  SAY("numbers %d %d %d %d %d\n", a, b, c, d, e);
  renumber("file to itself", a, a);
  renumber("grant to itself", 3, 3);
  renumber("closed to itself", 50, 50);
  renumber("standard output to itself", 1, 1);
  renumber("to a number never used", a, 50);
  renumber("from a number never used", 50, a);
  renumber("to the largest number", a, 0xffffffff);
  renumber("from the largest number", 0xffffffff, a);
  renumber("to 2^31", a, 0x80000000);
  renumber("file over file", a, b);
  renumber("again", a, b);
  renumber("back", b, a);
  renumber("file over directory", b, d);
  renumber("directory over file", e, c);
  u32 n1 = open_at(3, "a", 0), n2 = open_at(3, "b", 0), n3 = open_at(3, "c", 0);
  SAY("numbers %d %d %d\n", n1, n2, n3);
  // The file position moves with the descriptor.
  u64 position;
  raw_fd_seek(n1, 77, 0, P(&position));
  renumber("with a position", n1, n2);
  raw_fd_tell(n2, P(&position));
  SAY("position %llu\n", position);
  // An open description of the same file stays.
  raw_fd_close(n2);
  SAY("after closing %s %s\n", name(raw_fd_close(n2)), name(raw_fd_tell(n3, P(&position))));

  // Streams over files and files over streams.
  u32 f = open_at(3, "a", 0), g = open_at(3, "b", 0);
  renumber("standard input over a file", 0, f);
  renumber("a file over closed standard input", g, 0);
  u32 zero = open_at(3, "c", 0);
  SAY("number %d\n", zero);
  u32 moved = open_at(3, "a", 0);
  int r = raw_fd_renumber(1, moved);
  output = moved;
  SAY("standard output over a file = %s\n", name(r));
  kind(1), kind(moved), say("\n");
  u32 one = open_at(3, "b", 0);
  SAY("number %d\n", one);
  renumber("a file over standard error", one, 2);
  renumber("standard error over standard output", 2, moved == 1 ? 77 : open_at(3, "a", 0));

  // Grants.
  u32 dir = open_at(3, "d", DIRECTORY);
  renumber("directory over grant", dir, 4);
  SAY("open beneath = %d\n", (int)open_at(4, "x", CREAT));
  SAY("made in the directory = %s\n", name(raw_path_unlink_file(3, S("d/x"))));
  u32 victim = open_at(3, "a", 0);
  renumber("grant over file", 3, victim);
  SAY("open beneath = %s\n", open_at(victim, "a", 0) == 0xffffffff ? "no" : "yes");
  SAY("its name = %s\n", name(raw_fd_prestat_dir_name(victim, P(&position), 8)));
  SAY("close = %s\n", name(raw_fd_close(victim)));
  SAY("close again = %s\n", name(raw_fd_close(victim)));
  SAY("close what was the other grant = %s\n", name(raw_fd_close(4)));
  kind(3), kind(4), say("\n");
  // All descriptors but the output.
  int closed = 0;
  for (u32 fd = 0; fd < 100; fd++)
    if (fd != output) closed += !raw_fd_close(fd);
  SAY("closed %d\n", closed);
  for (u32 fd = 0; fd < 5; fd++)
    if (fd != output) kind(fd);
  say("\n");
  struct iov iov = {P(&position), 4};
  SAY("%s %s\n", name(raw_fd_read(0, P(&iov), 1, P(&out))), name(raw_fd_write(2, P(&iov), 1, P(&out))));
  raw_fd_close(output);
  return raw_fd_write(output, P(&iov), 1, P(&out));
}
