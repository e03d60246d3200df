#!/usr/bin/env bash
# Runs a program for Windows under Wine, with a configuration of its own that holds nothing else.
set -euo pipefail
export WINEDEBUG=-all LC_ALL=C.UTF-8
export WINEPREFIX=${WASM_AOT_WINEPREFIX:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/wasm-aot-tests/wine}
# No menus, no browser, no sound.
export WINEDLLOVERRIDES="winemenubuilder.exe,mscoree,mshtml="
mkdir -p "$WINEPREFIX"
for wine in wine64 /usr/lib/wine/wine64; do
    if path=$(command -v "$wine"); then
        exec "$path" "$@"
    fi
done
echo "there is no wine64: install the package wine64" >&2
exit 127
