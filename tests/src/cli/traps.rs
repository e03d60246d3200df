//! What traps print in programs with debug information, `--backtrace`, and `wasm-aot addr2line`.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{Bench, Outcome, test};
use crate::harness::Test;
use crate::programs::fetch::fetch;

pub fn tests() -> Vec<Test> {
    vec![
        test("traps/lines, inlined functions, and what was accessed", lines),
        test("traps/--backtrace and WASM_AOT_BACKTRACE", backtrace),
        test("traps/offsets without debug information", offsets),
        test("traps/programs without debug information have no line table", without),
        test("traps/addr2line", addr2line),
        test("traps/addr2line of other targets", other_targets),
        test("traps/addr2line of damaged executables", damaged),
        test("traps/start functions", start),
    ]
}

/// A program that calls functions down to a trap; none of it comes from a compiler.
const PLAIN: &str = r#"(module
  (memory 1)
  (func $inner (param i32) (result i32) (i32.load16_u offset=8 (local.get 0)))
  (func (export "_start") (drop (call $inner (i32.const 0x7fffffff)))))"#;

/// Traps in the start function.
const START: &str = r#"(module
  (memory (export "memory") 1)
  (func $begin (i64.store (i32.const -1) (i64.const 1)))
  (start $begin)
  (func (export "_start")))"#;

/// Builds the program of C++ that ends in traps.
fn build(bench: &Bench<'_>, flags: &[&str]) -> Result<()> {
    let module = fetch([], ["lines"])?.module("lines")?.display().to_string();
    bench.aot(&[&["build", "-q", &module, "-o", "lines"], flags].concat())?.code(0)?;
    Ok(())
}

/// Runs it, with a value of the variable.
fn run(bench: &Bench<'_>, kind: &str, variable: Option<&str>) -> Result<Outcome> {
    let mut command = Command::new(bench.path("lines"));
    command.arg(kind).env_remove("WASM_AOT_BACKTRACE");
    command.envs(variable.map(|value| ("WASM_AOT_BACKTRACE", value)));
    Ok(Outcome::of(command.output()?))
}

fn lines(bench: &Bench<'_>) -> Result<()> {
    build(bench, &[])?;
    let trapped = run(bench, "read", None)?;
    trapped.code(134)?.stderr_has(&[
        "wasm trap: out of bounds memory access\n  load of 4 bytes at 0x7ffffff8; the memory has ",
        "   0: shapes::List<int>::at(int) const at ",
        "lines.cpp:14:74, inlined\n      shapes::read(shapes::List<int> const&, int) at ",
        "lines.cpp:20:17 (+0x",
        "   1: main at ",
        "lines.cpp:45:",
    ])?;
    let deep = run(bench, "recurse", None)?;
    deep.code(134)?.stderr_has(&["  47: shapes::recurse(int) at ", " more ...\n", ": main at "])?;
    let shown = deep.stderr.lines().count();
    ensure!(shown < 100, "{shown} lines");
    // Without a guard, the address isn't known.
    build(bench, &["--memory-guard=none"])?;
    run(bench, "read", None)?.code(134)?.stderr_has(&["  load of 4 bytes\n", "lines.cpp:20:17"])?;
    Ok(())
}

fn backtrace(bench: &Bench<'_>) -> Result<()> {
    const MESSAGE: &str = "wasm trap: integer divide by zero\n";
    let message = |outcome: Outcome| -> Result<()> {
        ensure!(outcome.code(134)?.stderr == MESSAGE, "{}", outcome.stderr);
        Ok(())
    };
    build(bench, &[])?;
    message(run(bench, "divide", Some("0"))?)?;
    run(bench, "divide", Some("?"))?.stderr_has(&["   0: shapes::divide(int) at "])?;
    run(bench, "divide", Some("full"))?.stderr_has(&[
        "   0: 0x0000",
        " shapes::divide(int) at ",
        "\n  code at 0x",
    ])?;
    build(bench, &["--backtrace", "0"])?;
    message(run(bench, "divide", None)?)?;
    run(bench, "divide", Some("1"))?.stderr_has(&["lines.cpp:24:"])?;
    build(bench, &["--backtrace", "0", "--lock-policy"])?;
    message(run(bench, "divide", Some("1"))?)?;
    build(bench, &["--backtrace", "full", "--lock-policy"])?;
    run(bench, "divide", Some("0"))?.stderr_has(&["lines.cpp:24:", "  code at 0x"])?;
    Ok(())
}

fn offsets(bench: &Bench<'_>) -> Result<()> {
    bench.write("plain.wat", PLAIN)?;
    bench.aot(&["build", "-q", "plain.wat"])?.code(0)?;
    let trapped = bench.start("plain", &[])?;
    let expected = "wasm trap: out of bounds memory access\n   0: inner\n   1: _start\n";
    ensure!(trapped.code(134)?.stderr == expected, "{}", trapped.stderr);
    bench.aot(&["build", "-q", "--backtrace", "1", "plain.wat"])?.code(0)?;
    let trapped = bench.start("plain", &[])?;
    let expected = "  load of 2 bytes at 0x80000007; the memory has 65536 bytes\n   0: inner (+0x";
    trapped.code(134)?.stderr_has(&[expected, "   1: _start (+0x"])?;
    Ok(())
}

fn without(bench: &Bench<'_>) -> Result<()> {
    let mark = wasm_aot_abi::line::LineInfo::MARK.to_ne_bytes();
    bench.write("plain.wat", PLAIN)?;
    let build = |flags: &[&str]| -> Result<Vec<u8>> {
        bench.aot(&[&["build", "-q", "plain.wat"], flags].concat())?.code(0)?;
        Ok(std::fs::read(bench.path("plain"))?)
    };
    let has_lines = |bytes: &[u8]| bytes.windows(8).any(|window| window == mark);
    ensure!(!has_lines(&build(&[])?), "a line table without debug information");
    ensure!(has_lines(&build(&["--backtrace", "1"])?), "no line table that was asked for");
    ensure!(!has_lines(&build(&["--backtrace", "0", "--lock-policy"])?), "a line table that nobody uses");
    Ok(())
}

fn addr2line(bench: &Bench<'_>) -> Result<()> {
    build(bench, &[])?;
    let trapped = run(bench, "read", Some("full"))?;
    let word = |before: &str| -> Result<&str> {
        let (_, rest) = trapped.stderr.split_once(before).context("a part of the report is missing")?;
        Ok(rest.split([' ', ')', '.']).next().unwrap_or_default())
    };
    let (address, start, offset) = (word("   0: ")?, word("code at ")?, word("20:17 (")?);
    let expected = "shapes::List<int>::at(int) const\nlines.cpp:14\nshapes::read(shapes::List<int> const&, int)\nlines.cpp:20\n";
    let found = bench.aot(&["addr2line", "-fis", "--code-start", start, "lines", address])?;
    ensure!(found.code(0)?.stdout == expected, "{}", found.stdout);
    // An offset is an address, too.
    let found = bench.aot(&["addr2line", "-fis", "lines", offset])?;
    let (native, rest) = found.code(0)?.stdout.split_once('\n').context("two lines")?;
    ensure!(rest == expected, "{}", found.stdout);
    let found = bench
        .shell(&format!("printf '{native}\\nnothing\\n' | $AOT addr2line -w -p -f -s --columns lines"))?;
    let expected =
        format!("{offset}: shapes::List<int>::at(int) const at lines.cpp:14:74\n+??: ?? at ??:0\n");
    ensure!(found.code(0)?.stdout == expected, "{}", found.stdout);
    bench.write("plain.wat", PLAIN)?;
    bench.aot(&["build", "-q", "--strip", "plain.wat"])?.code(0)?;
    bench.aot(&["addr2line", "plain", "0"])?.failed(&["neither debug information nor a line table"])?;
    Ok(())
}

fn other_targets(bench: &Bench<'_>) -> Result<()> {
    bench.write("plain.wat", PLAIN)?;
    for target in wasm_aot::targets::TARGETS.iter().filter(|target| target.runtime(RUNTIME).is_some()) {
        bench
            .aot(&["build", "-q", "--backtrace", "1", "--target", target.name, "-o", "app", "plain.wat"])?
            .code(0)?;
        let module = wat::parse_str(PLAIN)?;
        let operator =
            module.windows(2).position(|bytes| bytes == [0x2f, 0x01]).context("there is a load")?;
        let found = bench.aot(&["addr2line", "-f", "-w", "app", &format!("+{operator:x}")])?;
        found.code(0)?.stdout_has(&[&format!("\n+{operator:#x}\ninner\n??:0\n")]).context(target.name)?;
    }
    Ok(())
}

const RUNTIME: wasm_aot::targets::RuntimeKind = wasm_aot::targets::RuntimeKind::Modules;

fn damaged(bench: &Bench<'_>) -> Result<()> {
    bench.write("plain.wat", PLAIN)?;
    bench.aot(&["build", "-q", "--backtrace", "1", "plain.wat"])?.code(0)?;
    let bytes = std::fs::read(bench.path("plain"))?;
    let mark = wasm_aot_abi::line::LineInfo::MARK.to_ne_bytes();
    let at = bytes.windows(8).position(|window| window == mark).context("there is a line table")?;
    for (index, value) in (at + 8..at + 96).flat_map(|index| [(index, 0xff), (index, 0), (index, 1)]) {
        let mut bytes = bytes.clone();
        bytes[index] = value;
        bench.write("damaged", bytes)?;
        let outcome = bench.aot(&["addr2line", "-f", "-i", "damaged", "+40", "1000"])?;
        ensure!(outcome.code <= 1 && !outcome.stderr.contains("panicked"), "{index}: {}", outcome.stderr);
    }
    bench.write("damaged", &bytes[..bytes.len() / 2])?;
    bench.aot(&["addr2line", "damaged", "+40"])?.failed(&["damaged"])?;
    Ok(())
}

fn start(bench: &Bench<'_>) -> Result<()> {
    bench.write("start.wat", START)?;
    bench.aot(&["build", "-q", "--backtrace", "1", "start.wat"])?.code(0)?;
    let trapped = bench.start("start", &[])?;
    trapped.code(134)?.stderr_has(&["  store of 8 bytes at 0xffffffff; ", "   0: begin (+0x"])?;
    Ok(())
}
