//! The collector from outside: its limit, its reports, and a program that changes a random graph and knows what must
//! be in it.

use anyhow::{Result, ensure};

use super::{Bench, Outcome, test};
use crate::harness::Test;

/// See there.
pub const GRAPH: &str = include_str!("../../gc/graph.wat");

/// A list of 80 MB.
const LIST: &str = r#"(module
  (type $node (struct (field (ref null $node)) (field i64)))
  (func $grow (export "_start")
    (local $all (ref null $node)) (local $i i32)
    (loop $again
      (local.set $all (struct.new $node (local.get $all) (i64.const 1)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5000000))))))"#;

/// Arrays of 1 MiB, of which only the last is kept.
pub const ARRAYS: &str = r#"(module
  (type $bytes (array (mut i8)))
  (func (export "_start")
    (local $last (ref null $bytes)) (local $i i32)
    (loop $again
      (local.set $last (array.new $bytes (local.get $i) (i32.const 1048576)))
      (if (i32.ne (array.get_u $bytes (local.get $last) (i32.const 1048575)) (i32.and (local.get $i) (i32.const 255)))
        (then (unreachable)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000))))))"#;

/// Segments of 3 MiB, of which one is dropped and the other is active: then there is room for as much again.
const SEGMENTS: &str = r#"(module
  (type $bytes (array (mut i8)))
  (table $table 1 (ref null $bytes))
  (elem $passive (ref $bytes) (array.new $bytes (i32.const 1) (i32.const 3145728)))
  (elem $active (table $table) (i32.const 0) (ref $bytes) (array.new $bytes (i32.const 2) (i32.const 3145728)))
  (func $make (export "_start")
    (local $one (ref null $bytes))
    (table.init $table $passive (i32.const 0) (i32.const 0) (i32.const 1))
    (local.set $one (array.new $bytes (i32.const 3) (i32.const 3145728)))
    (if (i32.ne (i32.const 1) (array.get_u $bytes (table.get $table (i32.const 0)) (i32.const 3145727)))
      (then (unreachable)))
    (elem.drop $passive)
    (table.set $table (i32.const 0) (ref.null $bytes))
    (if (i32.ne (i32.const 4) (array.get_u $bytes (array.new $bytes (i32.const 4) (i32.const 3145728)) (i32.const 9)))
      (then (unreachable)))
    (if (i32.ne (i32.const 3) (array.get_u $bytes (local.get $one) (i32.const 3145727))) (then (unreachable)))))"#;

pub fn tests() -> Vec<Test> {
    vec![
        test("gc/a random graph, with limits", graph),
        test("gc/a random graph, under stress", stress),
        test("gc/a random graph in little address space", address_space),
        test("gc/--gc-heap-max", limit),
        test("gc/large objects", large),
        test("gc/dropped segments", segments),
        test("gc/WASM_AOT_TRACE=gc", trace),
        test("gc/threads", threads),
    ]
}

/// Asserts that the program ended as it should, without a message.
fn succeeds(outcome: &Outcome) -> Result<()> {
    outcome.code(0)?;
    ensure!(outcome.stderr.is_empty(), "{}", outcome.stderr);
    Ok(())
}

/// How often the steps of the graph are doubled.
const STEPS: [&str; 9] = ["a"; 9];

fn graph(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", GRAPH)?;
    for limits in
        [&[][..], &["--gc-heap-max", "3MiB"], &["--gc-heap-max", "30MiB", "--gc-verify"], &["-O", "0"]]
    {
        bench.aot(&[&["build", "a.wat"][..], limits].concat())?.code(0)?;
        succeeds(&bench.start("a", &STEPS)?)?;
    }
    bench.aot(&["build", "a.wat", "--gc-heap-max", "300KiB"])?.code(0)?;
    let exhausted = bench.start("a", &STEPS)?;
    exhausted.code(134)?.stderr_has(&["wasm trap: garbage-collected heap exhausted\n", ": make\n"])?;
    Ok(())
}

fn stress(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", GRAPH)?;
    bench.aot(&["build", "a.wat", "--gc-stress", "--gc-verify"])?.code(0)?;
    succeeds(&bench.start("a", &[])?)
}

/// 16,000,000 steps in as much memory as a few thousand need.
fn address_space(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", GRAPH)?;
    bench.aot(&["build", "a.wat", "--memory-guard=none", "--gc-heap-max", "8MiB"])?.code(0)?;
    let arguments = "a ".repeat(13);
    succeeds(&bench.shell(&format!("ulimit -v 70000 && ./a {arguments}"))?)
}

fn limit(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", LIST)?;
    let exhausted = bench.aot(&["run", "--gc-heap-max", "30MiB", "a.wat"])?;
    exhausted.code(134)?.stderr_has(&["wasm trap: garbage-collected heap exhausted\n", ": grow\n"])?;
    bench.aot(&["run", "--gc-heap-max", "200MiB", "a.wat"])?.code(0)?;
    bench.aot(&["build", "a.wat", "--gc-heap-max", "16MiB"])?.code(0)?;
    bench.aot(&["inspect", "a"])?.code(0)?.stdout_has(&["gc-heap = \"16MiB\""])?;
    Ok(())
}

fn large(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", ARRAYS)?;
    bench.aot(&["run", "--gc-heap-max", "10MiB", "a.wat"])?.code(0)?;
    let exhausted = bench.aot(&["run", "--gc-heap-max", "1MiB", "a.wat"])?;
    exhausted.code(134)?.stderr_has(&["wasm trap: garbage-collected heap exhausted\n"])?;
    Ok(())
}

fn segments(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", SEGMENTS)?;
    bench.aot(&["run", "--gc-heap-max", "8MiB", "a.wat"])?.code(0)?;
    let exhausted = bench.aot(&["run", "--gc-heap-max", "6MiB", "a.wat"])?;
    exhausted.code(134)?.stderr_has(&["wasm trap: garbage-collected heap exhausted\n"])?;
    Ok(())
}

fn trace(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", ARRAYS)?;
    bench.aot(&["build", "a.wat", "--trace", "--gc-heap-max", "10MiB"])?.code(0)?;
    succeeds(&bench.start("a", &[])?)?;
    let traced = bench.shell("WASM_AOT_TRACE=wasi,gc ./a")?;
    traced.code(0)?;
    let lines: Vec<&str> = traced.stderr.lines().collect();
    ensure!(lines.len() > 100, "{}", traced.stderr);
    for line in lines {
        let known = line.starts_with("gc all objects (") && line.contains(" -> ") && line.ends_with(" us");
        ensure!(known, "{line}");
    }
    bench.aot(&["build", "a.wat", "--gc-heap-max", "10MiB"])?.code(0)?;
    succeeds(&bench.shell("WASM_AOT_TRACE=gc ./a")?)
}

fn threads(bench: &Bench<'_>) -> Result<()> {
    let text = r#"(module
      (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
      (import "env" "memory" (memory 1 1 shared))
      (type $s (struct))
      (func (export "wasi_thread_start") (param i32 i32) (drop (struct.new $s)))
      (func (export "_start") (drop (call $spawn (i32.const 0)))))"#;
    bench.write("a.wat", text)?;
    bench.aot(&["build", "a.wat"])?.failed(&["garbage-collected heap", "starts threads"])?;
    Ok(())
}
