#!/usr/bin/env bash
# Puts into runtimes/packed/ what a package of wasm-aot-runtimes has in the place of this source tree: the archives for all
# targets, which are built where they are out of date, and the linker scripts. Then `cargo package` can pack it.
set -euo pipefail
cd "$(dirname "$0")"
./build.sh all
packed=$PWD/runtimes/packed
rm -rf "$packed"
mkdir -p "$packed/archives"
cp -r ../linker-scripts "$packed/linker-scripts"
(cd .. && cargo run --release --quiet -p wasm-aot-runtimes --example pack "$packed/archives")
targets=$(grep -c '^\[\[target\]\]' ../compiler/targets.toml)
linux=$(grep -c '^name = ".*-linux"' ../compiler/targets.toml)
archives=$(find "$packed/archives" -name '*.a.z' | wc -l)
if [ "$archives" -ne $((3 * targets + linux)) ]; then
    echo "there are $archives archives for $targets targets: a package must have three for each, and one more for Linux" >&2
    exit 1
fi
echo "$packed: $archives archives, $(du -sk "$packed" | cut -f 1) KiB"
