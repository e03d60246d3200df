// not-windows: terminals, closed and full streams are those of Unix here
// streams: pipe waiting file null full terminal closed
// stdin: 0123456789|more
// The standard streams, connected to everything that streams.py has. The last argument says to what; what is
// found out goes to a file, whose contents the runner prints.
#include "raw.h"
#include <stdarg.h>
#include <stdlib.h>

static u32 out, report;
static u64 out64;

static void say(const char *format, ...) {
  char line[300];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  struct iov iov = {S(line)};
  raw_fd_write(report, P(&iov), 1, P(&out));
}

static void status(u32 fd) {
  struct fdstat s;
  struct filestat f;
  int r = raw_fd_fdstat_get(fd, P(&s));
  say("  fdstat %s", name(r));
  if (!r) say(" type %u flags %u rights %llx %llx", s.type, s.flags, s.rights, s.inheriting);
  r = raw_fd_filestat_get(fd, P(&f));
  say(" filestat %s", name(r));
  if (!r) say(" type %u size %llu links %llu mtim %llu", f.type, f.size, f.nlink, f.mtim);
  say("\n");
}

// Polls a stream, for no longer than a while.
static void poll(u32 fd, u32 tag) {
  struct subscription subscriptions[2] = {{1, tag, fd}, {2, 0, 1, 100000000}};
  struct event events[2] = {0};
  out = 0;
  int r = raw_poll_oneoff(P(subscriptions), P(events), 2, P(&out));
  u32 count = out;
  say("  poll %s %s", tag == 1 ? "for reading" : "for writing", name(r));
  for (u32 i = 0; i < count; i++) say(" [%s error %u]", events[i].type ? "stream" : "clock", events[i].error);
  say("\n");
}

static int reading(u32 fd, u32 size) {
  char buffer[50] = {0};
  struct iov iov = {P(buffer), size};
  out = 99;
  int r = raw_fd_read(fd, P(&iov), 1, P(&out));
  u32 count = out;
  say("  read %u: %s", size, name(r));
  if (!r) say(" %u '%s'", count, buffer);
  say("\n");
  return r ? 0 : count;
}

static void writing(u32 fd, const char *text) {
  struct iov iov = {S(text)};
  out = 99;
  int r = raw_fd_write(fd, P(&iov), 1, P(&out));
  u32 count = out;
  say("  write: %s", name(r));
  if (!r) say(" %u", count);
  say("\n");
}

int main(int argc, char **argv) {
  const char *mode = argv[argc - 1];
  if (raw_path_open(3, 0, S("report"), CREAT | TRUNC, R_WRITE, 0, 0, P(&report))) abort();
  say("%s\n", mode);
  for (u32 fd = 0; fd < 3; fd++) {
    say(" stream %u\n", fd);
    status(fd);
    poll(fd, 1), poll(fd, 2);
    say("  seek %s", name(raw_fd_seek(fd, 0, 1, P(&out64))));
    say(" tell %s", name(raw_fd_tell(fd, P(&out64))));
    say(" append %s", name(raw_fd_fdstat_set_flags(fd, APPEND)));
    say(" nonblock %s", name(raw_fd_fdstat_set_flags(fd, NONBLOCK)));
    say(" sync %s", name(raw_fd_sync(fd)));
    say(" size %s", name(raw_fd_filestat_set_size(fd, 0)));
    say(" shutdown %s\n", name(raw_sock_shutdown(fd, 3)));
    if (fd) writing(fd, "text\n"), writing(fd, ""), writing(fd, "more\n"), reading(fd, 1);
    else writing(fd, "text");
  }
  if (strcmp(mode, "waiting")) {
    say(" input\n");
    reading(0, 3), poll(0, 1);
    // A terminal tells its end only once.
    while (reading(0, 50) > 0);
  }
  fflush(stdout);
  return 3;
}
