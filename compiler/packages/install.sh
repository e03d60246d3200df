#!/bin/sh
# install.sh DIRECTORY VERSION: puts the packages for CMake and pkg-config where they are looked for, beside DIRECTORY/bin.
set -eu
mkdir -p "$1"
directory=$(cd "$1" && pwd)
cd "$(dirname "$0")"
for package in share/pkgconfig/wasm-aot.pc lib/cmake/WasmAot/WasmAotConfig.cmake lib/cmake/WasmAot/WasmAotConfigVersion.cmake; do
    mkdir -p "$directory/$(dirname "$package")"
    sed "s/@VERSION@/$2/" "$(basename "$package")" > "$directory/$package"
done
