# Sourced by the scripts here, which have set `root`: the compiler for another host, by Debian's rustc-web and
# rust-web-src, which build the standard library, too. It goes into target/hosts and isn't optimised, to take less long.
fetch() {
    python3 "$root/tests/programs/fetch.py" --path-of-tool "$1"
}

fetch /usr/bin/rustc > /dev/null
fetch /usr/lib/rustlib/src/rust/library/std/src/lib.rs > /dev/null
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1

# cargo_for SUBCOMMAND TRIPLE
cargo_for() {
    cargo "$1" --package wasm-aot --target "$2" --target-dir target/hosts -Zbuild-std=std,panic_unwind --quiet \
        --config 'profile.dev.opt-level=0' --config 'profile.dev.debug=false' \
        --config 'profile.dev.package."*".opt-level=0'
}
