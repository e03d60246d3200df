//! Pointers of the program that WASI functions follow, where a test in C can't have them.

use anyhow::Result;

use super::{Bench, test};
use crate::harness::Test;

/// A buffer that begins 25 bytes before the end of all that 32 bits can say, as many as the entry `.` takes. More
/// follow.
const READDIR: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_readdir" (func $readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 65536)
  (func (export "_start")
    (i64.store (i32.const 0) (i64.const -1))
    (drop (call $readdir (i32.const 3) (i32.const -25) (i32.const SIZE) (i64.const 0) (i32.const 1024)))
    ;; What is behind the end isn't the start.
    (call $exit (select (i32.const 7) (i32.const 8) (i64.eq (i64.load (i32.const 0)) (i64.const -1))))))"#;

pub fn tests() -> Vec<Test> {
    vec![test("guest/a buffer at the end of 4 GiB", readdir)]
}

fn readdir(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", READDIR.replace("SIZE", "200"))?;
    let outcome = bench.aot(&["run", "--dir", ".", "a.wat"])?;
    outcome.code(134)?.stderr_has(&["wasm trap: out of bounds memory access\n"])?;
    bench.write("a.wat", READDIR.replace("SIZE", "25"))?;
    bench.aot(&["run", "--dir", ".", "a.wat"])?.code(7)?;
    Ok(())
}
