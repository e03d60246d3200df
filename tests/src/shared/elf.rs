//! Shared objects for Linux, in programs that glibc's dynamic linker starts.

use std::path::Path;

use anyhow::{Result, ensure};

use super::{Bench, tool};
use crate::harness::{Skipped, Test};

/// The target, what zig calls it, the emulator, and where Debian's packages (`libc6-ARCHITECTURE-cross`) have its C
/// library.
const TARGETS: [(&str, &str, &str, &str); 4] = [
    ("x86_64-linux", "x86_64-linux-gnu.2.31", "", "/"),
    ("aarch64-linux", "aarch64-linux-gnu.2.31", "qemu-aarch64", "/usr/aarch64-linux-gnu"),
    ("riscv64-linux", "riscv64-linux-gnu.2.31", "qemu-riscv64", "/usr/riscv64-linux-gnu"),
    ("s390x-linux", "s390x-linux-gnu.2.31", "qemu-s390x", "/usr/s390x-linux-gnu"),
];

pub fn tests() -> Vec<Test> {
    let test = |target: (&'static str, &'static str, &'static str, &'static str)| {
        let test = move |directory: &Path| run(directory, target);
        Test::new(format!("shared/{}: loaded and linked", target.0), test)
    };
    let mut tests: Vec<Test> = TARGETS.map(test).into();
    tests.push(Test::new("shared/x86_64-linux: linked by gcc", linked_by_gcc));
    tests
}

fn run(
    directory: &Path,
    (target, zig_target, emulator, root): (&str, &'static str, &'static str, &str),
) -> Result<()> {
    let bench = Bench::new(directory, target, zig_target)?;
    let [one, two] = bench.link_both("so")?;
    bench.zig(&["-rdynamic", &bench.source("load.c"), "-o", "load", "-ldl"])?;
    bench.zig(&["-rdynamic", &bench.source("link.c"), "-o", "link", "-Wl,-rpath,$ORIGIN", &one, &two])?;
    let before = match emulator {
        "" => Vec::new(),
        _ if !Path::new(root).join("lib").is_dir() => {
            return Err(Skipped(format!("there is no C library in {root}")).into());
        }
        _ => vec![tool(emulator)?.display().to_string(), "-L".into(), root.into()],
    };
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    for environment in [&[][..], &[("LD_BIND_NOW", "1")]] {
        let [one, two] = [&one, &two].map(|name| format!("./{name}"));
        for arguments in [&["./load", &one, &two][..], &["./link"]] {
            let command = [&before, arguments].concat();
            bench.run(command[0], &command[1..], environment)?.code(0)?;
        }
    }
    Ok(())
}

/// GNU's linker takes the libraries, with and without symbols for debuggers, and finds that nothing but the embedder's
/// function is missing.
fn linked_by_gcc(directory: &Path) -> Result<()> {
    let bench = Bench::new(directory, "x86_64-linux", "x86_64-linux-gnu.2.31")?;
    if crate::cli::find_on_path("gcc").is_none() {
        return Err(Skipped("gcc is not installed".into()).into());
    }
    let [one, two] = bench.link_both("so")?;
    let program = bench.source("link.c");
    let with = |more: &[&str]| {
        let arguments = [&["-O1", &program, "-o", "link", "-Wl,-rpath,$ORIGIN", &one, &two], more].concat();
        bench.run("gcc", &arguments, &[])
    };
    with(&[])?.code(0)?;
    bench.run("./link", &[], &[])?.code(0)?;
    let outcome = with(&["-Dtwo_import_scale=static_function"])?;
    ensure!(outcome.code != 0, "a program without the import was linked");
    outcome.stderr_has(&["two_import_scale"])?;
    Ok(())
}
