#!/usr/bin/env bash
# Runs the WASI tests with the tools that tests/programs/fetch.py brings.
set -euo pipefail
cd "$(dirname "$0")"
tools=$(python3 ../programs/fetch.py --tool wasmtime)
WASMTIME=$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["tools"]["wasmtime"]["path"])' "$tools")
ZIG=$(cd ../programs && python3 -c 'from fetching import registries; print(registries.zig())')
export WASMTIME ZIG
exec python3 run.py "$@"
