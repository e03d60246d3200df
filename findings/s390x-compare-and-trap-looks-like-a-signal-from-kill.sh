#!/usr/bin/env bash
# Under qemu-user, a compare-and-trap instruction of s390x is a SIGFPE that looks as if a process had sent it.
#
# Versions: PyPI ziglang 0.15.1, Debian's qemu-user (7.2 in Debian 12).
# A good guess: a signal that an instruction raises has a positive `si_code` (FPE_INTDIV, ...), and `si_code <= 0` (SI_USER is
#   0) tells what `kill` sent, which is how handlers of faults tell the two apart on every other machine.
# Seen: an integer division by zero has si_code 1, but CGIT (compare immediate and trap), with which compilers for s390x
#   check bounds and stacks, has 0. So a handler that passes on what was sent takes the trap for such a signal; it must
#   look at the address, too.
#
# Needs Python 3, qemu-s390x, and about 400 MB in a temporary folder.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check ziglang==0.15.1
cat > trap.c << 'END'
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
static sigjmp_buf back;
static volatile int code;
static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    code = info->si_code;
    siglongjmp(back, 1);
}
int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGFPE, &action, NULL);
    if (!sigsetjmp(back, 1)) __asm__ volatile("lghi %%r2, 5\n\tcgite %%r2, 5" : : : "r2");
    printf("compare and trap %d\n", code);
    if (!sigsetjmp(back, 1)) __asm__ volatile("lghi %%r2, 0\n\tlghi %%r5, 7\n\tdsgr %%r4, %%r2" : : : "r2", "r4", "r5");
    printf("division by zero %d\n", code);
    if (!sigsetjmp(back, 1)) kill(getpid(), SIGFPE);
    printf("kill %d\n", code);
    return 0;
}
END
python/bin/python -m ziglang cc -target s390x-linux-musl -mcpu=z14 -O1 -fno-sanitize=all trap.c -o trap
seen=$(qemu-s390x ./trap)
echo "$seen"
[ "$seen" = $'compare and trap 0\ndivision by zero 1\nkill 0' ]
