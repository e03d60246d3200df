#!/usr/bin/env bash
# Runs the WASI tests with the tools that tests/programs/fetch.py brings.
set -euo pipefail
cd "$(dirname "$0")"
tool() {
    (cd ../programs && python3 -B -c "from fetching import $1; print($1.$2())")
}
WASMTIME=$(tool registries wasmtime)
WASMTIME_SOCKETS=$(tool registries wasmtime_sockets)
ZIG=$(tool registries zig)
WASM_TOOLS=$(tool registries wasm_tools)
ADAPTER=$(tool registries preview1_adapter)
WIT=$(tool components command_worlds)
rust() {
    cd ../programs
    python3 -B - <<'END'
from fetching import cache, modules
package = "tests/wasi/rust"
with cache.lock():
    for source in sorted((modules.REPOSITORY / package / "src/bin").glob("*.rs")):
        description = {"directory": package, "binary": source.stem}
        print(f"{source.stem}={modules.rust(source.stem, description)['path']}")
END
}
RUST_MODULES=$(rust)
export WASMTIME WASMTIME_SOCKETS ZIG WASM_TOOLS ADAPTER WIT RUST_MODULES
exec python3 run.py "$@"
