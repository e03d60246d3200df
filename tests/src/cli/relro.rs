//! Tables that nothing writes are in pages that can't be written: on Linux once the program has relocated itself, elsewhere by
//! the system's loader.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use object::elf::{FileHeader64, PT_GNU_RELRO, PT_LOAD};
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use object::{Endianness, Object as _, ObjectKind, ObjectSection as _, ObjectSymbol as _, SectionFlags, pe};

use super::build::check_sample;
use super::image::linked;
use super::invalid::MODULE;
use super::{Bench, test};
use crate::harness::Test;

/// Writes a byte, waits for one, then calls through a table that nothing writes, and writes what that returns.
const WAITS: &str = r#"(module
  (type $digit (func (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (table 2 2 funcref)
  (elem (i32.const 0) $seven $nine)
  (data (i32.const 0) "\10\00\00\00\01\00\00\00")
  (func $seven (type $digit) (i32.const 0x37))
  (func $nine (type $digit) (i32.const 0x39))
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store8 (i32.const 16) (call_indirect (type $digit) (i32.and (i32.load8_u (i32.const 16)) (i32.const 1))))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

/// Calls through nothing.
const PLAIN: &str = r#"(module (memory (export "memory") 1) (func (export "_start")))"#;

pub fn tests() -> Vec<Test> {
    let each = linked().map(|(target, linker)| {
        test(&format!("relro/{target} by {linker}"), move |bench| covered(bench, target, linker))
    });
    let own = [
        test("relro/an attack", |bench| attacked(bench, &[])),
        test("relro/an attack at fixed addresses", |bench| attacked(bench, &["--no-pie"])),
        test("relro/an attack, with debug information", |bench| attacked(bench, &["--core-on-trap"])),
        test("relro/programs without tables have none", plain),
        test("relro/Windows and macOS", loaders),
    ];
    each.chain(own).collect()
}

/// The addresses that a program protects: from, to.
fn protected(bytes: &[u8]) -> Result<Option<(u64, u64)>> {
    let header = FileHeader64::<Endianness>::parse(bytes)?;
    let endian = header.endian()?;
    let segments = header.program_headers(endian, bytes)?;
    let mut found = segments.iter().filter(|segment| segment.p_type(endian) == PT_GNU_RELRO);
    let Some(segment) = found.next() else { return Ok(None) };
    ensure!(found.next().is_none(), "there are two such segments");
    let (start, end) = (segment.p_vaddr(endian), segment.p_vaddr(endian) + segment.p_memsz(endian));
    let holds = |load: &&object::elf::ProgramHeader64<Endianness>| {
        load.p_type(endian) == PT_LOAD
            && (load.p_vaddr(endian)..=load.p_vaddr(endian) + load.p_memsz(endian)).contains(&end)
            && load.p_vaddr(endian) <= start
    };
    ensure!(segments.iter().any(|load| holds(&load)), "what is protected isn't loaded");
    Ok(Some((start, end)))
}

fn covered(bench: &Bench<'_>, target: &str, linker: &str) -> Result<()> {
    let isa = target.trim_end_matches("-linux");
    bench.write("a.wat", MODULE)?;
    for option in ["--no-pie", "--static-pie"] {
        bench
            .aot(&["build", "a.wat", "--target", target, "--linker", linker, option, "-o", "out"])?
            .code(0)?;
        let bytes = fs::read(bench.path("out"))?;
        let (start, end) = protected(&bytes)?.context("nothing is protected")?;
        // Kernels for aarch64 have pages of up to 64 KiB.
        let page = if isa == "aarch64" { 64 << 10 } else { 4 << 10 };
        ensure!(end % page == 0, "{end:#x} isn't the end of a page");
        for section in object::File::parse(&*bytes)?.sections() {
            let SectionFlags::Elf { sh_flags, .. } = section.flags() else { continue };
            if sh_flags & u64::from(object::elf::SHF_WRITE) == 0 || section.address() == 0 {
                continue;
            }
            let name = section.name()?;
            let is_inside = start <= section.address() && section.address() + section.size() <= end;
            let expected = matches!(name, ".data.rel.ro" | ".got" | ".dynamic" | ".relro_padding");
            ensure!(expected == is_inside || section.size() == 0, "{name}: {:#x}", section.address());
        }
        check_sample(&match isa {
            "x86_64" => bench.start("out", &[])?,
            _ => bench.tool(&format!("qemu-{isa}"), &["./out"])?,
        })?;
    }
    Ok(())
}

fn plain(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", PLAIN)?;
    bench.aot(&["build", "a.wat", "-o", "out"])?.code(0)?;
    let bytes = fs::read(bench.path("out"))?;
    ensure!(protected(&bytes)?.is_none(), "something is protected");
    let file = object::File::parse(&*bytes)?;
    ensure!(!file.symbols().any(|symbol| symbol.name().is_ok_and(|name| name.contains("relro"))));
    Ok(())
}

/// Overwrites what a program that is running has at the addresses of its tables.
fn attacked(bench: &Bench<'_>, options: &[&str]) -> Result<()> {
    bench.write("a.wat", WAITS)?;
    bench.aot(&[&["build", "a.wat", "-o", "out"], options].concat())?.code(0)?;
    let path = bench.path("out");
    let bytes = fs::read(&path)?;
    let file = object::File::parse(&*bytes)?;
    let (start, end) = protected(&bytes)?.context("nothing is protected")?;
    let mut program = Command::new(&path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let outcome = (|| {
        let mut output = program.stdout.take().context("a pipe")?;
        let mut byte = [0];
        output.read_exact(&mut byte)?;
        let maps = fs::read_to_string(format!("/proc/{}/maps", program.id()))?;
        let base = match file.kind() {
            ObjectKind::Dynamic => loaded_at(&maps, &path).context("it isn't loaded")?,
            _ => 0,
        };
        // The first byte, the last one, and the tables.
        let tables = file.section_by_name(".data.rel.ro").context("no tables")?;
        for offset in 0..tables.size() / 8 {
            refused(&program, base + tables.address() + 8 * offset)?;
        }
        refused(&program, base + start)?;
        refused(&program, base + end - 8)?;
        // So would be writing elsewhere, if the way to write were wrong.
        let data = file.section_by_name(".data").context("no data")?;
        ensure!(write(&program, base + data.address(), None)?, "data can't be written");
        program.stdin.take().context("a pipe")?.write_all(b"1")?;
        let mut rest = String::new();
        output.read_to_string(&mut rest)?;
        ensure!(rest == "9", "it wrote {rest}");
        Ok(())
    })();
    program.kill()?;
    program.wait()?;
    outcome
}

/// Where the start of a file is in a process.
fn loaded_at(maps: &str, path: &Path) -> Option<u64> {
    let path = path.to_str()?;
    let is_start = |line: &&str| line.ends_with(path) && line.split_whitespace().nth(2) == Some("00000000");
    u64::from_str_radix(maps.lines().find(is_start)?.split('-').next()?, 16).ok()
}

fn refused(program: &Child, address: u64) -> Result<()> {
    ensure!(!write(program, address, Some(0x4141_4141_4141_4141))?, "{address:#x} can be written");
    Ok(())
}

/// Writes a word of another process, or what is there already, as that itself could; whether it is writable.
fn write(program: &Child, address: u64, word: Option<u64>) -> Result<bool> {
    let process = program.id() as libc::pid_t;
    let mut bytes = word.unwrap_or_default().to_ne_bytes();
    let here = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
    let there = libc::iovec { iov_base: address as *mut libc::c_void, iov_len: bytes.len() };
    if word.is_none() {
        // SAFETY: `here` describes `bytes`, and what is `there` isn't in this process.
        let read = unsafe { libc::process_vm_readv(process, &here, 1, &there, 1, 0) };
        ensure!(read == 8, "can't read {address:#x}: {}", std::io::Error::last_os_error());
    }
    // SAFETY: as above; `bytes` is only read.
    match unsafe { libc::process_vm_writev(process, &here, 1, &there, 1, 0) } {
        8 => Ok(true),
        _ => match std::io::Error::last_os_error() {
            error if error.raw_os_error() == Some(libc::EFAULT) => Ok(false),
            error => bail!("can't write {address:#x}: {error}"),
        },
    }
}

/// The loaders of these systems relocate before they protect.
fn loaders(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", WAITS)?;
    for target in ["x86_64-windows", "aarch64-windows"] {
        bench.aot(&["build", "a.wat", "--target", target, "-o", "out.exe"])?.code(0)?;
        let bytes = fs::read(bench.path("out.exe"))?;
        let file = object::File::parse(&*bytes)?;
        let section = file.section_by_name(".rdata").context("no read-only data")?;
        let SectionFlags::Coff { characteristics } = section.flags() else { bail!("no flags") };
        ensure!(characteristics & pe::IMAGE_SCN_MEM_WRITE == 0, "{target}: {characteristics:#x}");
    }
    for target in ["x86_64-macos", "aarch64-macos"] {
        bench.aot(&["build", "a.wat", "--target", target, "-o", "out"])?.code(0)?;
        let bytes = fs::read(bench.path("out"))?;
        let file = object::File::parse(&*bytes)?;
        let constants = file.sections().find(|section| {
            matches!((section.segment_name(), section.name()), (Ok(Some("__DATA_CONST")), Ok("__const")))
        });
        ensure!(constants.is_some_and(|section| section.size() >= 16), "{target}: no protected tables");
    }
    Ok(())
}
