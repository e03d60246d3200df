//! Grants of the network: what they look like, which programs take them, and what a refusal looks like.

use anyhow::{Result, ensure};

use super::run::ECHO;
use super::{Bench, test};
use crate::harness::Test;

/// A component that fails unless it may create a TCP socket.
const CREATE: &str = r#"(component
  (type $errors (enum "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory" "timeout"
    "concurrency-conflict" "not-in-progress" "would-block" "invalid-state" "new-socket-limit" "address-not-bindable"
    "address-in-use" "remote-unreachable" "connection-refused" "connection-reset" "connection-aborted"
    "datagram-too-large" "name-unresolvable" "temporary-resolver-failure" "permanent-resolver-failure"))
  (type $families (enum "ipv4" "ipv6"))
  (import "wasi:sockets/network@0.2.0" (instance $network
    (alias outer 1 $errors (type $e)) (export "error-code" (type (eq $e)))
    (alias outer 1 $families (type $f)) (export "ip-address-family" (type (eq $f)))))
  (alias export $network "error-code" (type $error))
  (alias export $network "ip-address-family" (type $family))
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $socket))
  (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $create
    (alias outer 1 $error (type $error')) (export "error-code" (type $e (eq $error')))
    (alias outer 1 $family (type $family')) (export "ip-address-family" (type $f (eq $family')))
    (alias outer 1 $socket (type $socket')) (export "tcp-socket" (type $s (eq $socket')))
    (export "create-tcp-socket" (func (param "address-family" $f) (result (result (own $s) (error $e)))))))
  (core module $memory (memory (export "m") 1))
  (core instance $memory (instantiate $memory))
  (core func $create (canon lower (func $create "create-tcp-socket") (memory (core memory $memory "m"))))
  (core module $main
    (import "" "m" (memory 1))
    (import "" "create" (func $create (param i32 i32)))
    (func (export "run") (result i32)
      (call $create (i32.const 0) (i32.const 8))
      (i32.load8_u (i32.const 8))))
  (core instance $main (instantiate $main
    (with "" (instance (export "m" (memory $memory "m")) (export "create" (func $create))))))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $run (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $run)))"#;

/// A component that has nothing to do with the network.
const SUCCEED: &str = r#"(component
  (core module $main (func (export "run") (result i32) (i32.const 0)))
  (core instance $main (instantiate $main))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $run (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $run)))"#;

pub fn tests() -> Vec<Test> {
    vec![
        test("network/modules", modules),
        test("network/components", components),
        test("network/inspect", inspect),
    ]
}

/// Grants that only components have a use for are refused, by flags and by a file.
fn modules(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", ECHO)?;
    for flags in [
        &["--tcp-connect", "example.com:443"][..],
        &["--tcp-listen=127.0.0.1:0"],
        &["--udp=*:53"],
        &["--resolve", "*.example.com"],
        &["--allow-ip-name-lookup"],
        &["--inherit-network"],
    ] {
        let name = flags[0].split('=').next().unwrap_or_default().trim_start_matches('-');
        let refused = format!("`{name}` is for components");
        bench.aot(&[&["build", "a.wat"], flags].concat())?.failed(&[&refused, "a module", "--tcplisten"])?;
    }
    bench.write("policy.toml", "udp = [\"127.0.0.1:*\"]\n")?;
    let build = || bench.aot(&["build", "a.wat", "--policy", "policy.toml"]);
    build()?.failed(&["`udp` is for components"])?;
    bench.write("policy.toml", "udp = []\ninherit-network = false\n")?;
    build()?.code(0)?;
    Ok(())
}

fn components(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", CREATE)?;
    for (flag, value, form) in [
        ("--tcp-connect", "::1:80", "takes HOST:PORT"),
        ("--tcp-connect", "example.com:0", "takes HOST:PORT"),
        ("--tcp-listen", "localhost:80", "takes IP:PORT"),
        ("--udp", "[::ffff:1.2.3.4]:53", "takes HOST:PORT"),
        ("--resolve", "10.0.0.1", "takes a name"),
    ] {
        let (form, value_shown) = (format!("{flag} {form}"), format!("`{value}`"));
        bench.aot(&["build", "a.wat", flag, value])?.failed(&[&form, &value_shown])?;
    }
    // Without a grant, and with those of other things, no socket is created at all.
    for (flags, code) in [
        (&[][..], 1),
        (&["--udp", "*:*", "--resolve", "*"], 1),
        (&["--tcp-connect", "127.0.0.1:1"], 0),
        (&["--tcp-listen", "127.0.0.1:0"], 0),
        (&["--tcplisten", "127.0.0.1:0"], 0),
        (&["--inherit-network"], 0),
    ] {
        bench.aot(&[&["build", "a.wat"], flags].concat())?.code(0)?;
        bench.start("a", &[])?.code(code)?;
    }
    Ok(())
}

/// What is granted is shown, and what a program has no use for isn't stored.
fn inspect(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", CREATE)?;
    bench.write("b.wat", SUCCEED)?;
    let flags = [
        "--tcp-connect",
        "*.EXAMPLE.com:8000-8100",
        "--tcp-connect=10.0.0.0/8:*",
        "--tcplisten=[::1]:9",
        "--tcp-listen=*:0",
        "--udp=[2001:db8::/32]:53",
        "--resolve=*",
        "--resolve=a.b",
        "--allow-ip-name-lookup",
        "--inherit-network",
    ];
    let lines = "tcp-connect = [\"*.example.com:8000-8100\", \"10.0.0.0/8:*\"]\n\
                 tcp-listen = [\"[::1]:9\", \"*:0\"]\n\
                 udp = [\"[2001:db8::/32]:53\"]\n\
                 resolve = [\"*\", \"a.b\"]\n\
                 allow-ip-name-lookup = true\n\
                 inherit-network = true\n";
    bench.aot(&[&["build", "a.wat"], &flags[..]].concat())?.code(0)?;
    let shown = bench.aot(&["inspect", "a"])?.code(0)?.stdout.clone();
    ensure!(shown.contains(lines), "{shown}");
    bench.write("policy.toml", &shown)?;
    bench.aot(&["build", "a.wat", "--policy", "policy.toml"])?.code(0)?;
    ensure!(bench.aot(&["inspect", "a"])?.code(0)?.stdout == shown, "another policy than {shown}");
    // The same, but for the grants.
    bench.aot(&["build", "b.wat", "-o", "without"])?.code(0)?;
    bench.aot(&[&["build", "b.wat", "-o", "with"], &flags[..]].concat())?.code(0)?;
    let read = |name: &str| std::fs::read(bench.path(name));
    ensure!(read("without")? == read("with")?, "grants that a program can't use are in it");
    Ok(())
}
