#!/usr/bin/env bash
# Tests the runtime of libraries alone, with what stands for a compiled module: run.sh TARGET... (x86_64-linux by default).
# Needs `runtime-support/build.sh TARGET...`; other targets than the host's need zig ($ZIG) and qemu.
set -euo pipefail
cd "$(dirname "$0")"
out=../../target/embedding
mkdir -p "$out"
[ $# -gt 0 ] || set -- x86_64-linux
for target in "$@"; do
    archive=../../target/runtimes/$target/libraries.a
    architecture=${target%-linux}
    run=
    compiler=${CC:-cc}
    if [ "$architecture" != "$(uname -m)" ]; then
        compiler="${ZIG:-zig} cc -target $architecture-linux-musl -static -fno-sanitize=all"
        # Emulators have tables for all of the address space that is reserved.
        compiler+=" -DMOST=50"
        run=qemu-$architecture
    fi
    # As compiled code: with frame pointers, without calls that leave their frames first.
    frames="-fno-omit-frame-pointer -fno-optimize-sibling-calls -fno-inline"
    [ "$architecture" != s390x ] || frames+=" -mbackchain"
    [ "$architecture" != aarch64 ] || frames+=" -mno-omit-leaf-frame-pointer"
    for many in "" -DMANY "-DMANY -DGUARDED=0"; do
        host=host.c
        if [ -n "$many" ]; then
            host=many.c
            # With many instances the runtime finds that of a call by walking the stack, through frames such as Cranelift's.
            case $architecture in
            riscv64 | s390x)
                echo "skipped: $target $many: clang's frames differ from those of compiled code"
                continue
                ;;
            esac
        fi
        $compiler -w -O1 $frames $many -c program.c -o "$out/program.o"
        $compiler -w -O2 $many "$host" "$out/program.o" "$archive" -lpthread -o "$out/$target"
        $run "$out/$target" ${ROUNDS:-}
    done
done
