#!/usr/bin/env bash
# Builds the runtime-support library for the targets that are named (`all`: for each of compiler/targets.toml), into
# target/runtimes/NAME/, from where the compiler's build script embeds it. What is up to date isn't built again.
#
# There are three for each target: for programs of modules, with what components need besides, and for libraries, which can't
# end the process that they are in. On Linux there is a fourth one: what servers need beside what components do. The library
# is optimised as a whole, so its code for modules would be another one beside that for components.
#
# With rustup, where the target's `core` is installed; else with Debian's rustc-web and rust-web-src, which can build
# `core` for every target (installed with apt-get if they are missing and this is root).
#
# build.sh --prepare NAME... builds nothing, but prints which of them are out of date and can be built here, for the
# variable WASM_AOT_RUNTIMES, and makes cargo run the compiler's build script again. That builds them beside the
# compiler's dependencies, by build.sh --beside-compiler NAME...: see `make build`.
#
# build.sh --check-unsupported type-checks the runtime for a system that it has no folder for (`src/sys/unsupported`).
set -euo pipefail
cd "$(dirname "$0")"
out=../target/runtimes
# The compiler's build script is run again when this changes: not the directory, as it writes there itself.
changed=$out/changed

table=../compiler/targets.toml

# value NAME KEY: what the table of targets says.
value() {
    awk -F ' = ' -v name="\"$1\"" -v key="$2" '
        $1 == "name" { found = $2 == name }
        /^\[architecture/ { found = 0 }
        found && $1 == key { gsub(/^"|"$/, "", $2); print $2; exit }
    ' "$table"
}

all=$(awk -F '"' '/^\[architecture/ { exit } /^name = / { print $2 }' "$table" | xargs)

# Whether the ordinary toolchain has `core` for the target.
has_core() {
    [ -d "$(rustc --print sysroot)/lib/rustlib/$(value "$1" runtime.triple)" ]
}

# Whether Debian's toolchain is there, or can be installed.
has_debian_rust() {
    local sources=/usr/lib/rustlib/src/rust/library/core/src/lib.rs
    [ -x /usr/bin/rustc ] && { [ -e "$sources" ] || [ -e "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/core/src/lib.rs" ]; } && return
    if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
        return 1
    fi
    { apt-get update -qq && apt-get install -y -qq rustc-web rust-web-src; } >&2
}

sha256() {
    if command -v sha256sum > /dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# Digest of all files in these directories, and of these files, in the order of their paths.
digest() {
    find "$@" -type f | LC_ALL=C sort | xargs cat | sha256
}

# What a runtime is built from: digests of the contract with the compiler, of everything, and of the toolchain and its
# flags. The compiler's build script compares the first two with what is there then.
sources() {
    local rustc=rustc
    has_core "$1" || rustc=/usr/bin/rustc
    echo "$contract $everything $({ "$rustc" -vV 2> /dev/null; value "$1" runtime.triple; value "$1" runtime.rustflags; } | sha256)"
}

# The archives of a target, by the features of cargo.
kinds() {
    echo modules components libraries
    case $1 in *-linux) echo servers ;; esac
}

is_current() {
    local features
    for features in $(kinds "$1"); do [ -e "$out/$1/$features.a" ] || return 1; done
    [ "$(cat "$out/$1/sources" 2> /dev/null)" = "$(sources "$1")" ]
}

# Builds these targets in one run of cargo, with the arguments in `extra`.
build() {
    local common=(build --release --quiet --target-dir ../target/runtime-cross $extra) arguments
    local name triple variable features
    for name in "$@"; do
        triple=$(value "$name" runtime.triple)
        variable=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<< "$triple")_RUSTFLAGS
        export "$variable=$(value "$name" runtime.rustflags)"
    done
    for features in modules components libraries servers; do
        arguments=()
        for name in "$@"; do
            [[ " "$(kinds "$name" | xargs)" " != *" $features "* ]] || arguments+=(--target "$(value "$name" runtime.triple)")
        done
        [ ${#arguments[@]} != 0 ] || continue
        MACOSX_DEPLOYMENT_TARGET=11.0 cargo "${common[@]}" "${arguments[@]}" --features "$features"
        for name in "$@"; do
            [[ " "$(kinds "$name" | xargs)" " == *" $features "* ]] || continue
            mkdir -p "$out/$name"
            cp "../target/runtime-cross/$(value "$name" runtime.triple)/release/$(value "$name" runtime.archive)" \
                "$out/$name/$features.a"
        done
    done
    for name in "$@"; do
        sources "$name" > "$out/$name/sources"
        echo "$name: $(kinds "$name" | xargs -n 1 printf "$out/$name/%s.a\n" | xargs)"
    done
}

# Type-checks for a target without an operating system.
check_unsupported() {
    local arguments=(check --release --quiet --features components --target-dir ../target/runtime-lint --target x86_64-unknown-none)
    export RUSTFLAGS=-Dwarnings
    if [ -d "$(rustc --print sysroot)/lib/rustlib/x86_64-unknown-none" ]; then
        cargo "${arguments[@]}"
    elif has_debian_rust; then
        RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 cargo "${arguments[@]}" -Zbuild-std=core,compiler_builtins
    else
        echo "sys/unsupported isn't checked: no \`core\` for x86_64-unknown-none" >&2
        [ "${CI:-}" != true ]
    fi
}

# These would take the place of the targets' own.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET
if [ "${1:-}" = --check-unsupported ]; then
    check_unsupported
    exit
fi
contract=$(digest abi/src)
everything=$(digest ../compiler/targets.toml abi/src src Cargo.toml Cargo.lock build.sh)
mode=build
if [ "${1:-}" = --prepare ] || [ "${1:-}" = --beside-compiler ]; then
    mode=$1
    shift
fi
[ "$*" != all ] || set -- $all
with_core=
without_core=
for name in "$@"; do
    if [ -z "$(value "$name" runtime.triple)" ]; then
        echo "unknown target $name; known: all $all" >&2
        exit 2
    fi
    if is_current "$name"; then
        continue
    elif has_core "$name"; then
        with_core+=" $name"
    else
        without_core+=" $name"
    fi
done
if [ -n "$without_core" ] && ! has_debian_rust; then
    echo "no \`core\` for$without_core: install rustc-web and rust-web-src, or add the targets with rustup" >&2
    [ "$mode" = --prepare ] || exit 1
    without_core=
fi
if [ -z "$with_core$without_core" ]; then
    exit
fi
mkdir -p "$out"
if [ "$mode" = --prepare ]; then
    echo $with_core $without_core
    touch "$changed"
    exit
fi
if [ -n "$with_core" ]; then
    extra= build $with_core
fi
if [ -n "$without_core" ]; then
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 extra=-Zbuild-std=core,compiler_builtins build $without_core
fi
[ "$mode" = --beside-compiler ] || touch "$changed"
