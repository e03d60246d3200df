#!/usr/bin/env bash
# Runs a program for Windows under Wine, with a configuration of its own that holds nothing else.
set -euo pipefail
export WINEDEBUG=-all LC_ALL=C.UTF-8
export WINEPREFIX=${WASM_AOT_WINEPREFIX:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/wasm-aot-tests/wine}
# No menus, no browser, no sound.
export WINEDLLOVERRIDES="winemenubuilder.exe,mscoree,mshtml="
mkdir -p "$WINEPREFIX"

# Starts Wine's server unless it runs (then it ends with 2), and with it the processes that stand for the system, of
# which the first program would otherwise wait for the configuration, and whose streams they would keep open. The
# server stays for a minute: one that ends while the next program starts makes that fail.
boot() {
    (
        flock 9
        if "$2" -p60 9>&-; then
            "$1" wineboot --init 9>&- || true
        fi
    ) 9> "$WINEPREFIX.lock" > /dev/null 2>&1 < /dev/null
}

for wine in wine64 /usr/lib/wine/wine64; do
    path=$(command -v "$wine") || continue
    for server in "${path%/*}/wineserver64" "${path%/*}/wineserver" /usr/lib/wine/wineserver64; do
        [ -x "$server" ] || continue
        boot "$path" "$server"
        exec "$path" "$@"
    done
    echo "there is no wineserver for $path" >&2
    exit 127
done
echo "there is no wine64: install the package wine64" >&2
exit 127
