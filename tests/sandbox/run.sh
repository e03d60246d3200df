#!/usr/bin/env bash
# Runs the attacks on the sandbox with the tools that tests/programs/fetch.py brings.
set -euo pipefail
cd "$(dirname "$0")"
tool() {
    (cd ../programs && python3 -B -c "from fetching import registries; print(registries.$1())")
}
WASMTIME=$(tool wasmtime)
ZIG=$(tool zig)
WASM_TOOLS=$(tool wasm_tools)
ADAPTER=$(tool preview1_adapter)
WIT=$(cd ../programs && python3 -B -c "from fetching import components; print(components.command_worlds())")
export WASMTIME ZIG WASM_TOOLS ADAPTER WIT
exec python3 run.py "$@"
