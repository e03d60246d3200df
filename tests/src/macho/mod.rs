//! Executables for macOS. No machine here runs them, so everything that can be known about them is checked: what the
//! system would (`structure`), what debuggers read (by LLVM's tools, where they are installed), and that the code is
//! that of the Linux program (`code`).

mod code;
mod image;
mod linked;
mod structure;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::cli::{Bench, find_on_path, test};
use crate::harness::{Skipped, Test};
use crate::programs::fetch;
use image::Image;

/// A target and what the tests need to know about it.
pub struct Target {
    pub name: &'static str,
    /// The same instruction set.
    pub linux: &'static str,
    /// Its name in the text stubs of libraries.
    pub stub: &'static str,
    /// Its name in Apple's linker and in LLVM's.
    pub architecture: &'static str,
    pub page: u64,
}

const TARGETS: [Target; 2] = [
    Target {
        name: "x86_64-macos",
        linux: "x86_64-linux",
        stub: "x86_64-macos",
        architecture: "x86_64",
        page: 4 << 10,
    },
    Target {
        name: "aarch64-macos",
        linux: "aarch64-linux",
        stub: "arm64-macos",
        architecture: "arm64",
        page: 16 << 10,
    },
];

/// A program with a table, a memory, globals, traps, and calls of the host.
const HELLO: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (type $unary (func (param i32) (result i32)))
  (table 2 funcref)
  (elem (i32.const 0) $double $half)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\0a")
  (func $double (param i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.mul (local.get 0) (i32.load (i32.const 4))))
  (func $half (param i32) (result i32) (i32.div_s (local.get 0) (i32.load (i32.const 24))))
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 20)))
    (drop (call_indirect (type $unary) (global.get $calls) (i32.load (i32.const 24))))))"#;

/// A larger one, in C, with files and long lists of arguments.
const LARGE: &str = "lua";

/// The maximum size in bytes of a small program's executable.
const HELLO_BYTES: u64 = 64 << 10;

type Check = fn(&Bench<'_>, &'static Target, &str) -> Result<()>;

/// What each program must be.
const CHECKS: [(&str, Check); 6] = [
    ("structure", structure),
    ("reproducible", reproducible),
    ("code as on Linux", code::as_on_linux),
    ("LIEF accepts it", lief_accepts),
    ("LLVM reads it", llvm_reads),
    ("LLVM links it", llvm_links),
];

pub fn tests() -> Vec<Test> {
    let mut tests = Vec::new();
    for target in &TARGETS {
        let of_arm: &[(&str, Check)] = match target.architecture {
            "arm64" => &[("register x18", code::platform_register)],
            _ => &[],
        };
        for &(name, check) in CHECKS.iter().chain(of_arm) {
            for (size, input) in
                [("hello", input_hello as fn(&Bench<'_>) -> Result<String>), ("large", input_large)]
            {
                tests.push(test(&format!("macho/{}, {size}: {name}", target.name), move |bench| {
                    let input = input(bench)?;
                    check(bench, target, &input)
                }));
            }
        }
        tests.push(test(&format!("macho/{}: small", target.name), move |bench| small(bench, target)));
        tests.push(test(&format!("macho/{}: stripped", target.name), move |bench| stripped(bench, target)));
        tests.push(test(&format!("macho/{}: damaged", target.name), move |bench| damaged(bench, target)));
        tests.push(test(&format!("macho/{}: inspected", target.name), move |bench| inspected(bench, target)));
    }
    tests.push(test("macho/aarch64-macos: CPU", |bench| cpu(bench, &TARGETS[1])));
    tests
}

fn input_hello(bench: &Bench<'_>) -> Result<String> {
    bench.write("hello.wat", HELLO)?;
    Ok("hello.wat".into())
}

fn input_large(_: &Bench<'_>) -> Result<String> {
    let fetched = fetch::fetch([], [LARGE])?;
    Ok(fetched.module(LARGE)?.display().to_string())
}

/// Builds an executable, and returns its bytes.
fn build(bench: &Bench<'_>, target: &Target, input: &str, more: &[&str]) -> Result<Vec<u8>> {
    let arguments = ["build", input, "--target", target.name, "-o", "out"];
    bench.aot(&[&arguments, more].concat())?.code(0)?;
    Ok(std::fs::read(bench.path("out"))?)
}

fn structure(bench: &Bench<'_>, target: &'static Target, input: &str) -> Result<()> {
    for more in [&[][..], &["--strip"]] {
        let bytes = build(bench, target, input, more)?;
        let image = Image::read(&bytes)?;
        structure::commands(&image, target).context("load commands")?;
        structure::segments(&image, target).context("segments")?;
        structure::fixups(&image, target).context("fixups")?;
        structure::imports(&image, target).context("imports")?;
        structure::tables(&image).context("tables of the program")?;
        structure::unwind(&image).context("unwind information")?;
        linked::parts(&image).context("the last segment")?;
        linked::symbols(&image).context("symbols")?;
        linked::function_starts(&image).context("starts of functions")?;
        structure::signature(&image).context("signature")?;
    }
    Ok(())
}

fn reproducible(bench: &Bench<'_>, target: &'static Target, input: &str) -> Result<()> {
    let first = build(bench, target, input, &["-j", "1"])?;
    let second = build(bench, target, input, &["-j", "2"])?;
    ensure!(first == second, "two builds differ");
    Ok(())
}

fn small(bench: &Bench<'_>, target: &'static Target) -> Result<()> {
    let input = input_hello(bench)?;
    let bytes = build(bench, target, &input, &["--strip"])?.len() as u64;
    ensure!(bytes <= HELLO_BYTES, "{bytes} bytes are more than {HELLO_BYTES}");
    Ok(())
}

/// Without names, only those of imports and of the header remain.
fn stripped(bench: &Bench<'_>, target: &'static Target) -> Result<()> {
    let input = input_hello(bench)?;
    let names =
        |image: &Image<'_>| image.symbols.iter().map(|symbol| symbol.name.to_owned()).collect::<Vec<_>>();
    let whole = build(bench, target, &input, &[])?;
    let whole = names(&Image::read(&whole)?);
    ensure!(whole.contains(&"_double".to_owned()), "the name of a function is missing: {whole:?}");
    let bytes = build(bench, target, &input, &["--strip"])?;
    let image = Image::read(&bytes)?;
    let mut expected = vec!["__mh_execute_header".to_owned()];
    expected.extend(image.imports.iter().map(|import| import.name.to_owned()));
    ensure!(names(&image) == expected, "{:?} instead of {expected:?}", names(&image));
    Ok(())
}

/// The policy can be read out of it.
fn inspected(bench: &Bench<'_>, target: &'static Target) -> Result<()> {
    let input = input_hello(bench)?;
    bench.write("file", "contents")?;
    let policy = ["--dir", "/some/where::/inside", "--env", "A=b", "--max-memory", "1MiB", "--timeout", "3s"];
    build(bench, target, &input, &policy)?;
    let words = [target.name, "\"/some/where\"", "\"/inside\"", "\"A\" = \"b\"", "\"1MiB\"", "\"3s\""];
    bench.aot(&["inspect", "out"])?.code(0)?.stdout_has(&words)?;
    Ok(())
}

/// A program starts where the system says that the CPU has what it demands, whatever the system calls that.
fn cpu(bench: &Bench<'_>, target: &'static Target) -> Result<()> {
    let run = fetch::fetch(["macho-aarch64"], [LARGE])?.tool("macho-aarch64")?.display().to_string();
    let input = input_hello(bench)?;
    for system in ["MACHO_SYSTEM=11", "MACHO_SYSTEM=12"] {
        for (cpu, lacks) in [("armv8.1-a", None), ("armv8.4-a", None), ("armv8.6-a", Some("lacks I8MM"))] {
            build(bench, target, &input, &["--cpu", cpu])?;
            let outcome = bench.tool("env", &[system, &run, "./out"])?;
            match lacks {
                None => outcome.code(0)?.stdout_has(&["hello"])?,
                Some(lacks) => outcome.code(1)?.stderr_has(&[lacks])?,
            };
        }
    }
    Ok(())
}

/// Whatever is wrong with an executable, reading its policy succeeds or fails with an error: no panic, no
/// hang.
fn damaged(bench: &Bench<'_>, target: &'static Target) -> Result<()> {
    let input = input_hello(bench)?;
    let bytes = build(bench, target, &input, &["--dir", "/some/where", "--env", "A=b"])?;
    let read = wasm_aot::policy::read::executable;
    ensure!(
        read(&bytes).is_ok_and(|executable| executable.target == target.name),
        "the policy can't be read"
    );
    let mut errors = 0;
    let mut check = |bytes: &[u8]| errors += u32::from(read(bytes).is_err());
    for length in (0..bytes.len()).step_by(97) {
        check(&bytes[..length]);
    }
    let image = Image::read(&bytes)?;
    let linked = image.segments.last().context("no segment")?.file_offset as usize;
    let data = image.section("__DATA_CONST", "__got")?.file_offset as usize;
    for start in [0, data, linked] {
        for at in start..(start + 0x600).min(bytes.len()) {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] = value;
                check(&damaged);
            }
        }
    }
    ensure!(errors > 1000, "only {errors} were noticed");
    Ok(())
}

/// LIEF checks what dyld checks (`Image::validate` and what that calls), by code of its own.
fn lief_accepts(bench: &Bench<'_>, target: &'static Target, input: &str) -> Result<()> {
    const SCRIPT: &str = "import sys\nsys.path.insert(0, sys.argv[1])\nimport lief\n\
        images = lief.MachO.parse('out')\nprint(lief.MachO.check_layout(images.at(0)))";
    let lief = fetch::fetch(["lief"], [LARGE])?.tool("lief")?.display().to_string();
    let says = || -> Result<String> {
        let outcome = bench.tool("python3", &["-c", SCRIPT, &lief])?;
        outcome.code(0)?;
        Ok(outcome.stdout.trim().to_owned())
    };
    for more in [&[][..], &["--strip"]] {
        build(bench, target, input, more)?;
        ensure!(says()? == "(True, '')", "{}", says()?);
    }
    // LIEF would notice, for instance, if the fixups had one segment too few.
    let mut bytes = std::fs::read(bench.path("out"))?;
    let image = Image::read(&bytes)?;
    let segments = image.segments.len() as u32;
    let fixups = image::word(image.command(object::macho::LC_DYLD_CHAINED_FIXUPS)?, 8)? as usize;
    let starts = fixups + image::word(&bytes, fixups + 4)? as usize;
    bytes[starts..starts + 4].copy_from_slice(&(segments - 1).to_le_bytes());
    std::fs::write(bench.path("out"), &bytes)?;
    ensure!(says()?.starts_with("(False, "), "it says {} of a damaged executable", says()?);
    Ok(())
}

/// A tool of LLVM, of the newest version that is installed.
pub fn llvm(name: &str) -> Result<PathBuf> {
    let versions = (18..40).rev().map(|version| format!("{name}-{version}"));
    let found = versions.chain([name.to_owned()]).find_map(|name| find_on_path(&name));
    found.ok_or_else(|| Skipped(format!("{name} is not installed")).into())
}

fn llvm_reads(bench: &Bench<'_>, target: &'static Target, input: &str) -> Result<()> {
    let bytes = build(bench, target, input, &[])?;
    let image = Image::read(&bytes)?;
    let tool = llvm("llvm-objdump")?.display().to_string();
    let read = |option: &str| -> Result<String> {
        let outcome = bench.tool(&tool, &["--macho", option, "out"])?;
        outcome.code(0)?;
        ensure!(outcome.stderr.is_empty(), "{option}: {}", outcome.stderr);
        Ok(outcome.stdout)
    };
    let headers = read("--private-headers")?;
    ensure!(headers.contains("LC_CODE_SIGNATURE") && headers.contains("LC_MAIN"), "{headers}");
    // For zeroes, which aren't in the file, it reports only their size.
    let is_bad = |line: &&str| line.contains("past end") && !line.trim_start().starts_with("size ");
    ensure!(headers.lines().find(is_bad).is_none(), "{headers}");
    let fixups = read("--dyld-info")?;
    for import in &image.imports {
        ensure!(fixups.contains(&import.name), "{} isn't bound:\n{fixups}", import.name);
    }
    let rebases = fixups.lines().filter(|line| line.contains(" rebase ")).count();
    ensure!(rebases == image.addresses.len(), "LLVM sees {rebases} addresses of {}", image.addresses.len());
    ensure!(read("--exports-trie")?.contains("0x100000000  __mh_execute_header"), "nothing is exported");
    let indirect = read("--indirect-symbols")?;
    ensure!(indirect.contains("(__TEXT,__stubs)") && indirect.contains("(__DATA_CONST,__got)"), "{indirect}");
    ensure!(read("--unwind-info")?.contains("encoding="), "no function can be unwound");
    Ok(())
}

/// LLVM's linker makes a program of the same parts, with the same stub of the library.
fn llvm_links(bench: &Bench<'_>, target: &'static Target, input: &str) -> Result<()> {
    let repository = crate::programs::case::repository();
    let archive = repository.join(format!("target/runtimes/{}/modules.a", target.name));
    if !archive.is_file() {
        return Err(Skipped(format!("there is no {}", archive.display())).into());
    }
    let linker = llvm("ld64.lld")?.display().to_string();
    let arguments = ["build", input, "--target", target.name, "--emit", "program", "-o", "program.o"];
    bench.aot(&arguments)?.code(0)?;
    let stub = repository.join("linker-scripts/libSystem.tbd").display().to_string();
    let archive = archive.display().to_string();
    let platform = ["-platform_version", "macos", "11.0", "11.0", "-fixup_chains", "-dead_strip"];
    let files = ["-o", "by-llvm", "program.o", &archive, &stub];
    let outcome = bench.tool(&linker, &[&["-arch", target.architecture], &platform[..], &files].concat())?;
    outcome.code(0)?;
    let theirs = std::fs::read(bench.path("by-llvm"))?;
    let theirs = Image::read(&theirs)?;
    let ours = build(bench, target, input, &[])?;
    let ours = Image::read(&ours)?;
    let names = |image: &Image<'_>| {
        let mut names: Vec<String> = image.imports.iter().map(|import| import.name.clone()).collect();
        names.sort();
        names
    };
    ensure!(names(&ours) == names(&theirs), "imports: {:?}, LLVM has {:?}", names(&ours), names(&theirs));
    let text = |image: &Image<'_>| image.section("__TEXT", "__text").map(|section| section.size);
    let (ours, theirs) = (text(&ours)?, text(&theirs)?);
    ensure!(ours <= theirs, "code has {ours} bytes, LLVM's {theirs}: something that isn't needed is kept");
    Ok(())
}
