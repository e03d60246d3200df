#!/usr/bin/env bash
# The examples of libraries, by hand, by CMake with Ninja and with make, with what pkg-config says, and by a Rust build
# script: each prints the CRC-32 that Python computes, and compiles again what has changed. A tool that isn't there is
# counted as skipped. `--cargo` builds the example for build scripts by cargo, too, which compiles the compiler again.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
compiler=$root/target/release/wasm-aot
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
skipped=0

fail() {
    echo "FAILED: $*"
    exit 1
}

# has TOOL...: whether they are there; counts it if not.
has() {
    for tool in "$@"; do
        if ! command -v "$tool" > /dev/null; then
            echo "skipped: there is no $tool"
            skipped=$((skipped + 1))
            return 1
        fi
    done
}

# prints PROGRAM: the program prints the right checksum.
head -c 300000 "$compiler" > "$work/input"
expected=$(python3 -c 'import sys, zlib; print("%08x" % zlib.crc32(open(sys.argv[1], "rb").read()))' "$work/input")
prints() {
    local printed
    printed=$("$@" < "$work/input" 2> "$work/errors") || { cat "$work/errors"; fail "$* has failed"; }
    [ "$printed" = "$expected" ] || fail "$* has printed $printed, not $expected"
    passed=$((passed + 1))
}

zig=$(cd "$root/tests/programs" && python3 -B -c "from fetching import registries; print(registries.zig())")
module() {
    "$zig" cc -target wasm32-freestanding -nostdlib -Wl,--no-entry "$1" "$work/library/checksum.c" -o "$2"
}
# Zig is clang and lld, too.
if ! command -v ld.lld > /dev/null; then
    printf '#!/bin/sh\nexec "%s" ld.lld "$@"\n' "$zig" > "$work/ld.lld"
    chmod +x "$work/ld.lld"
    PATH=$work:$PATH
fi
cp -r "$root/examples/library" "$work/library"
module -O2 "$work/library/checksum.wasm"
cd "$work/library"

# By hand, linked by whatever linker there is.
"$compiler" build -q checksum.wasm --emit staticlib
"$compiler" build -q checksum.wasm --emit cdylib
for linker in bfd gold lld mold; do
    if has "ld.$linker"; then
        cc -fuse-ld=$linker main.c libchecksum.a -o "crc32-$linker"
        prints "./crc32-$linker"
    fi
done
"$zig" cc main.c libchecksum.a -o crc32-clang
prints ./crc32-clang
g++ -x c++ -std=c++11 main.c -x none libchecksum.a -o crc32-c++
prints ./crc32-c++
cc -static main.c libchecksum.a -o crc32-static
prints ./crc32-static
rm libchecksum.a
cc main.c -L. -lchecksum -Wl,-rpath,'$ORIGIN' -o crc32-shared
prints ./crc32-shared

# As `make dist` packs it.
installed=$work/installed
mkdir -p "$installed/bin"
ln -s "$compiler" "$installed/bin/wasm-aot"
version=$("$compiler" --version | cut -d ' ' -f 2)
"$root/compiler/packages/install.sh" "$installed" "$version"
if has pkg-config; then
    export PKG_CONFIG_PATH=$installed/share/pkgconfig
    [ "$(pkg-config --modversion wasm-aot)" = "$version" ] || fail "pkg-config's version"
    "$(pkg-config --variable=compiler wasm-aot)" --version > /dev/null
    [ -e "$(pkg-config --variable=cmake wasm-aot)/WasmAotConfig.cmake" ] || fail "pkg-config's variable cmake"
    passed=$((passed + 1))
fi

cmake_builds() {
    local build="$work/build-$1"
    cmake -G "$1" -S "$work/library" -B "$build" -DCMAKE_PREFIX_PATH="$installed" -DCMAKE_BUILD_TYPE=Release \
        > "$work/cmake.log" || { cat "$work/cmake.log"; fail "cmake -G $1"; }
    cmake --build "$build" > "$work/cmake.log" || { cat "$work/cmake.log"; fail "cmake --build, $1"; }
    prints "$build/crc32"
    prints "$build/crc32-shared"
    local before
    before=$(sha256sum < "$build/crc32")
    cmake --build "$build" > "$work/cmake.log"
    ! grep -q 'Compiling WebAssembly' "$work/cmake.log" || fail "$1 compiles what hasn't changed"
    module -Oz "$work/library/checksum.wasm"
    cmake --build "$build" > "$work/cmake.log"
    [ "$(grep -c 'Compiling WebAssembly' "$work/cmake.log")" = 2 ] || fail "$1 doesn't compile a changed module"
    [ "$(sha256sum < "$build/crc32")" != "$before" ] || fail "$1 doesn't link a changed library"
    prints "$build/crc32"
    module -O2 "$work/library/checksum.wasm"
}
if has cmake ninja; then
    cmake_builds Ninja
fi
if has cmake make; then
    cmake_builds "Unix Makefiles"
fi

# What cargo does, with the library that it has already compiled.
cp -r "$root/examples/build-script" "$work/build-script"
cp checksum.wasm "$work/build-script"
cd "$work/build-script"
library=$(ls -t "$root"/target/release/deps/libwasm_aot-*.rlib | head -1)
rustc --edition 2024 -D warnings build.rs -o build --extern "wasm_aot=$library" -L "dependency=$root/target/release/deps"
mkdir out
host=$(rustc -vV | sed -n 's/^host: //p')
TARGET=$host OUT_DIR=$work/build-script/out ./build > directives || fail "the build script"
grep -qx 'cargo:rerun-if-changed=checksum.wasm' directives || fail "the build script doesn't name the module"
search=$(sed -n 's/^cargo:rustc-link-search=//p' directives)
link=$(sed -n 's/^cargo:rustc-link-lib=//p' directives)
for edition in 2021 2024; do
    OUT_DIR=$work/build-script/out rustc --edition $edition -D warnings -O -L "$search" -l "$link" src/main.rs -o program
    prints ./program
    grep -q '^out of bounds memory access$' "$work/errors" || fail "the trap isn't named"
    grep -q 'crc32' "$work/errors" || fail "the backtrace doesn't name the function"
done
if TARGET=$host OUT_DIR=$work/build-script/out sh -c 'rm checksum.wasm && ./build' > /dev/null 2> errors; then
    fail "the build script doesn't say that there is no module"
fi
grep -q "^error: can't build checksum.wasm: can't read checksum.wasm" errors || fail "$(cat errors)"

if [ "${1:-}" = --cargo ]; then
    cp "$work/library/checksum.wasm" .
    sed -i "s|\.\./\.\./compiler|$root/compiler|" Cargo.toml
    cargo build --quiet --release --target-dir "$root/target/library"
    prints "$root/target/library/release/build-script"
fi
echo "libraries: $passed programs and packages, $skipped tools skipped"
