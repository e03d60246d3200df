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
export WASMTIME WASMTIME_SOCKETS ZIG RUST_MODULES
exec python3 run.py "$@"
