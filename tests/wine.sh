#!/usr/bin/env bash
# Runs a program for Windows under Wine, with a configuration of its own that holds nothing else.
set -euo pipefail
export WINEDEBUG=-all LC_ALL=C.UTF-8
export WINEPREFIX=${WASM_AOT_WINEPREFIX:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/wasm-aot-tests/wine}
# No menus, no browser, no sound.
export WINEDLLOVERRIDES="winemenubuilder.exe,mscoree,mshtml="
mkdir -p "$WINEPREFIX"

# Makes the configuration once, which prints things.
set_up() {
    [ -e "$WINEPREFIX/ready" ] && return
    (
        flock 9
        [ -e "$WINEPREFIX/ready" ] || "$1" wineboot --init > /dev/null 2>&1 < /dev/null || true
        touch "$WINEPREFIX/ready"
    ) 9> "$WINEPREFIX.lock"
}

# Has Wine's server stay for a minute: one that ends while the next program starts makes that fail.
keep_server() {
    local server
    for server in "${1%/*}/wineserver64" "${1%/*}/wineserver"; do
        if [ -x "$server" ]; then
            "$server" -p60 > /dev/null 2>&1 < /dev/null || true
            return
        fi
    done
}

for wine in wine64 /usr/lib/wine/wine64; do
    if path=$(command -v "$wine"); then
        set_up "$path"
        keep_server "$path"
        exec "$path" "$@"
    fi
done
echo "there is no wine64: install the package wine64" >&2
exit 127
