//! Programs that use up their memory: all that they may have is used, and then growing fails or a trap says so.

use anyhow::{Result, bail};

use super::gc::ARRAYS;
use super::{Bench, Outcome, test};
use crate::harness::{Skipped, Test};

/// Keeps one more object each time.
const LIST: &str = r#"(module
  (type $node (struct (field (ref null $node)) (field i64)))
  (func $grow (export "_start")
    (local $all (ref null $node))
    (loop $again
      (local.set $all (struct.new $node (local.get $all) (i64.const 1)))
      (br $again))))"#;

/// Keeps one more array of 1 MiB each time.
const LARGE_LIST: &str = r#"(module
  (type $bytes (array (mut i8)))
  (type $node (struct (field (ref null $node)) (field (ref $bytes))))
  (func $grow (export "_start")
    (local $all (ref null $node))
    (loop $again
      (local.set $all (struct.new $node (local.get $all) (array.new_default $bytes (i32.const 1048576))))
      (br $again))))"#;

/// Keeps 24 arrays of 1 MiB, and makes 200 more.
const GARBAGE: &str = r#"(module
  (type $bytes (array (mut i8)))
  (table $kept 24 (ref null $bytes))
  (func (export "_start")
    (local $i i32)
    (loop $again
      (table.set $kept (local.get $i) (array.new_default $bytes (i32.const 1048576)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (loop $again
      (drop (array.new_default $bytes (i32.const 1048576)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 224))))))"#;

/// Exceptions of 1 KiB, each of which keeps the one before; in a program without objects.
const EXCEPTIONS: &str = r#"(module
  (tag $e (param exnref PARAMETERS))
  (func $grow (export "_start")
    (local $last exnref)
    (loop $again
      (block $caught (result exnref)
        (try_table (catch_all_ref $caught) (throw $e (local.get $last) VALUES))
        (unreachable))
      (local.set $last)
      (br $again))))"#;

/// Grows by a page each time, writes into each, and finds all that was written. At least 180 MiB can be had.
const MEMORY: &str = r#"(module
  (memory 2)
  (data (i32.const 4) "DATA")
  (func (export "_start")
    (local $at i32)
    (loop $again
      (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)) (memory.size))
      (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (if (i32.lt_u (memory.size) (i32.const 2880)) (then (unreachable)))
    (if (i32.ne (i32.load offset=4 (i32.const 0)) (i32.load offset=4 (i32.const 65536)))
      (then (if (i32.ne (i32.const 0x41544144) (i32.load offset=4 (i32.const 0))) (then (unreachable)))))
    (local.set $at (i32.const 2))
    (loop $again
      (if (i32.ne (local.get $at) (i32.load (i32.sub (i32.mul (local.get $at) (i32.const 65536)) (i32.const 4))))
        (then (unreachable)))
      (br_if $again (i32.le_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (memory.size))))))"#;

/// The same for a table, of at least 9,000,000 elements.
const TABLE: &str = r#"(module
  (table $t 3 funcref)
  (elem (table $t) (i32.const 2) func $f)
  (func $f)
  (func (export "_start")
    (local $size i32)
    (loop $again
      (local.set $size (table.size $t))
      (if (i32.ne (table.grow $t (ref.func $f) (i32.const 1000)) (i32.const -1))
        (then
          (if (ref.is_null (table.get $t (local.get $size))) (then (unreachable)))
          (br $again))))
    (if (i32.lt_u (table.size $t) (i32.const 9000000)) (then (unreachable)))
    (if (i32.eqz (ref.is_null (table.get $t (i32.const 1)))) (then (unreachable)))
    (call_indirect $t (i32.const 2))
    (call_indirect $t (i32.const 1000))
    (call_indirect $t (i32.sub (table.size $t) (i32.const 1)))))"#;

pub fn tests() -> Vec<Test> {
    vec![
        test("exhausted/small objects", small_objects),
        test("exhausted/objects in little address space", objects),
        test("exhausted/large objects that can be freed", garbage),
        test("exhausted/exceptions", exceptions),
        test("exhausted/a memory without a guard", memory),
        test("exhausted/a table", table),
    ]
}

fn is_trap(outcome: &Outcome, function: &str) -> Result<()> {
    let frame = format!(": {function}\n");
    outcome.code(134)?.stderr_has(&["wasm trap: garbage-collected heap exhausted\n", &frame])?;
    Ok(())
}

/// As much as fits into one half of the old space, which is copied to the other half.
fn small_objects(bench: &Bench<'_>) -> Result<()> {
    const NEEDED_KIB: u64 = 4 << 20;
    let available = std::fs::read_to_string("/proc/meminfo")?;
    let available = available.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let Some(available) = available.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok())
    else {
        bail!("/proc/meminfo has no MemAvailable");
    };
    if available < NEEDED_KIB {
        return Err(Skipped(format!("{available} KiB of memory are available, not {NEEDED_KIB}")).into());
    }
    // As large as small objects can be.
    bench.write("a.wat", LARGE_LIST.replace("1048576", "32000"))?;
    bench.aot(&["build", "a.wat"])?.code(0)?;
    is_trap(&bench.start("a", &[])?, "grow")
}

fn objects(bench: &Bench<'_>) -> Result<()> {
    for text in [LIST, LARGE_LIST] {
        bench.write("a.wat", text)?;
        bench.aot(&["build", "a.wat", "--memory-guard=none"])?.code(0)?;
        // The last has no room for the collector's tables.
        for limit in [150_000, 90_000, 60_000, 40_000, 30_000, 25_000, 20_000] {
            is_trap(&bench.shell(&format!("ulimit -v {limit} && ./a"))?, "grow")?;
        }
    }
    Ok(())
}

fn garbage(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", GARBAGE)?;
    bench.aot(&["build", "a.wat", "--memory-guard=none"])?.code(0)?;
    bench.shell("ulimit -v 70000 && ./a")?.code(0)?;
    bench.write("a.wat", ARRAYS)?;
    bench.aot(&["build", "a.wat", "--memory-guard=none"])?.code(0)?;
    bench.shell("ulimit -v 36000 && ./a")?.code(0)?;
    Ok(())
}

fn exceptions(bench: &Bench<'_>) -> Result<()> {
    let (parameters, values) = ("i64 ".repeat(120), "(i64.const 1) ".repeat(120));
    bench.write("a.wat", EXCEPTIONS.replace("PARAMETERS", &parameters).replace("VALUES", &values))?;
    bench.aot(&["build", "a.wat", "--memory-guard=none"])?.code(0)?;
    is_trap(&bench.shell("ulimit -v 25000 && ./a")?, "grow")
}

fn memory(bench: &Bench<'_>) -> Result<()> {
    let empty = MEMORY.replace(r#"(data (i32.const 4) "DATA")"#, "");
    // Ends inside a page of the system, and begins with all of its pages from the executable.
    let full =
        MEMORY.replace("DATA\")", &format!("DATA\")(data (i32.const 4096) \"{}\")", "x".repeat(126_976)));
    let wide =
        MEMORY.replace("(memory 2)", "(memory 2)(memory $other 1)(data (memory $other) (i32.const 0) \"x\")");
    for text in [MEMORY, &empty, &full, &wide] {
        bench.write("a.wat", text)?;
        for options in [&[][..], &["--no-pie"], &["-O", "0"]] {
            bench.aot(&[&["build", "a.wat", "--memory-guard=none"], options].concat())?.code(0)?;
            bench.shell("ulimit -v 200000 && ./a")?.code(0)?;
        }
    }
    Ok(())
}

fn table(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", TABLE)?;
    bench.aot(&["build", "a.wat", "--memory-guard=none"])?.code(0)?;
    bench.shell("ulimit -v 110000 && ./a")?.code(0)?;
    Ok(())
}
