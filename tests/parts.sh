#!/usr/bin/env bash
# parts.sh PART...: makes each part, a target of the Makefile, and goes on after one that fails, unless its name ends in
# `!` here: then all others need it. The last lines say how each ended, how long it took, and what of its output matters if
# it failed. All output of a part is also in target/parts/PART.log.
set -uo pipefail
cd "$(dirname "$0")/.."
logs=target/parts
mkdir -p "$logs"
failed=()
table=()
begin=$SECONDS

# What is worth reading of a log: what failed, and the end.
excerpt() {
    grep -n -m 20 -E '^ *(FAILED|error|Error)|\.\.\. FAILED|panicked at|: FAILED' "$1"
    echo "   ..."
    tail -n 25 "$1"
}

for word in "$@"; do
    part=${word%!}
    echo "== $part"
    start=$SECONDS
    if ${MAKE:-make} --no-print-directory "$part" 2>&1 | tee "$logs/$part.log"; then
        verdict=ok
    else
        verdict=FAILED
        failed+=("$part")
    fi
    table+=("$(printf '%-18s %5d s  %s' "$part" $((SECONDS - start)) "$verdict")")
    if [ "$verdict" = FAILED ] && [ "$word" != "$part" ]; then
        table+=("what comes after $part was not tried")
        break
    fi
done

for part in ${failed[@]+"${failed[@]}"}; do
    printf '\n== %s failed\n' "$part"
    excerpt "$logs/$part.log"
done
echo
printf '%s\n' "${table[@]}"
printf '%-18s %5d s\n' "together" $((SECONDS - begin))
if [ ${#failed[@]} != 0 ]; then
    echo "FAILED: ${failed[*]} (make ${failed[0]} runs it alone; $logs/${failed[0]}.log has its output)"
    exit 1
fi
