#!/usr/bin/env bash
# Whether the compiler can be installed from packages: packs all crates and looks into them. Without --list, it also
# installs the compiler from the packed files alone, which compiles all dependencies again, into an empty directory; it
# must have every target and make the same executables as target/release/wasm-aot.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
crates="wasm-aot-cpp_demangle wasm-aot-abi wasm-aot-runtimes wasm-aot"
targets=$(awk -F '"' '/^\[architecture/ { exit } /^name = / { print $2 }' compiler/targets.toml)

runtime-support/pack.sh
packages=()
for crate in $crates; do
    packages+=(--package "$crate")
done
cargo package --quiet --no-verify --allow-dirty "${packages[@]}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
missing=0
# has CRATE FILE...
has() {
    local directory file
    directory=$(echo "$work/$1"-[0-9]*)
    shift
    for file in "$@"; do
        if [ ! -s "$directory/$file" ]; then
            echo "FAILED: $(basename "$directory") lacks $file"
            missing=1
        fi
    done
}
for crate in $crates; do
    file=$(ls -t target/package/"$crate"-[0-9]*.crate | head -1)
    tar -C "$work" -xzf "$file"
    echo "$(basename "$file"): $(wc -c < "$file") bytes, $(tar -tzf "$file" | wc -l) files"
    if [ "$(wc -c < "$file")" -gt 10485760 ]; then
        echo "FAILED: registries take at most 10 MiB"
        missing=1
    fi
    has "$crate" Cargo.toml LICENSE-APACHE LICENSE-MIT
done
has wasm-aot README.md targets.toml build/main.rs src/main.rs Cargo.lock
has wasm-aot-runtimes packed/linker-scripts/{image.ld,kernel32.def,libSystem.tbd}
for target in $targets; do
    has wasm-aot-runtimes "packed/archives/$target.a.z" "packed/archives/$target+components.a.z"
done
[ $missing = 0 ] || exit 1
[ "${1:-}" != --list ] || exit 0

# The registry has none of them yet, so they stand for what it would have.
mkdir -p "$work/.cargo"
for crate in wasm-aot-cpp_demangle wasm-aot-abi wasm-aot-runtimes; do
    echo "patch.crates-io.$crate.path = \"$(echo "$work/$crate"-[0-9]*)\""
done > "$work/.cargo/config.toml"
compiler=$(echo "$work"/wasm-aot-[0-9]*)
(cd "$work" && env -u WASM_AOT_RUNTIMES CARGO_TARGET_DIR="$work/target" cargo install --quiet ${INSTALL_OPTIONS:-} \
    --path "$compiler" --root "$work/installed")
installed=$work/installed/bin/wasm-aot
cd "$work"
hello=$(python3 "$root/tests/programs/fetch.py" --path example-hello)
failed=0
for target in $targets; do
    # To link for s390x takes an lld, which need not be there.
    emit=exe
    [ "$target" != s390x-linux ] || emit=obj
    if "$installed" targets | grep -q "^$target .* ready" &&
        "$installed" build -q "$hello" --target "$target" --emit $emit -o here &&
        "$root/target/release/wasm-aot" build -q "$hello" --target "$target" --emit $emit -o there && cmp here there; then
        echo "$target: ready, and the same executable"
    else
        echo "FAILED $target"
        failed=1
    fi
done
exit $failed
