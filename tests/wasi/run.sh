#!/usr/bin/env bash
# Runs the WASI tests with the tools that tests/programs/fetch.py brings.
set -euo pipefail
cd "$(dirname "$0")"
tool() {
    (cd ../programs && python3 -B -c "from fetching import registries; print(registries.$1())")
}
WASMTIME=$(tool wasmtime)
WASMTIME_SOCKETS=$(tool wasmtime_sockets)
ZIG=$(tool zig)
export WASMTIME WASMTIME_SOCKETS ZIG
exec python3 run.py "$@"
