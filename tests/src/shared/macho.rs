//! Dylibs, in programs that LLVM's linker makes and the loader in `tests/macho` runs.

use std::path::Path;

use anyhow::{Result, ensure};

use super::{Bench, tool};
use crate::harness::Test;
use crate::macho::llvm;
use crate::programs::case::repository;

/// The target, what zig and LLVM's linker call it, and the loader.
const TARGETS: [(&str, &str, &str, &str); 2] = [
    ("x86_64-macos", "x86_64-macos.11.0", "x86_64", "macho-x86_64"),
    ("aarch64-macos", "aarch64-macos.11.0", "arm64", "macho-aarch64"),
];

pub fn tests() -> Vec<Test> {
    let test = |target: (&'static str, &'static str, &'static str, &'static str)| {
        let test = move |directory: &Path| run(directory, target);
        Test::new(format!("shared/{}: loaded and linked", target.0), test)
    };
    TARGETS.map(test).into()
}

fn run(
    directory: &Path,
    (target, zig_target, architecture, loader): (&str, &'static str, &'static str, &'static str),
) -> Result<()> {
    let bench = Bench::new(directory, target, zig_target)?;
    let [one, two] = bench.link_both("dylib")?;
    accepted(&bench, &one)?;
    let stub = bench.system()?;
    let linker = llvm("ld64.lld")?.display().to_string();
    let platform = ["-platform_version", "macos", "11.0", "11.0", "-fixup_chains", "-export_dynamic"];
    for (name, libraries) in [("load", &[][..]), ("link", &[&*one, &two])] {
        let object = format!("{name}.o");
        bench.zig(&["-c", "-fno-stack-protector", &bench.source(&format!("{name}.c")), "-o", &object])?;
        let files = ["-o", name, &object, &stub, "-rpath", "@loader_path"];
        let arguments = [&["-arch", architecture], &platform[..], &files, libraries].concat();
        bench.run(&linker, &arguments, &[])?.code(0)?;
    }
    let loader = tool(loader)?.display().to_string();
    bench.run(&loader, &["./link"], &[])?.code(0)?;
    let [one, two] = [&one, &two].map(|name| format!("./{name}"));
    bench.run(&loader, &["./load", &one, &two], &[])?.code(0)?;
    Ok(())
}

/// LLVM reads all of it, and LIEF finds nothing that dyld would object to.
fn accepted(bench: &Bench<'_>, name: &str) -> Result<()> {
    const SCRIPT: &str = "import sys\nsys.path.insert(0, sys.argv[1])\nimport lief\n\
        images = lief.MachO.parse(sys.argv[2])\nprint(lief.MachO.check_layout(images.at(0)))";
    let lief = tool("lief")?.display().to_string();
    let outcome = bench.run("python3", &["-c", SCRIPT, &lief, name], &[])?;
    ensure!(outcome.code(0)?.stdout.trim() == "(True, '')", "LIEF says {}", outcome.stdout);
    let tool = llvm("llvm-objdump")?.display().to_string();
    let read = |option: &str| -> Result<String> {
        let outcome = bench.run(&tool, &["--macho", option, name], &[])?;
        outcome.code(0)?;
        ensure!(outcome.stderr.is_empty(), "{option}: {}", outcome.stderr);
        Ok(outcome.stdout)
    };
    ensure!(read("--dylib-id")?.contains(&format!("@rpath/{name}")), "the install name");
    let exports = read("--exports-trie")?;
    let count = exports.lines().filter(|line| line.contains("_one_")).count();
    ensure!(count == super::EXPORTS.len(), "{count} exports:\n{exports}");
    let fixups = read("--dyld-info")?;
    let import = fixups.lines().find(|line| line.contains("_one_import_scale"));
    ensure!(import.is_some_and(|line| line.contains("flat-namespace")), "the import:\n{fixups}");
    Ok(())
}

impl Bench<'_> {
    /// A text stub of libSystem with the functions that programs call, besides those of ours.
    fn system(&self) -> Result<String> {
        let text = std::fs::read_to_string(repository().join("linker-scripts/libSystem.tbd"))?;
        let marker = "\nexports:\n";
        ensure!(text.contains(marker), "the stub has no exports");
        let targets = "  - targets: [ x86_64-macos, arm64-macos ]\n";
        let added = format!("{marker}{targets}    symbols: [ _dlopen, _dlsym, _dlclose ]\n");
        std::fs::write(self.directory.join("libSystem.tbd"), text.replacen(marker, &added, 1))?;
        Ok("libSystem.tbd".into())
    }
}
