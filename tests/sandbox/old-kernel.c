// Runs a program as under Linux 4.19: later system calls (openat2, clone3, ...) give ENOSYS, and utimensat refuses
// the flag that it got in 5.8.
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST_LATER 424  // pidfd_send_signal, of 5.1; from there on numbers are the same everywhere
#define OPENAT2 437
#define AT_EMPTY_PATH 0x1000

#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))

int main(int argc, char **argv) {
  struct sock_filter filter[] = {
      FIELD(nr),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_LATER, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_utimensat, 0, 3),
      FIELD(args[3]),  // the low half, on the little-endian machines that this runs on
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, AT_EMPTY_PATH, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
    perror("seccomp");
    return 125;
  }
  if (syscall(OPENAT2, -1, "", NULL, 0) != -1 || errno != ENOSYS) return 125;
  if (syscall(SYS_utimensat, 0, "", NULL, AT_EMPTY_PATH) != -1 || errno != EINVAL) return 125;
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 125;
}
