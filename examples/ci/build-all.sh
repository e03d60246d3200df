#!/bin/sh
# Builds a Wasm program for every target that the compiler can build for, on this one machine.
#
#     build-all.sh APP.wasm OUTPUT-DIRECTORY [FLAGS OF wasm-aot build...]
#
# WASM_AOT is the compiler, `wasm-aot` by default. The executables are named after the program and the target;
# SHA256SUMS has their digests. The same compiler gives the same bytes on every machine.
set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 APP.wasm OUTPUT-DIRECTORY [FLAGS...]" >&2
    exit 2
fi
compiler=${WASM_AOT:-wasm-aot}
wasm=$1
output=$2
shift 2

name=$(basename "$wasm")
name=${name%.*}
mkdir -p "$output"
"$compiler" targets > "$output/targets.txt"
built=
while read -r target _ status; do
    case $status in
    ready*) ;;
    *) continue ;;
    esac
    case $target in
    *-windows) file=$name-$target.exe ;;
    *) file=$name-$target ;;
    esac
    "$compiler" build --strip "$wasm" --target "$target" -o "$output/$file" "$@" < /dev/null
    built="$built $file"
done < "$output/targets.txt"
rm "$output/targets.txt"
cd "$output"
# shellcheck disable=SC2086 -- names of targets have no spaces; that of the program must have none
sha256sum $built > SHA256SUMS
