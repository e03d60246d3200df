#!/usr/bin/env bash
# Builds the runtime-support library for the targets that are named, into target/runtimes/NAME/.
#
# With rustup, where the target's `core` is installed; else with Debian's rustc-web and
# rust-web-src, which can build `core` for every target (installed with apt-get if they are missing
# and this is root). Build the compiler after this: it embeds the archives that it finds.
set -euo pipefail
cd "$(dirname "$0")"
out=../target/runtimes

triple() {
    case $1 in
    x86_64-linux) echo x86_64-unknown-linux-musl ;;
    aarch64-linux) echo aarch64-unknown-linux-musl ;;
    riscv64-linux) echo riscv64gc-unknown-linux-musl ;;
    s390x-linux) echo s390x-unknown-linux-gnu ;;
    x86_64-windows) echo x86_64-pc-windows-msvc ;;
    aarch64-windows) echo aarch64-pc-windows-msvc ;;
    x86_64-macos) echo x86_64-apple-darwin ;;
    aarch64-macos) echo aarch64-apple-darwin ;;
    *)
        echo "unknown target $1; known: {x86_64,aarch64,riscv64,s390x}-linux {x86_64,aarch64}-{macos,windows}" >&2
        exit 2
        ;;
    esac
}

# What a backtrace through the runtime needs: frame pointers, or the backchain in their place.
frames() {
    case $1 in
    s390x-linux) echo "-Ctarget-feature=+backchain" ;;
    # No calls that look for the CPU's atomic instructions at run time.
    aarch64-linux) echo "-Cforce-frame-pointers=yes -Ctarget-feature=-outline-atomics" ;;
    *) echo "-Cforce-frame-pointers=yes" ;;
    esac
}

# Nothing unwinds in the runtime but on Windows, where the system's tables lead through its functions.
unwind_tables() {
    case $1 in
    *-windows) ;;
    *) echo "-Cforce-unwind-tables=no" ;;
    esac
}

# The name of the archive differs.
archive() {
    case $1 in
    *-windows) echo wasm_aot_runtime.lib ;;
    *) echo libwasm_aot_runtime.a ;;
    esac
}

debian_rust() {
    local sources=/usr/lib/rustlib/src/rust/library/core/src/lib.rs
    [ -x /usr/bin/rustc ] && { [ -e "$sources" ] || [ -e "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/core/src/lib.rs" ]; } && return
    if [ "$(id -u)" != 0 ]; then
        echo "install rustc-web and rust-web-src, or add the target with rustup" >&2
        exit 1
    fi
    apt-get update -qq
    apt-get install -y -qq rustc-web rust-web-src
}

# Digest of all files in these directories, and of these files, in the order of their paths.
digest() {
    find "$@" -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -d ' ' -f 1
}

for name in "$@"; do
    triple=$(triple "$name")
    arguments=(build --release --quiet --target "$triple" --target-dir ../target/runtime-cross)
    export MACOSX_DEPLOYMENT_TARGET=11.0
    export RUSTFLAGS="$(unwind_tables "$name") $(frames "$name")"
    if [ -d "$(rustc --print sysroot)/lib/rustlib/$triple" ]; then
        cargo "${arguments[@]}"
    else
        debian_rust
        RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 cargo "${arguments[@]}" -Zbuild-std=core,compiler_builtins
    fi
    mkdir -p "$out/$name"
    archive=../target/runtime-cross/$triple/release/$(archive "$name")
    # Only if it changed, so that the compiler isn't built again for nothing.
    cmp -s "$archive" "$out/$name/libwasm_aot_runtime.a" || cp "$archive" "$out/$name/libwasm_aot_runtime.a"
    # What it was built from: the compiler's build script compares it with what is there then.
    echo "$(digest abi/src) $(digest abi/src src Cargo.toml Cargo.lock build.sh)" > "$out/$name/sources"
    echo "$name: $out/$name/libwasm_aot_runtime.a"
done
