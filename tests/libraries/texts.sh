#!/usr/bin/env bash
# Whether compilers take the headers and Rust modules that the unit tests of `compiler/src/library` compare: without a
# warning, as C99, C++11 and Rust of two editions, all names of the module in them. A compiler that isn't there is
# counted as skipped.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
golden=$root/compiler/src/library/golden
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checked=0
skipped=0
zig=$(cd "$root/tests/programs" && python3 -B -c "from fetching import registries; print(registries.zig())")
clang=(clang)
clangxx=(clang++)
if ! command -v clang > /dev/null; then
    # Zig is clang, too.
    clang=("$zig" cc)
    clangxx=("$zig" c++)
fi

# check COMMAND...: a compiler that is there must succeed without a word.
check() {
    if ! command -v "$1" > /dev/null; then
        echo "skipped: there is no $1"
        skipped=$((skipped + 1))
    elif "$@" > "$work/output" 2>&1 && [ ! -s "$work/output" ]; then
        checked=$((checked + 1))
    else
        cat "$work/output"
        echo "FAILED: $*"
        exit 1
    fi
}

for header in "$golden"/*.h; do
    # Included twice, beside one of another prefix, and before anything else.
    sed 's/everything/other/g; s/nothing/other/g' "$header" > "$work/other.h"
    printf '#include "%s"\n#include "%s"\n#include "other.h"\nint main(void) { return 0; }\n' "$header" "$header" \
        > "$work/header.c"
    cp "$work/header.c" "$work/header.cpp"
    warnings=(-Wall -Wextra -Werror -pedantic -Wcomment -Wstrict-prototypes -c -o "$work/object")
    for standard in c99 c17; do
        check gcc -std=$standard "${warnings[@]}" "$work/header.c"
        check "${clang[@]}" -std=$standard "${warnings[@]}" "$work/header.c"
    done
    for standard in c++11 c++20; do
        check g++ -std=$standard "${warnings[@]/-Wstrict-prototypes/-Wold-style-cast}" "$work/header.cpp"
        check "${clangxx[@]}" -std=$standard "${warnings[@]/-Wstrict-prototypes/-Wold-style-cast}" "$work/header.cpp"
    done
done

# What differs on Windows.
for header in "$golden"/*.h; do
    cp "$header" "$work/header.c"
    check "$zig" cc -target x86_64-windows-gnu -std=c99 "${warnings[@]}" "$work/header.c"
done

# As a module of a program that uses nothing of it, and of one that forbids more than most.
for module in "$golden"/*.rs.txt; do
    printf '#![deny(missing_docs, unsafe_op_in_unsafe_fn, rust_2018_idioms)]\n//! A program.\nmod library {\n    include!("%s");\n}\nfn main() {}\n' \
        "$module" > "$work/program.rs"
    for edition in 2021 2024; do
        check rustc --edition $edition -D warnings --emit metadata -o "$work/program" "$work/program.rs"
    done
    check clippy-driver --edition 2021 -D warnings -D clippy::undocumented_unsafe_blocks --emit metadata \
        -o "$work/program" "$work/program.rs"
done
[ "$checked" -gt 0 ] || exit 1
echo "libraries: $checked compilations of headers and modules, $skipped skipped"
