#!/bin/sh
# make demo: takes a real program, which others wrote and published as Wasm on PyPI, and makes a
# native executable of it. icepll computes the settings of the clock generator of iCE40 FPGAs.
#
# Needs Python 3, and network access the first time; uses target/release/wasm-aot, or $WASM_AOT.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
wasm_aot=${WASM_AOT:-$root/target/release/wasm-aot}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '\n$ %s\n' "$*"; "$@"; }

# The same fetcher and cache as the tests use.
module=$(python3 "$root/tests/programs/fetch.py" --path icepll)
cd "$work"
cp "$module" icepll.wasm
chmod 644 icepll.wasm

say ls -l icepll.wasm
say "$wasm_aot" build icepll.wasm -o icepll
say ls -l icepll
say ./icepll -i 12 -o 60

printf '\nAnd a directory that it may write to, as /out:\n'
mkdir out
say "$wasm_aot" build icepll.wasm -o icepll --dir out::/out
say ./icepll -i 12 -o 60 -q -m -f /out/pll.v
say cat out/pll.v

if ./icepll -i 12 -o 60 | grep -q 'F_PLLOUT:   60.000 MHz (achieved)' && grep -q SB_PLL40_CORE out/pll.v; then
    printf '\ndemo: ok\n'
else
    printf '\ndemo: icepll did not print what it should\n' >&2
    exit 1
fi
