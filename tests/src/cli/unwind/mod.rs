//! Unwind tables of ELF programs: that they describe every function, that nothing else has them, and that a debugger finds the
//! same callers at each instruction.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use gimli::{BaseAddresses, EhFrame, EndianSlice, RegisterRule, RunTimeEndian, UnwindContext, UnwindSection};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SymbolKind};

use super::image::linked;
use super::{Bench, test};
use crate::harness::Test;

/// Functions with saved registers, tail calls that move the frame, several epilogues, and calls of the host.
const CALLS: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
  (table 1 funcref)
  (elem (i32.const 0) $sum)
  (type $unary (func (param i64) (result i64)))
  (func $many (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
    (if (i64.eqz (local.get 0)) (then (return (local.get 11))))
    (return_call $few (i64.sub (local.get 0) (i64.const 1)) (local.get 11)))
  (func $few (param i64 i64) (result i64)
    (return_call $many (local.get 0) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5)
      (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9) (i64.const 10) (i64.add (local.get 1) (i64.const 1))))
  (func $sum (param $n i64) (result i64) (local $a i64) (local $b f64)
    (if (i64.eqz (local.get $n)) (then
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100)))
      (return (call $few (i64.const 2) (i64.const 5)))))
    (local.set $b (f64.convert_i64_s (local.get $n)))
    (local.set $a (call_indirect (type $unary) (i64.sub (local.get $n) (i64.const 1)) (i32.const 0)))
    (i64.add (local.get $n) (i64.add (local.get $a) (i64.trunc_sat_f64_s (local.get $b)))))
  (func (export "_start")
    (if (i64.ne (call $sum (i64.const 3)) (i64.const 19)) (then (unreachable)))))"#;

/// Walks the stack at each instruction.
const STEPS: &str = include_str!("steps.py");

pub fn tests() -> Vec<Test> {
    let tables = linked().map(|(target, linker)| {
        test(&format!("unwind/tables for {target} by {linker}"), move |bench| tables(bench, target, linker))
    });
    let steps = ["x86_64", "aarch64", "riscv64", "s390x"].map(|architecture| {
        test(&format!("unwind/each instruction of {architecture}"), move |bench| steps(bench, architecture))
    });
    tables.chain(steps).collect()
}

fn tables(bench: &Bench<'_>, target: &str, linker: &str) -> Result<()> {
    bench.write("a.wat", CALLS)?;
    let build = ["build", "a.wat", "--target", target, "--linker", linker, "-o", "out"];
    bench.aot(&build)?.code(0)?;
    let bytes = std::fs::read(bench.path("out"))?;
    let file = object::File::parse(&*bytes)?;
    ensure!(file.sections().all(|section| !section.name().unwrap_or_default().starts_with(".eh_frame")));

    bench.aot(&[&build[..], &["--core-on-trap"]].concat())?.code(0)?;
    let bytes = std::fs::read(bench.path("out"))?;
    let file = object::File::parse(&*bytes)?;
    let frames = frames(&file)?;
    let header = file.section_by_name(".eh_frame_hdr").context("there is no .eh_frame_hdr")?.data()?;
    // Version 1, with a sorted table (LSB, "The .eh_frame_hdr section").
    ensure!(header[..4] == [1, 0x1b, 3, 0x3b], "{:x?}", &header[..4]);
    for name in ["many", "few", "sum", "_start"] {
        let function = |symbol: &object::Symbol<'_, '_>| {
            symbol.name() == Ok(name) && symbol.kind() == SymbolKind::Text && symbol.size() > 0
        };
        let symbol = file.symbols().find(function).with_context(|| format!("no `{name}`"))?;
        let frame = frames.get(&symbol.address()).with_context(|| format!("`{name}` has no entry"))?;
        ensure!(frame.bytes == symbol.size(), "`{name}`: {} of {} bytes", frame.bytes, symbol.size());
        ensure!(frame.has_caller, "`{name}` has no caller");
    }
    let main =
        file.symbols().find(|symbol| symbol.name() == Ok("wasm_aot.main")).context("no main function")?;
    let main = frames.get(&main.address()).context("the main function has no entry")?;
    ensure!(!main.has_caller, "the stack doesn't end at the main function");
    Ok(())
}

struct Frame {
    bytes: u64,
    /// Whether the return address is known at each instruction.
    has_caller: bool,
}

/// What `.eh_frame` says of each function, by its address.
fn frames(file: &object::File<'_>) -> Result<BTreeMap<u64, Frame>> {
    let section = file.section_by_name(".eh_frame").context("there is no .eh_frame")?;
    let endian = if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
    let mut table = EhFrame::from(EndianSlice::new(section.data()?, endian));
    table.set_address_size(8);
    let bases = BaseAddresses::default().set_eh_frame(section.address());
    let mut entries = table.entries(&bases);
    let mut frames = BTreeMap::new();
    while let Some(entry) = entries.next()? {
        let gimli::CieOrFde::Fde(partial) = entry else { continue };
        let entry = partial.parse(EhFrame::cie_from_offset)?;
        let mut context = UnwindContext::new();
        let mut rows = entry.rows(&table, &bases, &mut context)?;
        let (mut has_caller, mut end) = (true, entry.initial_address());
        while let Some(row) = rows.next_row()? {
            ensure!(row.start_address() == end, "a gap at {end:#x}");
            end = row.end_address();
            has_caller &=
                row.register(entry.cie().return_address_register()) != Some(RegisterRule::Undefined);
        }
        ensure!(end == entry.end_address(), "the rows end at {end:#x}, not {:#x}", entry.end_address());
        frames.insert(entry.initial_address(), Frame { bytes: entry.len(), has_caller });
    }
    Ok(frames)
}

fn steps(bench: &Bench<'_>, architecture: &str) -> Result<()> {
    bench.write("a.wat", CALLS)?;
    bench.write("steps.py", STEPS)?;
    let target = format!("{architecture}-linux");
    bench.aot(&["build", "a.wat", "--target", &target, "--core-on-trap", "-o", "out"])?.code(0)?;
    let outcome = if architecture == "x86_64" {
        let commands = ["-ex", "break sum", "-ex", "run", "-ex", "source steps.py", "./out"];
        bench.tool("gdb", &[&["-nx", "-q", "-batch", "-ex", "set confirm off"], &commands[..]].concat())?
    } else {
        let emulator = format!("qemu-{architecture}");
        bench.tool(&emulator, &["--version"])?;
        bench.tool("gdb-multiarch", &["--version"])?;
        let options = if architecture == "riscv64" { "-cpu rv64,v=true,vext_spec=v1.0" } else { "" };
        bench.shell(&format!(
            "timeout 100 {emulator} {options} -g gdb.socket ./out > out.txt & emulator=$!
            until [ -e gdb.socket ]; do sleep 0.1; done
            timeout 100 gdb-multiarch -nx -q -batch -ex 'set confirm off' -ex 'target remote gdb.socket' -ex 'break sum' \
                -ex continue -ex 'source steps.py' ./out
            kill $emulator"
        ))?
    };
    outcome.stdout_has(&["steps are right"])?;
    Ok(())
}
