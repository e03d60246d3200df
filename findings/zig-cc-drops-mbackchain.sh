#!/usr/bin/env bash
# zig cc accepts clang's -mbackchain for s390x, and compiles without a backchain.
#
# Versions: PyPI ziglang 0.17.0 (clang 22), s390x-linux-musl.
# A good guess: `zig cc` passes clang's options on, and refuses those that it doesn't know, so code for s390x compiled with
#   -mbackchain stores the caller's stack pointer at the bottom of each frame (ELF ABI s390x Supplement, "The stack frame").
# Seen: exit status 0, nothing about the option, and no such store. Given as a feature of the target by -Xclang, the store is
#   there. So what walks the stack by the backchain stops at the first function that zig cc has compiled.
#
# Needs Python 3, and about 400 MB in a temporary folder.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check ziglang==0.17.0
export ZIG_GLOBAL_CACHE_DIR=$work/zig ZIG_LOCAL_CACHE_DIR=$work/zig

cat > frame.c <<'C'
int other(int *);
int function(int x) { int y = x; return other(&y) + 1; }
C

# stores OPTION...: how many stores of a backchain there are in the code.
stores() {
    python/bin/python -m ziglang cc -target s390x-linux-musl -O1 "$@" -S frame.c -o frame.s 2> messages
    if grep -q backchain messages; then
        echo "zig cc says something about the option now:" >&2
        cat messages >&2
        exit 1
    fi
    grep -cE 'stg[[:space:]]+%r[0-9]+, 0\(%r15\)' frame.s || true
}

option=$(stores -mbackchain)
feature=$(stores -Xclang -target-feature -Xclang +backchain)
echo "stores of a backchain with -mbackchain: $option; with the feature of the target: $feature"
[ "$option" = 0 ] && [ "$feature" = 1 ]
