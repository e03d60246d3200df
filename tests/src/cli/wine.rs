//! Programs for Windows under Wine: what is specific to that system. (The programs, the WASI tests and the
//! specification's suite can be run there, too.)

use std::mem::offset_of;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use wasm_aot_abi::layout::ProgramInfo;

use super::gc::{ARRAYS, GRAPH};
use super::{Bench, Outcome, find_on_path, test};
use crate::harness::{Skipped, Test};
use crate::programs::case::repository;
use crate::programs::fetch::fetch;

/// Ten times eight threads, each with globals of its own, that count together and wake the first one. Exit code 0 if
/// every one was counted.
const THREADS: &str = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory 1 1 shared))
  (export "memory" (memory 0))
  (global $own (mut i32) (i32.const 0))
  (func $count (param $n i32) (result i32)
    (global.set $own (i32.add (global.get $own) (i32.const 1)))
    (if (result i32) (local.get $n)
      (then (i32.add (i32.const 1) (call $count (i32.sub (local.get $n) (i32.const 1)))))
      (else (i32.const 0))))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (local $i i32)
    (drop (call $count (i32.const 999)))
    (if (i32.ne (global.get $own) (i32.const 1000)) (then (unreachable)))
    (loop $again
      (drop (i32.atomic.rmw.add (i32.const 0) (local.get $argument)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
    (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
  (func (export "_start")
    (local $round i32) (local $started i32) (local $ended i32)
    (loop $rounds
      (local.set $started (i32.const 0))
      (i32.atomic.store (i32.const 4) (i32.const 0))
      (loop $start
        (if (i32.le_s (call $spawn (i32.const 3)) (i32.const 0)) (then (unreachable)))
        (br_if $start (i32.lt_u (local.tee $started (i32.add (local.get $started) (i32.const 1))) (i32.const 8))))
      (loop $wait
        (local.set $ended (i32.atomic.load (i32.const 4)))
        (if (i32.ne (local.get $ended) (i32.const 8))
          (then
            (drop (memory.atomic.wait32 (i32.const 4) (local.get $ended) (i64.const -1)))
            (br $wait))))
      (br_if $rounds (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 10))))
    (if (i32.ne (global.get $own) (i32.const 0)) (then (unreachable)))
    (call $exit (i32.ne (i32.atomic.load (i32.const 0)) (i32.const 240000)))))"#;

/// A thread whose stack ends.
const OVERFLOW: &str = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (export "memory" (memory 0))
  (func $deeper (param i64) (result i64) (i64.add (local.get 0) (call $deeper (i64.add (local.get 0) (i64.const 1)))))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (drop (call $deeper (i64.const 0))))
  (func (export "_start")
    (drop (call $spawn (i32.const 3)))
    (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))))"#;

pub fn tests() -> Vec<Test> {
    vec![
        test("wine/threads", threads),
        test("wine/a thread without stack", overflow),
        test("wine/the stack of the first thread", first_overflow),
        test("wine/a random graph of objects", graph),
        test("wine/large objects", large),
        test("wine/unwinding", unwinding),
    ]
}

/// Builds a program and runs it.
fn run(bench: &Bench<'_>, text: &str, options: &[&str], arguments: &[&str]) -> Result<Outcome> {
    bench.write("a.wat", text)?;
    let build = [&["build", "a.wat", "-o", "a.exe", "--target", "x86_64-windows"], options].concat();
    bench.aot(&build)?.code(0)?;
    start(bench, arguments)
}

/// Runs `a.exe`.
fn start(bench: &Bench<'_>, arguments: &[&str]) -> Result<Outcome> {
    if find_on_path("wine64").is_none() && !Path::new("/usr/lib/wine/wine64").exists() {
        return Err(Skipped("wine64 is not installed".into()).into());
    }
    let mut command = Command::new(repository().join("tests/wine.sh"));
    Ok(Outcome::of(command.arg("./a.exe").args(arguments).current_dir(bench.directory).output()?))
}

fn succeeds(outcome: &Outcome) -> Result<()> {
    outcome.code(0)?;
    ensure!(outcome.stderr.is_empty(), "{}", outcome.stderr);
    Ok(())
}

fn threads(bench: &Bench<'_>) -> Result<()> {
    succeeds(&run(bench, THREADS, &[], &[])?)
}

fn overflow(bench: &Bench<'_>) -> Result<()> {
    let outcome = run(bench, OVERFLOW, &[], &[])?;
    outcome.code(134)?.stderr_has(&["wasm trap: call stack exhausted\n   0: deeper\n   1: deeper\n"])?;
    let unreachable = OVERFLOW.replace("(drop (call $deeper (i64.const 0)))", "(unreachable)");
    let outcome = run(bench, &unreachable, &[], &[])?;
    outcome.code(134)?.stderr_has(&["wasm trap: unreachable\n   0: wasi_thread_start\n"])?;
    Ok(())
}

fn first_overflow(bench: &Bench<'_>) -> Result<()> {
    let first = OVERFLOW.replace("(drop (call $spawn (i32.const 3)))", "(drop (call $deeper (i64.const 0)))");
    let outcome = run(bench, &first, &[], &[])?;
    outcome.code(134)?.stderr_has(&["wasm trap: call stack exhausted\n   0: deeper\n   1: deeper\n"])?;
    Ok(())
}

fn graph(bench: &Bench<'_>) -> Result<()> {
    for limits in [&[][..], &["--gc-heap-max", "30MiB", "--gc-verify"]] {
        succeeds(&run(bench, GRAPH, limits, &["a"; 8])?)?;
    }
    succeeds(&run(bench, GRAPH, &["--gc-stress", "--gc-verify"], &[])?)?;
    let exhausted = run(bench, GRAPH, &["--gc-heap-max", "300KiB"], &["a"; 8])?;
    exhausted.code(134)?.stderr_has(&["wasm trap: garbage-collected heap exhausted\n", ": make\n"])?;
    Ok(())
}

fn large(bench: &Bench<'_>) -> Result<()> {
    succeeds(&run(bench, ARRAYS, &["--gc-heap-max", "10MiB"], &[])?)
}

/// The system finds its way through Wasm code, and what registers were before it. Linked by LLVM, with import libraries
/// that are made of our lists of imports.
fn unwinding(bench: &Bench<'_>) -> Result<()> {
    let sources = repository().join("tests/wine");
    let path = |name: &str| sources.join(name).display().to_string();
    bench
        .aot(&["build", &path("walk.wat"), "--emit", "program", "-o", "a.o", "--target", "x86_64-windows"])?
        .code(0)?;
    let main = format!("-DMAIN={}", offset_of!(ProgramInfo, main) / size_of::<u64>());
    let clang = fetch(["clang"], [])?.tool("clang")?.display().to_string();
    let options = ["--target=x86_64-pc-windows-msvc", "-O1", &main, "-c", &path("walk.c"), "-o", "walk.o"];
    let output = Command::new(clang).args(options).current_dir(bench.directory).output()?;
    Outcome::of(output).code(0)?;
    let mut link = vec!["/entry:start", "/subsystem:console", "/nodefaultlib", "/out:a.exe", "a.o", "walk.o"];
    for (library, definition) in [("kernel32.lib", "kernel32.def"), ("ntdll.lib", "ntdll.def")] {
        let definition = repository().join("linker-scripts").join(definition).display().to_string();
        bench.tool("llvm-dlltool", &["-m", "i386:x86-64", "-d", &definition, "-l", library])?.code(0)?;
        link.push(library);
    }
    let linked = match find_on_path("lld-link") {
        Some(_) => bench.tool("lld-link", &link)?,
        None => bench.tool("rust-lld", &[&["-flavor", "link"], &link[..]].concat())?,
    };
    linked.code(0)?;
    succeeds(&start(bench, &[])?)
}
