//! Programs that start threads: what is refused, and whether threads can undo each other's checks.

use anyhow::{Result, ensure};

use super::{Bench, names, test};
use crate::harness::Test;

/// One thread opens and closes a directory beneath each grant, which gets the same descriptor each
/// time. The other makes a directory beneath that descriptor, which must never happen beneath the second
/// grant. Exit code 0 if it happened exactly once: in the other one.
const RACE: &str = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $make (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory 1 1 shared))
  (export "memory" (memory 0))
  (data $names "subevil")
  (func (export "wasi_thread_start") (param i32 i32)
    (loop $again
      (if (i32.eqz (call $make (i32.const 5) (i32.const 11) (i32.const 4)))
        (then (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))
      (br $again)))
  (func $open_and_close (param $grant i32)
    (if (call $open (local.get $grant) (i32.const 0) (i32.const 8) (i32.const 3) (i32.const 2)
          (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 16))
      (then unreachable))
    (if (i32.ne (i32.load (i32.const 16)) (i32.const 5)) (then unreachable))
    (if (call $close (i32.const 5)) (then unreachable)))
  (func (export "_start")
    (local $rounds i32)
    (memory.init $names (i32.const 8) (i32.const 0) (i32.const 7))
    (drop (call $spawn (i32.const 0)))
    (loop $again
      (call $open_and_close (i32.const 3))
      (call $open_and_close (i32.const 4))
      (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $rounds) (i32.const 100000))))
    (call $exit (i32.ne (i32.atomic.load (i32.const 0)) (i32.const 1)))))"#;

/// Imports shared memories but doesn't start threads, as what is linked with `--import-memory --shared-memory`.
const IMPORTED: &str = r#"(module
  (import "env" "memory" (memory $memory 1 4 shared))
  (import "env" "other" (memory $other 1 4 shared))
  (import "env" "memory" (memory $same 1 4 shared))
  (data $passive "abcd")
  (data (memory $memory) (i32.const 8) "active")
  (func $check (param i32) (if (i32.eqz (local.get 0)) (then (unreachable))))
  (func (export "_start")
    (memory.init $memory $passive (i32.const 0) (i32.const 0) (i32.const 4))
    (call $check (i32.eq (i32.load $same (i32.const 0)) (i32.const 0x64636261)))
    (call $check (i32.eq (i32.load $same (i32.const 8)) (i32.const 0x69746361)))
    (call $check (i32.eqz (i32.load $other (i32.const 0))))
    (call $check (i32.eq (memory.grow $memory (i32.const 3)) (i32.const 1)))
    (call $check (i32.eq (memory.size $same) (i32.const 4)))
    (call $check (i32.eq (memory.size $other) (i32.const 1)))
    (call $check (i32.eqz (memory.atomic.notify $memory (i32.const 0) (i32.const 1))))
    (i32.atomic.store $same (i32.const 0x3fffc) (i32.const 5))
    (call $check (i32.eq (i32.load $memory (i32.const 0x3fffc)) (i32.const 5)))))"#;
/// Starts threads until that fails, which wait until they are told to end; then one more. Exit code: how many there
/// were at a time, without the first; 100 more if a thread of the second kind couldn't be started within a while.
const SPAWN: &str = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (export "memory" (memory 0))
  (func (export "wasi_thread_start") (param i32 i32)
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
  (func (export "_start") (local $count i32) (local $tries i32)
    (block $full
      (loop $more
        (br_if $full (i32.eq (local.get $count) (i32.const 40)))
        (br_if $full (i32.lt_s (call $spawn (i32.const 0)) (i32.const 0)))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $more)))
    (i32.atomic.store (i32.const 0) (i32.const 1))
    (drop (memory.atomic.notify (i32.const 0) (i32.const -1)))
    (loop $again
      (if (i32.lt_s (call $spawn (i32.const 0)) (i32.const 0))
        (then
          (if (i32.or (i32.eqz (local.get $count)) (i32.gt_u (local.get $tries) (i32.const 10000000)))
            (then (call $exit (i32.add (local.get $count) (i32.const 100)))))
          (local.set $tries (i32.add (local.get $tries) (i32.const 1)))
          (drop (call $yield))
          (br $again))))
    (call $exit (local.get $count))))"#;

/// Two threads list the same directory over and over, through the same descriptor, some entries at a time. A third one
/// lists what a descriptor stands for that the first one opens and closes, with other directories each time. Exit code
/// 0 if each found as many entries as there are: 32 beneath the first grant, 12 beneath the second.
const LISTERS: &str = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir" (func $readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory 1 1 shared))
  (export "memory" (memory 0))
  (func $count (param $fd i32) (param $buffer i32) (result i32)
    (local $cookie i64) (local $at i32) (local $end i32) (local $next i32) (local $count i32)
    (loop $more
      (if (call $readdir (local.get $fd) (local.get $buffer) (i32.const 200) (local.get $cookie)
            (i32.sub (local.get $buffer) (i32.const 8)))
        (then (return (i32.const -1))))
      (local.set $at (local.get $buffer))
      (local.set $end (i32.add (local.get $buffer) (i32.load (i32.sub (local.get $buffer) (i32.const 8)))))
      (block $done
        (loop $entry
          (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 24)) (local.get $end)))
          (local.set $next
            (i32.add (i32.add (local.get $at) (i32.const 24)) (i32.load offset=16 (local.get $at))))
          (br_if $done (i32.gt_u (local.get $next) (local.get $end)))
          (local.set $cookie (i64.load (local.get $at)))
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (local.set $at (local.get $next))
          (br $entry)))
      (br_if $more (i32.eq (i32.sub (local.get $end) (local.get $buffer)) (i32.const 200))))
    (local.get $count))
  (func (export "wasi_thread_start") (param i32) (param $kind i32) (local $rounds i32)
    (loop $again
      (if (local.get $kind)
        (then (drop (call $count (i32.const 5) (i32.const 8192))))
        (else
          (if (i32.ne (call $count (i32.const 3) (i32.const 4096)) (i32.const 32))
            (then (call $exit (i32.const 1))))))
      (br $again)))
  (func (export "_start") (local $rounds i32) (local $odd i32)
    (i32.store8 (i32.const 8) (i32.const 46))
    (drop (call $spawn (i32.const 0)))
    (drop (call $spawn (i32.const 1)))
    (loop $again
      (if (i32.ne (call $count (i32.const 3) (i32.const 1024)) (i32.const 32)) (then (call $exit (i32.const 2))))
      (local.set $odd (i32.and (local.get $rounds) (i32.const 1)))
      (if (call $open (i32.add (i32.const 3) (local.get $odd)) (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 2)
            (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 16))
        (then unreachable))
      (if (i32.ne (i32.load (i32.const 16)) (i32.const 5)) (then unreachable))
      (if (i32.ne (call $count (i32.const 5) (i32.const 1024))
            (select (i32.const 12) (i32.const 32) (local.get $odd)))
        (then (call $exit (i32.const 3))))
      (if (call $close (i32.const 5)) (then unreachable))
      (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $rounds) (i32.const 5000))))
    (call $exit (i32.const 0))))"#;

const REFUSED: &[(&str, &str)] = &[
    (
        r#"(import "env" "memory" (memory 1 1 shared))"#,
        "a module that starts threads must export `wasi_thread_start`",
    ),
    (
        r#"(import "env" "memory" (memory 1 1 shared))
           (func (export "wasi_thread_start") (param i32))"#,
        "a module that starts threads must export `wasi_thread_start`",
    ),
    (
        r#"(memory 1 1 shared) (func (export "wasi_thread_start") (param i32 i32))"#,
        "a memory that isn't both imported and shared is not supported",
    ),
    (
        r#"(import "env" "memory" (memory 1 1 shared)) (memory 1)
           (func (export "wasi_thread_start") (param i32 i32))"#,
        "a memory that isn't both imported and shared is not supported",
    ),
    (
        r#"(import "env" "memory" (memory 1 1))
           (func (export "wasi_thread_start") (param i32 i32))"#,
        "memory env.memory",
    ),
    (
        r#"(import "env" "memory" (memory 1 1 shared)) (table $table 1 1 funcref)
           (func (export "wasi_thread_start") (param i32 i32)
             (table.set $table (i32.const 0) (ref.null func)))"#,
        "a table that is written is not supported",
    ),
];

pub fn tests() -> Vec<Test> {
    vec![
        test("threads/descriptors", race),
        test("threads/shared memory without threads", |bench| {
            // Two imports of one name are one memory, which isn't the one of another name.
            bench.write("a.wat", IMPORTED)?;
            bench.aot(&["run", "a.wat"])?.code(0)?;
            bench.aot(&["run", "--memory-guard=none", "a.wat"])?.code(0)?;
            for (imports, message) in [
                (r#"(import "env" "memory" (memory 1))"#, "memory env.memory"),
                (
                    r#"(import "e" "m" (memory 1 2 shared)) (import "e" "m" (memory 2 2 shared))"#,
                    "incompatible import type: e.m: its size is 1, but at least 2 is required",
                ),
                (
                    r#"(import "env" "t" (table 1 funcref)) (import "e" "m" (memory 1 2 shared))"#,
                    "table env.t",
                ),
            ] {
                bench.write("b.wat", format!(r#"(module {imports} (func (export "_start")))"#))?;
                bench.aot(&["build", "b.wat", "-o", "out"])?.failed(&[message])?;
            }
            Ok(())
        }),
        test("threads/directories", listers),
        test("threads/--max-threads", max_threads),
        test("threads/refused", |bench| {
            for (rest, message) in REFUSED {
                let spawn = r#"(import "wasi" "thread-spawn" (func (param i32) (result i32)))"#;
                bench.write("a.wat", format!(r#"(module {spawn} {rest} (func (export "_start")))"#))?;
                bench.aot(&["build", "a.wat", "-o", "out"])?.failed(&[message])?;
                bench.has_only(&["a.wat"])?;
            }
            Ok(())
        }),
    ]
}

fn race(bench: &Bench<'_>) -> Result<()> {
    bench.write("race.wat", RACE)?;
    for grant in ["writable", "read-only"] {
        std::fs::create_dir_all(bench.path(grant).join("sub"))?;
    }
    let grants = ["--dir", "writable::/a", "--dir", "read-only::/b:ro"];
    bench.aot(&[&["run"], grants.as_slice(), &["race.wat"]].concat())?.code(0)?;
    ensure!(names(&bench.path("writable/sub"))? == ["evil"]);
    ensure!(names(&bench.path("read-only/sub"))?.is_empty(), "a grant for reading only was written");
    Ok(())
}

fn listers(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", LISTERS)?;
    for (grant, entries) in [("many", 30), ("few", 10)] {
        std::fs::create_dir(bench.path(grant))?;
        for number in 0..entries {
            std::fs::write(bench.path(grant).join(format!("name-{number}")), "")?;
        }
    }
    bench.aot(&["run", "--dir", "many", "--dir", "few", "a.wat"])?.code(0)?;
    Ok(())
}

fn max_threads(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", SPAWN)?;
    for (limit, threads) in [("5", 4), ("2", 1), ("1", 100), ("41", 40), ("1000000", 40)] {
        bench.aot(&["run", "--max-threads", limit, "a.wat"])?.code(threads)?;
    }
    bench.aot(&["run", "a.wat"])?.code(40)?;
    bench.write("policy.toml", "[limits]\nthreads = 3\n")?;
    bench.aot(&["build", "a.wat", "--policy", "policy.toml"])?.code(0)?;
    bench.start("a", &[])?.code(2)?;
    bench.aot(&["inspect", "a"])?.code(0)?.stdout_has(&["threads = 3"])?;
    bench.aot(&["run", "--policy", "policy.toml", "--max-threads", "7", "a.wat"])?.code(6)?;
    bench.aot(&["run", "--max-threads", "0", "a.wat"])?.code(2)?.stderr_has(&["--max-threads"])?;
    Ok(())
}
