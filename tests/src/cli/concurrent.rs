//! Asynchronous components at the command line: commands of WASI 0.3, and what is refused.

use anyhow::{Result, ensure};

use super::{Bench, test};
use crate::harness::Test;

/// How many calls wait at the same time.
const CALLS: u32 = 10_000;

pub fn tests() -> Vec<Test> {
    vec![
        test("concurrent/run", |bench| {
            for (returned, code) in [(0, 0), (1, 1)] {
                bench.write(
                    "c.wat",
                    command("0.3.0", returned, "async (callback (core func $i \"waited\"))"),
                )?;
                bench.aot(&["build", "c.wat", "-o", "out"])?.code(0)?;
                bench.start("out", &[])?.code(code)?;
            }
            Ok(())
        }),
        test("concurrent/thousands of calls", thousands),
        test("concurrent/inspect", |bench| {
            bench.write("c.wat", command("0.3.1", 0, "async (callback (core func $i \"waited\"))"))?;
            let shown = [
                "\n  wasi:clocks/monotonic-clock@0.3.1\n    wait-for: async func(how-long: u64)\n",
                "\n  wasi:cli/run@0.3.1\n    run: async func() -> result\n",
                "build: would succeed\n",
            ];
            bench.aot(&["inspect", "c.wat"])?.code(0)?.stdout_has(&shown)?;
            Ok(())
        }),
        test("concurrent/release candidates", |bench| {
            let refused = |bench: &Bench<'_>, version: &str, words: &[&str]| -> Result<()> {
                bench.write("c.wat", command(version, 0, "async (callback (core func $i \"waited\"))"))?;
                bench.aot(&["build", "c.wat", "-o", "out"])?.failed(words)?;
                Ok(())
            };
            let import = "wasi:clocks/monotonic-clock@0.3.0-rc-2025-09-16#wait-for: a release candidate";
            refused(bench, "0.3.0-rc-2025-09-16", &["nothing provides these imports", import])
        }),
        test("concurrent/asynchrony is compared", |bench| {
            bench.write(
                "c.wat",
                r#"(component
                  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
                    (export "wait-for" (func (param "how-long" u64)))))
                  (core func $wait (canon lower (func $clock "wait-for")))
                  (core module $m (import "" "wait" (func $wait (param i64))) (export "f" (func $wait)))
                  (core instance $i (instantiate $m (with "" (instance (export "wait" (func $wait))))))
                  (func (export "f") (param "x" u64) (canon lift (core func $i "f"))))"#,
            )?;
            let words = ["#wait-for: the host's function is async (u64), not (u64)"];
            bench.aot(&["build", "c.wat", "-o", "out"])?.failed(&words)?;
            Ok(())
        }),
        test("concurrent/what is refused", |bench| {
            for (built_in, words) in [
                ("(core func (canon subtask.cancel async))", "further asynchronous built-ins"),
                (
                    "(type $s (stream u8)) (core func (canon stream.cancel-read $s async))",
                    "further asynchronous",
                ),
                (
                    "(type $s (stream u8)) (core func (canon stream.read $s (memory $m)))",
                    "further asynchronous",
                ),
                (
                    "(type $f (future u8)) (core func (canon future.write $f (memory $m)))",
                    "further asynchronous",
                ),
                ("(core func (canon thread.index))", "threads of components"),
                ("(core func (canon context.get i32 1))", "threads of components"),
                ("(core func (canon error-context.drop))", "error contexts of components"),
            ] {
                bench.write("c.wat", using(built_in))?;
                bench.aot(&["build", "c.wat", "-o", "out"])?.failed(&[words])?;
            }
            Ok(())
        }),
    ]
}

/// A command that waits for a millisecond with a subtask, and returns then.
fn command(version: &str, returned: u32, options: &str) -> String {
    format!(
        r#"(component
          (import "wasi:clocks/monotonic-clock@{version}" (instance $clock
            (export "wait-for" (func async (param "how-long" u64)))))
          (core func $wait (canon lower (func $clock "wait-for") async))
          (core func $return (canon task.return (result (result))))
          (core func $new (canon waitable-set.new))
          (core func $join (canon waitable.join))
          (core module $m
            (import "" "wait" (func $wait (param i64) (result i32)))
            (import "" "return" (func $return (param i32)))
            (import "" "new" (func $new (result i32)))
            (import "" "join" (func $join (param i32 i32)))
            (global $set (mut i32) (i32.const 0))
            (func (export "run") (result i32)
              (global.set $set (call $new))
              (call $join (i32.shr_u (call $wait (i64.const 1000000)) (i32.const 4)) (global.get $set))
              (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
            (func (export "waited") (param i32 i32 i32) (result i32)
              (call $return (i32.const {returned}))
              (i32.const 0)))
          (core instance $i (instantiate $m (with "" (instance
            (export "wait" (func $wait)) (export "return" (func $return))
            (export "new" (func $new)) (export "join" (func $join))))))
          (func $run async (result (result)) (canon lift (core func $i "run") {options}))
          (instance $run (export "run" (func $run)))
          ;; It isn't called.
          (core module $m2 (func (export "run") (result i32) unreachable))
          (core instance $i2 (instantiate $m2))
          (func $run2 (result (result)) (canon lift (core func $i2 "run")))
          (instance $run2 (export "run" (func $run2)))
          (export "wasi:cli/run@0.2.9" (instance $run2))
          (export "wasi:cli/run@{version}" (instance $run)))"#
    )
}

/// A component that has a built-in which it doesn't call.
fn using(built_in: &str) -> String {
    format!(
        r#"(component
          (core module $libc (memory (export "m") 1))
          (core instance $libc (instantiate $libc))
          (alias core export $libc "m" (core memory $m))
          {built_in}
          (core module $m (func (export "f")))
          (core instance $i (instantiate $m))
          (func (export "f") (canon lift (core func $i "f"))))"#
    )
}

/// Calls that all wait at the same time, and end at several times; each of them is told of once.
fn thousands(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "c.wat",
        format!(
            r#"(component
              (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
                (export "wait-for" (func async (param "how-long" u64)))))
              (core func $wait (canon lower (func $clock "wait-for") async))
              (core func $return (canon task.return (result u32)))
              (core func $new (canon waitable-set.new))
              (core func $join (canon waitable.join))
              (core func $drop (canon subtask.drop))
              (core module $m
                (import "" "wait" (func $wait (param i64) (result i32)))
                (import "" "return" (func $return (param i32)))
                (import "" "new" (func $new (result i32)))
                (import "" "join" (func $join (param i32 i32)))
                (import "" "drop" (func $drop (param i32)))
                (global $set (mut i32) (i32.const 0))
                (global $begun (mut i32) (i32.const 0))
                (global $ended (mut i32) (i32.const 0))
                (func $again (result i32) (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
                (func (export "run") (result i32)
                  (global.set $set (call $new))
                  (loop $more
                    ;; 100 ms, and up to 7 ms more
                    (call $join
                      (i32.shr_u
                        (call $wait (i64.add (i64.const 100000000) (i64.mul (i64.const 1000000)
                          (i64.extend_i32_u (i32.and (global.get $begun) (i32.const 7))))))
                        (i32.const 4))
                      (global.get $set))
                    (global.set $begun (i32.add (global.get $begun) (i32.const 1)))
                    (br_if $more (i32.lt_u (global.get $begun) (i32.const {CALLS}))))
                  (call $again))
                (func (export "waited") (param $event i32) (param $subtask i32) (param $state i32) (result i32)
                  (call $drop (local.get $subtask))
                  (global.set $ended (i32.add (global.get $ended) (i32.const 1)))
                  (if (i32.lt_u (global.get $ended) (i32.const {CALLS})) (then (return (call $again))))
                  (call $return (global.get $ended))
                  (i32.const 0)))
              (core instance $i (instantiate $m (with "" (instance
                (export "wait" (func $wait)) (export "return" (func $return)) (export "new" (func $new))
                (export "join" (func $join)) (export "drop" (func $drop))))))
              (func (export "run") async (result u32)
                (canon lift (core func $i "run") async (callback (core func $i "waited")))))"#
        ),
    )?;
    bench.aot(&["build", "c.wat", "--invoke", "run()", "-o", "out"])?.code(0)?;
    let printed = bench.start("out", &[])?;
    printed.code(0)?.stdout_has(&[&format!("{CALLS}\n")])?;
    // Nobody waits for the processor.
    let times = bench.shell("bash -c 'TIMEFORMAT=%U; time ./out'")?;
    let seconds: f64 = times.stderr.trim().parse()?;
    ensure!(seconds < 5.0, "it took {seconds} s of the processor");
    Ok(())
}
