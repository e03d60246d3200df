#!/usr/bin/env bash
# The Rust module of a library in a program that uses it in all ways: one instance and many, with a guard after memories and
# with checks of every access, in two editions.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
compiler=$here/../../target/release/wasm-aot
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=0
for instances in one many; do
    for guard in region none; do
        options=(--prefix library --instances $instances --memory-guard $guard)
        "$compiler" build -q "$here/wrappers.wat" --emit staticlib "${options[@]}" -o "$work/liblibrary.a"
        "$compiler" build -q "$here/wrappers.wat" --emit rust "${options[@]}" -o "$work/library.rs"
        cfg=()
        [ $instances = one ] || cfg=(--cfg many)
        for edition in 2021 2024; do
            LIBRARY=$work/library.rs rustc --edition $edition -D warnings --check-cfg 'cfg(many)' ${cfg[@]+"${cfg[@]}"} \
                -C debug-assertions=on -L "$work" -l static=library "$here/wrappers.rs" -o "$work/program"
            "$work/program" || { echo "FAILED: wrappers, $instances, $guard, $edition"; exit 1; }
            runs=$((runs + 1))
        done
    done
done
echo "libraries: $runs runs of wrappers"
