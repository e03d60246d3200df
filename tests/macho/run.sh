#!/usr/bin/env bash
# Runs a program for macOS on Linux: see README.md. The loader is compiled by zig, into target/macho.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$here/../../target/macho

# The instruction set of the executable: the word behind the magic number.
case $(od -An -tx4 -j4 -N4 "$1") in
*01000007) isa=x86_64 ;;
*0100000c) isa=aarch64 ;;
*)
    echo "$1 isn't a program for macOS" >&2
    exit 2
    ;;
esac
loader=$out/loader-$isa

is_current() {
    [ -e "$loader" ] && [ -z "$(find "$here" -name '*.[ch]' -newer "$loader" -print -quit)" ]
}

compile() {
    local zig
    zig=${ZIG:-$(cd "$here/../programs" && python3 -B -c "from fetching import registries; print(registries.zig())")}
    # Programs may be started without a home directory, where zig would have its cache.
    export ZIG_GLOBAL_CACHE_DIR=$out/zig ZIG_LOCAL_CACHE_DIR=$out/zig
    # shellcheck disable=SC2086 # A command with its arguments.
    $zig cc -target "$isa-linux-musl" -static -O1 -Wall -Wextra -fno-sanitize=all -fno-stack-protector \
        -Wno-pointer-sign "$here"/*.c -o "$loader.new.$$"
    mv "$loader.new.$$" "$loader"
}

if ! is_current; then
    mkdir -p "$out"
    (
        flock 9
        is_current || compile
    ) 9> "$loader.lock"
fi
if [ "$isa" = "$(uname -m)" ]; then
    exec "$loader" "$@"
fi
exec "qemu-$isa" "$loader" "$@"
