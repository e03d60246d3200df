#!/usr/bin/env bash
# Whether `make dist`'s packages for pip, npm and apt install the compiler where nothing else is: a virtual environment, a folder of
# Node.js modules, a root directory of dpkg's. Each compiler must have every target, and make the same programs as target/release/wasm-aot.
# What one of the package managers is missing for is said and counted.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
targets=$(awk -F '"' '/^\[architecture/ { exit } /^name = / { print $2 }' compiler/targets.toml)
version=$(target/release/wasm-aot --version | cut -d ' ' -f 2)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
skipped=0

compiler/dist.sh > "$work/dist.log" || { cat "$work/dist.log"; exit 1; }
packages=(target/dist/wasm_aot-"$version"-*.whl target/dist/wasm-aot-linux-*-"$version".tgz "target/dist/wasm-aot-$version.tgz" \
    target/dist/wasm-aot_"$version"_*.deb)
sums() { sha256sum "${packages[@]}"; }
before=$(sums)
python3 compiler/packages/installers.py "target/dist/wasm-aot-$version-$(uname -m)-linux" "$version" target/dist > /dev/null
if [ "$before" = "$(sums)" ]; then
    echo "packed twice: the same packages"
    passed=1
else
    echo "FAILED: packed twice, the packages differ"
    failed=1
fi

hello=$(python3 tests/programs/fetch.py --path example-hello)
for target in $targets; do
    # To link for s390x takes an lld, which need not be there.
    emit=exe
    [ "$target" != s390x-linux ] || emit=obj
    target/release/wasm-aot build -q "$hello" --target "$target" --emit $emit -o "$work/$target"
done

# check NAME COMMAND...: whether this is a compiler like that one, with nothing else in PATH but what it needs to start.
check() {
    local name=$1 target emit
    shift
    for target in $targets; do
        emit=exe
        [ "$target" != s390x-linux ] || emit=obj
        if ! (cd "$work" && "$@" build -q "$hello" --target "$target" --emit $emit -o other && cmp other "$target"); then
            echo "FAILED: $name, $target"
            failed=$((failed + 1))
            return
        fi
    done
    # Exit codes and messages are the compiler's own.
    local code=0
    "$@" build nowhere.wasm 2> "$work/message" || code=$?
    if [ $code != 1 ] || ! grep -q nowhere.wasm "$work/message" || [ "$("$@" --version)" != "wasm-aot $version" ]; then
        echo "FAILED: $name: exit code $code, $(cat "$work/message")"
        failed=$((failed + 1))
        return
    fi
    echo "$name: every target, and the same programs"
    passed=$((passed + 1))
}

# needs NAME PACKAGE COMMAND...: whether the command works, if need be with the help of a package of Debian's; else NAME is skipped, which
# is an error in CI.
needs() {
    local name=$1 package=$2
    shift 2
    if "$@" > "$work/log" 2>&1; then return; fi
    if [ "$(id -u)" = 0 ] && command -v apt-get > "$work/log" &&
        { apt-get update -qq && apt-get install -y -qq "$package" && "$@"; } > "$work/log" 2>&1; then
        return
    fi
    echo "skipped: $name: $* doesn't work here: $(tail -1 "$work/log")"
    if [ "${CI:-}" = true ]; then failed=$((failed + 1)); else skipped=$((skipped + 1)); fi
    return 1
}

if needs pip python3-venv python3 -m venv "$work/venv"; then
    "$work/venv/bin/pip" install --quiet --no-index --no-deps --disable-pip-version-check target/dist/wasm_aot-"$version"-*.whl
    check "pip, the command" env -i "$work/venv/bin/wasm-aot"
    check "pip, python -m wasm_aot" env -i "$work/venv/bin/python" -m wasm_aot
    "$work/venv/bin/pip" install --quiet --no-index --no-deps --disable-pip-version-check --target "$work/folder" \
        target/dist/wasm_aot-"$version"-*.whl
    check "pip --target" env -i PYTHONPATH="$work/folder" "$(command -v python3)" -S -m wasm_aot
    "$work/venv/bin/pip" uninstall --quiet --yes wasm-aot
    [ ! -e "$work/venv/bin/wasm-aot" ] || { echo "FAILED: pip leaves the command"; failed=$((failed + 1)); }
fi

if needs npm npm npm --version; then
    mkdir "$work/npm"
    (cd "$work/npm" && npm install --silent --offline --no-audit --no-fund --cache "$work/npm-cache" \
        "$root"/target/dist/wasm-aot-linux-*-"$version".tgz "$root/target/dist/wasm-aot-$version.tgz")
    check npm env -i PATH="$(dirname "$(command -v node)"):/usr/bin:/bin" "$work/npm/node_modules/.bin/wasm-aot"
    # Who ends the launcher ends what it has started.
    echo '(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))' > "$work/endless.wat"
    "$work/npm/node_modules/.bin/wasm-aot" run --no-cache "$work/endless.wat" &
    launcher=$!
    child=
    for _ in $(seq 100); do
        child=$(cat "/proc/$launcher/task/$launcher/children" 2> /dev/null || true)
        [ -z "$child" ] || break
        sleep 0.1
    done
    sleep 0.5
    kill -TERM $launcher
    code=0
    wait $launcher || code=$?
    if [ $code = 143 ] && [ -n "$child" ] && ! kill -0 $child 2> /dev/null; then
        echo "npm: a signal reaches the compiler"
        passed=$((passed + 1))
    else
        echo "FAILED: npm: the launcher ended with $code, and started ${child:-nothing}"
        failed=$((failed + 1))
    fi
fi

if needs apt dpkg dpkg --version; then
    mkdir -p "$work/root/var/lib/dpkg/"{info,updates}
    touch "$work/root/var/lib/dpkg/status"
    dpkg --root="$work/root" --log="$work/dpkg.log" --force-not-root --force-script-chrootless --force-depends \
        --install target/dist/wasm-aot_"$version"_*.deb > "$work/log" 2>&1 || { cat "$work/log"; failed=$((failed + 1)); }
    check apt env -i "$work/root/usr/bin/wasm-aot"
    (cd "$work/root" && md5sum --quiet -c var/lib/dpkg/info/wasm-aot.md5sums) || { echo "FAILED: sums"; failed=$((failed + 1)); }
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
