#!/usr/bin/env bash
# The compiler as a program for Windows: built here, run under Wine, its outputs compared with those of
# target/release/wasm-aot, byte for byte, for every target.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
. tests/hosts/rust.sh
triple=x86_64-pc-windows-gnu
fetch x86_64-w64-mingw32-gcc > /dev/null
fetch wine > /dev/null

# What rustc links into programs for this target, and rustup's standard library comes with.
startup=$root/target/hosts/startup
mkdir -p "$startup"
for object in rsbegin rsend; do
    "$RUSTC" --target $triple -O --emit=obj -o "$startup/$object.o" \
        "/usr/lib/rustlib/src/rust/library/rtstartup/$object.rs"
done
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS="-Lnative=$startup"
cargo_for build $triple
libraries=$root/target/hosts/libraries
mkdir -p "$libraries"
x86_64-w64-mingw32-gcc -shared -O1 -o "$libraries/bcryptprimitives.dll" tests/hosts/bcryptprimitives.c -ladvapi32
export WINEPATH="Z:$libraries"
here=$root/target/release/wasm-aot
there=$root/target/hosts/$triple/debug/wasm-aot.exe

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p tree/directory
echo text > tree/directory/file
cp "$root/examples/primes-wat/primes.wat" primes.wat
cp "$(python3 "$root/tests/programs/fetch.py" --path example-hello)" hello.wasm

passed=0
failed=0
# compare NAME ARGUMENT...: builds with both compilers.
compare() {
    local name=$1
    shift
    if "$here" build -q "$@" -o here && "$root/tests/wine.sh" "$there" build -q "$@" -o there && cmp here there; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name"
    fi
    rm -f here there
}
for target in $("$here" targets | tail -n +2 | cut -d ' ' -f 1); do
    for module in hello.wasm primes.wat; do
        emit=exe
        if [ "$target" = s390x-linux ]; then
            echo "$target: objects only: to link takes an lld, which isn't there under Wine"
            emit=obj
        fi
        compare "$target $module" $module --target "$target" --emit $emit
        compare "$target $module --strip, with a bundle and a grant" $module --target "$target" --emit $emit \
            --strip --bundle tree::/tree --dir .::/here:ro
    done
done
compare "assembly" primes.wat --target x86_64-linux --emit asm

# expect CODE WORDS ARGUMENT...: what the compiler says.
expect() {
    local code=$1 words=$2 said ended=0
    shift 2
    said=$("$root/tests/wine.sh" "$there" "$@" 2>&1) || ended=$?
    if [ "$ended" = "$code" ] && grep -qF "$words" <<< "$said"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $*: exit code $ended, not $code: $said"
    fi
}
expect 0 "Hello" run hello.wasm
expect 1 "no-such-file.wasm" build no-such-file.wasm
expect 2 "unexpected argument" build --no-such-flag
printf 'test result: %s. %d passed; %d failed; 0 ignored; 0 measured; 0 filtered out\n' \
    "$([ $failed = 0 ] && echo ok || echo FAILED)" $passed $failed
[ $failed = 0 ]
