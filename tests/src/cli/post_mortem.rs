//! What programs leave behind: core dumps, and how signals end them.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::{Bench, Outcome, test};
use crate::harness::Test;

const TRAPS: &str =
    r#"(module (memory (export "memory") 1) (func $bad (unreachable)) (func (export "_start") (call $bad)))"#;

/// Grows, then waits for its standard input.
const GROWS: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\01\00\00\00")
  (func (export "_start")
    (drop (memory.grow (i32.const 31)))
    (i32.store8 (i32.const 2000000) (i32.const 1))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call 0 (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

/// Writes until that fails.
const WRITES: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\01\00\00\00")
  (func (export "_start") (local $error i32)
    (loop $again
      (local.set $error (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br_if $again (i32.eqz (local.get $error))))
    (call $exit (local.get $error))))"#;

/// WASI's `pipe`.
const BROKEN_PIPE: i32 = 64;

pub fn tests() -> Vec<Test> {
    vec![
        test("post-mortem/--core-on-trap", core_on_trap),
        test("post-mortem/what is reserved isn't dumped", dumped),
        test("post-mortem/broken pipes", broken_pipes),
        test("post-mortem/valgrind", valgrind),
    ]
}

fn core_on_trap(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", TRAPS)?;
    // (options, WASM_AOT_CORE, whether it ends by a signal)
    let cases: [(&[&str], &str, bool); 6] = [
        (&["--core-on-trap"], "", true),
        (&["--core-on-trap"], "0", false),
        (&["--core-on-trap", "--lock-policy"], "0", true),
        (&["--core-on-trap", "--strip"], "1", true),
        (&[], "1", false),
        (&["--lock-policy"], "1", false),
    ];
    for (options, asked, expected) in cases {
        bench.aot(&[&["build", "a.wat", "-o", "out"], options].concat())?.code(0)?;
        let mut command = Command::new("sh");
        // The signal is all that matters here.
        command.args(["-c", "ulimit -c 0; exec ./out"]).current_dir(bench.directory);
        let output = command.env("WASM_AOT_CORE", asked).output()?;
        let signal = output.status.signal();
        // Shells show the same number for both.
        Outcome::of(output).code(134)?.stderr_has(&["wasm trap: unreachable", "0: bad"])?;
        ensure!(signal == expected.then_some(libc::SIGABRT), "{options:?}, `{asked}`: {signal:?}");
    }
    Ok(())
}

fn dumped(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", GROWS)?;
    bench.aot(&["build", "a.wat", "--core-on-trap", "-o", "out"])?.code(0)?;
    let mut program = Command::new(bench.path("out"));
    let mut program = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut byte = [0];
    std::io::Read::read_exact(program.stdout.as_mut().context("a pipe")?, &mut byte)?;
    let maps = fs::read_to_string(format!("/proc/{}/smaps", program.id()))?;
    drop(program.stdin.take());
    program.wait()?;
    // From the line with the addresses to that with the flags, of which `dd` keeps a mapping out of dumps.
    let (mut dumped, mut grown, mut at) = (0, false, (0, 0));
    for line in maps.lines() {
        let addresses = line.split_whitespace().next().and_then(|range| range.split_once('-'));
        let address = |text: &str| u64::from_str_radix(text, 16);
        if let Some((start, end)) = addresses
            && let (Ok(start), Ok(end)) = (address(start), address(end))
        {
            at = (start, end);
        } else if let Some(flags) = line.strip_prefix("VmFlags:")
            && !flags.split_whitespace().any(|flag| flag == "dd")
        {
            dumped += at.1 - at.0;
            grown |= (at.0..at.1).contains(&(0x1000_0000 + 2_000_000));
        }
    }
    ensure!(grown, "what has grown isn't dumped:\n{maps}");
    ensure!(dumped < 64 << 20, "{dumped} bytes are dumped:\n{maps}");
    Ok(())
}

fn broken_pipes(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", WRITES)?;
    for (options, expected) in [(&["--native"][..], 128 + libc::SIGPIPE), (&[], BROKEN_PIPE)] {
        bench.aot(&[&["build", "a.wat", "-o", "out"], options].concat())?.code(0)?;
        let mut program = Command::new(bench.path("out")).stdout(Stdio::piped()).spawn()?;
        drop(program.stdout.take());
        let status = program.wait()?;
        let code = status.code().or(status.signal().map(|signal| 128 + signal));
        ensure!(code == Some(expected), "{options:?}: {status}");
    }
    Ok(())
}

/// It lives where memories are, and nothing can be put there by force.
fn valgrind(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", TRAPS)?;
    bench.aot(&["build", "a.wat", "-o", "out"])?.code(0)?;
    let outcome = bench.tool("valgrind", &["./out"])?;
    if outcome.code == 1 {
        outcome.stderr_has(&["--memory-guard=none"])?;
    }
    bench.aot(&["build", "a.wat", "--memory-guard=none", "-o", "out"])?.code(0)?;
    for tool in ["memcheck", "callgrind", "massif"] {
        let outcome = bench.tool("valgrind", &[&format!("--tool={tool}"), "./out"])?;
        outcome.code(134)?.stderr_has(&["wasm trap: unreachable", "0: bad"])?;
    }
    Ok(())
}
