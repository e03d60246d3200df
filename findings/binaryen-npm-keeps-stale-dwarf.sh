#!/usr/bin/env bash
# wasm-opt of the npm package binaryen optimises the code and keeps the DWARF of the old code.
#
# Versions: npm binaryen 132.0.0, PyPI ziglang 0.17.0 (clang 22), DWARF 4, wasm32-wasi.
# A good guess: binaryen rewrites DWARF (it documents that for `-g`), or drops it, or warns: after `-O2 -g` the line
#   table and the address ranges belong to the new code section.
# Seen: the code section shrinks by a third, and every .debug_* section is the input's, byte for byte. Exit status 0,
#   nothing on standard error. So a debugger, or a compiler that translates DWARF, is told wrong lines. Whoever
#   consumes DWARF from Wasm has to check that each live low_pc is the start of a function body.
#
# Needs Python 3, Node.js with npm, and about 550 MB in a temporary folder.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check ziglang==0.17.0
npm init -y > /dev/null
npm install --silent --no-fund --no-audit binaryen@132.0.0
export ZIG_GLOBAL_CACHE_DIR=$work/zig ZIG_LOCAL_CACHE_DIR=$work/zig

cat > sum.c <<'C'
#include <stdio.h>
static int square(int x) { int y = x * x; return y + 1; }
int main(int argc, char **argv) {
    int sum = 0;
    for (int i = 0; i < argc + 10; i++) sum += square(i);
    printf("%d\n", sum);
    return 0;
}
C
python/bin/python -m ziglang cc -target wasm32-wasi -O0 -g sum.c -o before.wasm
node_modules/.bin/wasm-opt -O2 -g before.wasm -o after.wasm 2> messages

python3 - <<'PY'
import hashlib
import sys


def leb(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def sections(path):
    data = open(path, "rb").read()
    at, found = 8, {}
    while at < len(data):
        kind = data[at]
        size, at = leb(data, at + 1)
        name = {10: "code"}.get(kind)
        if kind == 0:
            length, start = leb(data, at)
            name = data[start:start + length].decode()
        if name:
            found[name] = data[at:at + size]
        at += size
    return found


before, after = sections("before.wasm"), sections("after.wasm")
debug = sorted(name for name in before if name.startswith(".debug_"))
stale = [name for name in debug if after.get(name) == before[name]]
print("code section:", len(before["code"]), "->", len(after["code"]), "bytes")
for name in debug:
    digest = hashlib.sha256(after.get(name, b"")).hexdigest()[:12]
    print(f"{name}: {len(before[name])} bytes, {'unchanged' if name in stale else 'changed'}, {digest}")
messages = open("messages").read()
print("messages of wasm-opt:", repr(messages))
if not debug or stale != debug or len(after["code"]) >= len(before["code"]) or messages:
    sys.exit("this has changed: wasm-opt no longer keeps stale DWARF without a word")
PY
echo "as seen: optimised code with the old code's DWARF"
