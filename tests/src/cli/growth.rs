//! Small inputs that stand for something large: the compiler's output and memory stay proportional to the size of the
//! input. `tests/growth` measures the same of every construct.

use std::mem::offset_of;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};
use object::{Object as _, ObjectSection as _};
use wasm_aot_abi::policy as abi;

use super::{Bench, test};
use crate::harness::Test;

/// One of each format, and of each linker.
const TARGETS: [&str; 5] =
    ["x86_64-linux", "aarch64-linux", "s390x-linux", "x86_64-windows", "aarch64-macos"];

/// Tables of ten million elements, all null or nearly: `$t` has `$seven` at its end, `$filled` has it everywhere but at 1.
/// `$call` calls through one of them.
const TABLES: &str = r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (type $number (func (result i32)))
  (table $t 10000000 funcref)
  (table $filled 10000000 funcref (ref.func $seven))
  (elem (table $t) (i32.const 9999999) func $seven)
  (elem (table $t) (i32.const 5) func $start)
  (elem (table $filled) (i32.const 1) func $eight)
  (func $seven (type $number) (i32.const 7))
  (func $eight (type $number) (i32.const 8))
  (func $start (export "_start")
    (call $exit (i32.add
      (call_indirect $filled (type $number) (i32.const 1))
      (i32.mul (i32.const 10) (CALL))))))"#;

/// What calls through `TABLES` do: exit code, or the words of a trap.
const CALLS: &[(&str, Result<i32, &str>)] = &[
    ("call_indirect $t (type $number) (i32.const 9999999)", Ok(78)),
    ("call_indirect $filled (type $number) (i32.const 9999999)", Ok(78)),
    ("call_indirect $filled (type $number) (i32.const 0)", Ok(78)),
    ("call_indirect $t (type $number) (i32.const 10000000)", Err("undefined element")),
    ("call_indirect $t (type $number) (i32.const 0)", Err("uninitialized element")),
    ("call_indirect $t (type $number) (i32.const 9999998)", Err("uninitialized element")),
    ("call_indirect $t (type $number) (i32.const 5)", Err("indirect call type mismatch")),
];

pub fn tests() -> Vec<Test> {
    let mut tests = vec![
        test("growth/texts of names", texts_of_names),
        test("growth/calls through large tables", large_tables),
        test("growth/a large table in a thread", table_in_threads),
        test("growth/signatures of a large table", signatures),
        test("growth/tables together", tables_together),
        test("growth/many tables", many_tables),
        test("growth/data in every page", data_in_every_page),
        test("growth/try in each other", nested_tries),
        test("growth/many handlers find what they catch", many_handlers),
        test("growth/calls among many handlers", calls_among_handlers),
        test("growth/types in inspect", types_in_inspect),
        test("growth/policies that are larger than their file", large_policies),
    ];
    tests.extend(TARGETS.map(|target| {
        test(&format!("growth/a table of nulls for {target}"), move |bench| null_table(bench, target))
    }));
    tests
}

/// Builds `in.wat` into `out`; returns the peak memory of the compiler in bytes.
fn build(bench: &Bench<'_>, arguments: &[&str]) -> Result<u64> {
    let mut command = bench.command(&["build", "-q", "in.wat", "-o", "out"]);
    let child = command.args(arguments).stdin(Stdio::null()).spawn()?;
    let mut status = 0;
    // SAFETY: all zeroes is a value of this structure.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: it is a child of ours that nobody else waits for; the pointers are to places that live as long.
    let waited = unsafe { libc::wait4(child.id() as i32, &raw mut status, 0, &raw mut usage) };
    ensure!(waited == child.id() as i32, "the compiler can't be waited for");
    ensure!(ExitStatus::from_raw(status).success(), "the build failed");
    Ok((usage.ru_maxrss as u64) << 10)
}

fn size(bench: &Bench<'_>) -> Result<u64> {
    Ok(std::fs::metadata(bench.path("out"))?.len())
}

/// Names of 270 bytes that stand for 6 KB each, and one that stands for 12 KB. Each function calls the one before; the
/// first traps.
fn texts_of_names(bench: &Bench<'_>) -> Result<()> {
    const COUNT: usize = 1000;
    let name =
        |index: usize, uses: usize| format!("_Z1f200{}{index:04}{}", "x".repeat(196), "S_".repeat(uses));
    let functions = (1..COUNT).map(|i| format!("(func ${} (call {}))", name(i, 30), i - 1));
    let (first, functions) = (name(0, 60), functions.collect::<String>());
    bench.write(
        "in.wat",
        format!("(module (func ${first} unreachable) {functions} (export \"_start\" (func {})))", COUNT - 1),
    )?;
    build(bench, &["--strip"])?;
    let (most, found) = (3 << 20, size(bench)?);
    ensure!(found < most, "the executable has {found} bytes, not less than {most}");
    // Long lines of a backtrace are shortened to their beginning.
    let second = format!("f({}", vec![format!("{}0001", "x".repeat(196)); 2].join(", "));
    bench.start("out", &[])?.code(134)?.stderr_has(&[&first, &second])?;
    let last = name(COUNT - 1, 30).into_bytes();
    let executable = std::fs::read(bench.path("out"))?;
    ensure!(executable.windows(last.len()).any(|part| part == last), "the last name isn't as in the module");
    Ok(())
}

fn null_table(bench: &Bench<'_>, target: &str) -> Result<()> {
    let functions = r#"(func (export "_start") (call_indirect (i32.const 0)))"#;
    bench.write("in.wat", format!("(module (table 10 funcref) {functions})"))?;
    build(bench, &["--target", target])?;
    let small = size(bench)?;
    for table in ["(table 10000000 funcref)", "(table 10000000 funcref) (elem (i32.const 9999999) func 0)"] {
        bench.write("in.wat", format!("(module {table} {functions})"))?;
        let memory = build(bench, &["--target", target])?;
        let large = size(bench)?;
        ensure!(large < small + (4 << 10), "{target}: {large} bytes, of a small table {small}");
        ensure!(memory < 200 << 20, "{target}: {memory} bytes of memory");
    }
    Ok(())
}

fn large_tables(bench: &Bench<'_>) -> Result<()> {
    for (call, expected) in CALLS {
        bench.write("in.wat", TABLES.replace("CALL", call))?;
        let memory = build(bench, &[])?;
        ensure!(memory < 200 << 20, "{call}: {memory} bytes of memory");
        ensure!(size(bench)? < 100 << 10, "{call}: the executable has {} bytes", size(bench)?);
        let outcome = bench.start("out", &[])?;
        match expected {
            Ok(code) => outcome.code(*code),
            Err(words) => outcome.code(134)?.stderr_has(&[words]),
        }
        .context(*call)?;
    }
    Ok(())
}

/// A table that is only called, in a program that starts threads: it is made once, for all.
fn table_in_threads(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "in.wat",
        r#"(module
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
          (import "env" "memory" (memory 1 1 shared))
          (type $number (func (result i32)))
          (table 100000 funcref)
          (elem (i32.const 99999) func $seven)
          (func $seven (type $number) (i32.const 7))
          (func (export "wasi_thread_start") (param i32 i32)
            (i32.atomic.store (i32.const 0) (call_indirect (type $number) (i32.const 99999)))
            (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
          (func (export "_start")
            (drop (call $spawn (i32.const 0)))
            (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
            (call $exit (i32.add (i32.atomic.load (i32.const 0))
              (i32.mul (i32.const 10) (call_indirect (type $number) (i32.const 99999)))))))"#,
    )?;
    build(bench, &[])?;
    bench.start("out", &[])?.code(77)?;
    Ok(())
}

/// Each signature with which code calls through a table costs as much as the call, independently of the
/// table's size.
fn signatures(bench: &Bench<'_>) -> Result<()> {
    const COUNT: u32 = 1000;
    let types = ["i32", "i64", "f32", "f64"];
    let results = |index: u32| (0..5).map(move |digit| types[(index >> (2 * digit) & 3) as usize]);
    let result = |index: u32| format!("(result {})", results(index).collect::<Vec<_>>().join(" "));
    let calls = (0..COUNT)
        .map(|index| format!("(call_indirect {} (i32.const 0))", result(index)) + &"(drop)".repeat(5));
    let calls: String = calls.collect();
    bench.write("in.wat", format!("(module (table 10000000 funcref) (func (export \"_start\") {calls}))"))?;
    let memory = build(bench, &["--strip"])?;
    ensure!(memory < 300 << 20, "{memory} bytes of memory");
    ensure!(size(bench)? < 500 << 10, "the executable has {} bytes", size(bench)?);
    bench.start("out", &[])?.code(134)?.stderr_has(&["uninitialized element"])?;
    Ok(())
}

fn tables_together(bench: &Bench<'_>) -> Result<()> {
    let tables = |count: usize| "(table 10000000 funcref)".repeat(count);
    bench.write("in.wat", format!("(module {} (func (export \"_start\")))", tables(4)))?;
    build(bench, &[])?;
    bench.write("in.wat", format!("(module {} (func (export \"_start\")))", tables(5)))?;
    bench.aot(&["build", "in.wat"])?.failed(&["tables", "number 4", "50000000", "40000000"])?;
    // Small ones aren't sparse one by one, but may not take what they like together, either.
    let call = |index: usize| format!("(call_indirect {index} (i32.const 0))");
    let calls: String = (0..100).map(call).collect();
    let tables = "(table 4000 funcref)".repeat(100);
    bench.write("in.wat", format!("(module {tables} (func (export \"_start\") {calls}))"))?;
    build(bench, &["--strip"])?;
    ensure!(size(bench)? < 200 << 10, "the executable has {} bytes", size(bench)?);
    Ok(())
}

/// Tables whose numbers have more than 16 bits: calls go through the one that they name.
fn many_tables(bench: &Bench<'_>) -> Result<()> {
    const COUNT: usize = 65_538;
    let tables = "(table 1 funcref)".repeat(COUNT);
    let calls = [0, 1, COUNT - 2, COUNT - 1].map(|table| {
        format!("(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 3)) (call_indirect {table} (result i32) (i32.const 0))))")
    });
    let segments = [(0, 0), (1, 1), (COUNT - 2, 2), (COUNT - 1, 1)]
        .map(|(table, func)| format!("(elem (table {table}) (i32.const 0) func $f{func})"));
    let functions = [0, 1, 2].map(|n| format!("(func $f{n} (result i32) (i32.const {n}))"));
    let exit = r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))"#;
    let main =
        format!("(func (export \"_start\") (local i32) {} (call $exit (local.get 0)))", calls.concat());
    bench.write(
        "in.wat",
        format!("(module {exit} {tables} {} {} {main})", segments.concat(), functions.concat()),
    )?;
    build(bench, &["--strip"])?;
    bench.start("out", &[])?.code(9 + 2 * 3 + 1)?;
    Ok(())
}

/// A byte in each of 30,000 pages, and a check that they are in the right places.
fn data_in_every_page(bench: &Bench<'_>) -> Result<()> {
    const COUNT: usize = 30_000;
    let segments: String =
        (0..COUNT).map(|page| format!("(data (i32.const {}) \"\\01\")", page * 4096 + 9)).collect();
    bench.write(
        "in.wat",
        format!(
            r#"(module
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") {pages}) {segments}
              (func (export "_start") (local $at i32) (local $sum i32)
                (loop $next
                  (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
                  (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const {end}))))
                (call $exit (i32.eq (local.get $sum) (i32.const {COUNT})))))"#,
            pages = COUNT * 4096 / 65536 + 1,
            end = COUNT * 4096,
        ),
    )?;
    for arguments in [&[][..], &["--memory-guard=none"]] {
        let memory = build(bench, arguments)?;
        ensure!(memory < 200 << 20, "{memory} bytes of memory");
        ensure!(size(bench)? < 3 << 20, "the executable has {} bytes", size(bench)?);
        bench.start("out", &[])?.code(1)?;
    }
    Ok(())
}

/// A clause that follows another for the same tag is never tried, so it isn't in the tables.
fn nested_tries(bench: &Bench<'_>) -> Result<()> {
    let new = |levels: usize| {
        let inner: String = (0..levels).map(|_| "block try_table (catch $e 0) call $throw ").collect();
        inner + &"end i32.const 100 call $exit end ".repeat(levels)
    };
    let legacy = |levels: usize| {
        let inner = "try call $throw ".repeat(levels);
        inner + &"catch $e i32.const 9 call $exit end ".repeat(levels)
    };
    for (name, code, exit) in [("try_table", &new as &dyn Fn(usize) -> String, 9), ("try", &legacy, 9)] {
        let mut sizes = Vec::new();
        for levels in [500, 1000] {
            let code = code(levels);
            bench.write(
                "in.wat",
                format!(
                    r#"(module
                      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                      (tag $e)
                      (func $throw (throw $e))
                      (func (export "_start") {code} i32.const {exit} call $exit))"#
                ),
            )?;
            build(bench, &["--strip"])?;
            bench.start("out", &[])?.code(exit).context(name)?;
            sizes.push(size(bench)?);
        }
        ensure!(sizes[1] < sizes[0] * 5 / 2, "{name}: twice the levels are {sizes:?} bytes");
    }
    Ok(())
}

/// Tags of `many_handlers`, each with a clause in the same function but the last.
const TAGS: usize = 101;

/// Clauses for 100 tags, more than are listed at a call, in `nesting`: `$f` throws, by `$throw`, an exception with the tag
/// that it is given, which carries 1000 more than that, and returns what the clause has of it: 1000. The last one leaves
/// the function. Each is tried; the exit code is the number of right answers.
fn handlers_module(nesting: &str, objects: &str) -> String {
    let tags: String = (0..TAGS).map(|tag| format!("(tag $t{tag} (param i32))")).collect();
    let throws: String = (0..TAGS)
        .map(|tag| {
            format!(
                "(if (i32.eq (local.get 0) (i32.const {tag})) (then (throw $t{tag} (i32.const {}))))",
                1000 + tag
            )
        })
        .collect();
    format!(
        r#"(module
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          {tags} {objects}
          (func $throw (param i32) {throws})
          (func $f (param i32) (result i32) {nesting})
          (func $try (param i32) (result i32)
            (block $all
              (try_table (catch_all $all) (return (call $f (local.get 0)))))
            (i32.const 7))
          (func (export "_start") (local $tag i32) (local $right i32)
            (loop $next
              (local.set $right (i32.add (local.get $right)
                (i32.eq (call $try (local.get $tag))
                  (select (i32.const 7) (i32.const 1000) (i32.eq (local.get $tag) (i32.const 100))))))
              (br_if $next (i32.lt_u (local.tee $tag (i32.add (local.get $tag) (i32.const 1))) (i32.const {TAGS}))))
            (call $exit (local.get $right))))"#
    )
}

fn many_handlers(bench: &Bench<'_>) -> Result<()> {
    let caught = |tag: usize| format!("i32.const {tag} i32.sub return ");
    // Every third keeps a reference.
    let clause = |tag: usize, label: usize| match tag % 3 {
        0 => format!("(catch_ref $t{tag} {label})"),
        _ => format!("(catch $t{tag} {label})"),
    };
    let block =
        |tag: usize| if tag.is_multiple_of(3) { "block (result i32 exnref) " } else { "block (result i32) " };
    let drop = |tag: usize| if tag.is_multiple_of(3) { "drop " } else { "" };
    let tags = || 0..TAGS - 1;
    let enter = |tag: usize| format!("{} try_table {} ", block(tag), clause(tag, 0));
    let leave = |tag: usize| format!("end unreachable end {}{}", drop(tag), caught(tag));
    let inner = "local.get 0 call $throw ";
    let nested = tags().map(enter).collect::<String>() + inner + &tags().rev().map(leave).collect::<String>();
    let side_by_side = tags().rev().map(block).collect::<String>()
        + "try_table "
        + &tags().map(|tag| clause(tag, tag)).collect::<String>()
        + inner
        + "end unreachable "
        + &tags().map(|tag| format!("end {}{}", drop(tag), caught(tag))).collect::<String>();
    let legacy = "try (result i32) ".repeat(TAGS - 1)
        + inner
        + "unreachable "
        + &tags().map(|tag| format!("catch $t{tag} {} end ", caught(tag))).collect::<String>();
    // Between the clauses for even tags and those for odd ones is a `try` whose exceptions go past the even ones.
    let odd = |from: usize| tags().filter(move |tag| tag % 2 == from);
    let delegated = "try (result i32) ".repeat(odd(1).count())
        + &"try (result i32) ".repeat(odd(0).count())
        + &format!("try (result i32) {inner} unreachable delegate {} ", odd(0).count())
        + &odd(0).map(|tag| format!("catch $t{tag} unreachable end ")).collect::<String>()
        + &odd(1).map(|tag| format!("catch $t{tag} {} end ", caught(tag))).collect::<String>();
    let objects = "(type $s (struct)) (func $make (export \"make\") (drop (struct.new $s))) (start $make)";
    let within_all = format!("block try_table (catch_all 0) {nested} end unreachable end i32.const 7");
    for (name, code, objects, right) in [
        ("nested", &nested, "", TAGS),
        ("nested, in a clause for all", &within_all, "", TAGS),
        ("side by side", &side_by_side, "", TAGS),
        ("legacy", &legacy, "", TAGS),
        // Exceptions with even tags reach the caller instead.
        ("delegated", &delegated, "", TAGS - odd(0).count()),
        ("nested, with objects", &nested, objects, TAGS),
    ] {
        bench.write("in.wat", handlers_module(code, objects))?;
        build(bench, if objects.is_empty() { &[] } else { &["--gc-stress", "--gc-verify"] }).context(name)?;
        bench.start("out", &[])?.code(right as i32).context(name)?;
    }
    Ok(())
}

fn calls_among_handlers(bench: &Bench<'_>) -> Result<()> {
    let mut sizes = Vec::new();
    for count in [500, 1000] {
        let tags: String = (0..count).map(|tag| format!("(tag $t{tag})")).collect();
        let clauses: String = (0..count).map(|tag| format!("(catch $t{tag} 0)")).collect();
        let calls = "call $throw ".repeat(count);
        bench.write(
            "in.wat",
            format!(
                "(module {tags} (func $throw (throw $t7))
                   (func (export \"_start\") block try_table {clauses} {calls} end end))"
            ),
        )?;
        let memory = build(bench, &["--strip"])?;
        ensure!(memory < 200 << 20, "{memory} bytes of memory");
        bench.start("out", &[])?.code(0)?;
        sizes.push(size(bench)?);
    }
    ensure!(sizes[1] < sizes[0] * 5 / 2, "twice the clauses and calls are {sizes:?} bytes");
    Ok(())
}

/// Exports of a function with a thousand parameters and results: some bytes of the module each.
fn types_in_inspect(bench: &Bench<'_>) -> Result<()> {
    // With more, the types in the export section would exceed what a module may have.
    const COUNT: usize = 400;
    let exports: String = (0..COUNT).map(|index| format!("(export \"e{index}\" (func 0))")).collect();
    let types = "i32 ".repeat(1000);
    bench.write(
        "in.wat",
        format!("(module (func (param {types}) (result {types}) unreachable) (tag (export \"t\") (param {types})) {exports})"),
    )?;
    let outcome = bench.aot(&["inspect", "in.wat"])?;
    outcome.code(0)?.stdout_has(&[
        "e399: function (i32, ",
        "i32, and 980 more) -> (i32, ",
        "t: tag of (i32, ",
    ])?;
    ensure!(outcome.stdout.len() < 1 << 20, "{} bytes are printed", outcome.stdout.len());
    Ok(())
}

/// An executable whose policy has 3,000 variables, all of which are changed to name one text of 100 KB.
fn large_policies(bench: &Bench<'_>) -> Result<()> {
    const COUNT: usize = 3000;
    bench.write("in.wat", r#"(module (func (export "_start")))"#)?;
    let long = "x".repeat(100_000);
    let variables: String = (0..COUNT).map(|index| format!("A{index} = \"b\"\n")).collect();
    bench.write("policy.toml", format!("[env]\nA = \"{long}\"\n{variables}"))?;
    bench.aot(&["build", "in.wat", "-o", "out", "--strip", "--policy", "policy.toml"])?.code(0)?;
    bench.aot(&["inspect", "out"])?.code(0)?.stdout_has(&[&long, "\"A2999\" = \"b\""])?;
    let mut bytes = std::fs::read(bench.path("out"))?;
    let entries = {
        let file = object::File::parse(&*bytes)?;
        let place = |address: u64| -> Result<usize> {
            let holds =
                |s: &object::Section<'_, '_>| (s.address()..s.address() + s.size()).contains(&address);
            let section =
                file.sections().filter(|s| s.address() != 0).find(holds).context("no such address")?;
            Ok((address - section.address() + section.file_range().context("no contents")?.0) as usize)
        };
        let policy = place(file.section_by_name(abi::SECTION).context("no policy")?.address())?;
        let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        ensure!(
            word(policy + offset_of!(abi::Policy, env_count)) as usize == COUNT + 1,
            "not all variables are there"
        );
        place(word(policy + offset_of!(abi::Policy, env)))?
    };
    let entry = |bytes: &[u8], index: usize| bytes[entries + 16 * index..][..16].to_vec();
    let length = |entry: &[u8]| u64::from_le_bytes(entry[8..].try_into().expect("8 bytes"));
    let longest = (0..=COUNT).map(|index| entry(&bytes, index)).max_by_key(|entry| length(entry));
    let longest = longest.context("there are variables")?;
    ensure!(length(&longest) == 100_002, "the long variable isn't found");
    for index in 0..=COUNT {
        bytes[entries + 16 * index..][..16].copy_from_slice(&longest);
    }
    bench.write("crafted", &bytes)?;
    bench.aot(&["inspect", "crafted"])?.failed(&["crafted", "damaged", "larger than the file"])?;
    Ok(())
}
