//! Inputs: standard input, and inputs that an output would overwrite.

use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use super::build::check_sample;
use super::invalid::MODULE;
use super::run::{ECHO, FILES, prints};
use super::{Bench, test};
use crate::harness::Test;

pub fn tests() -> Vec<Test> {
    vec![
        test("input/is never overwritten", overwritten),
        test("input/the policy and bundled files neither", other_inputs),
        test("input/standard input", standard_input),
        test("input/wrong standard input", wrong_standard_input),
    ]
}

/// This holds for every name of the file, and for every kind of output.
fn overwritten(bench: &Bench<'_>) -> Result<()> {
    let wasm = wat::parse_str(MODULE)?;
    std::fs::create_dir(bench.path("d"))?;
    let original = bench.write("m.wasm", &wasm)?;
    std::fs::copy(&original, bench.path("app"))?;
    std::os::unix::fs::symlink("m.wasm", bench.path("symbolic"))?;
    std::fs::hard_link(&original, bench.path("hard"))?;
    for emit in ["exe", "obj", "asm", "clif"] {
        for (input, output) in [
            ("m.wasm", "m.wasm"),
            ("m.wasm", "./d/../m.wasm"),
            ("m.wasm", "symbolic"),
            ("symbolic", "m.wasm"),
            ("m.wasm", "hard"),
        ] {
            let outcome = bench.aot(&["build", input, "--emit", emit, "-o", output])?;
            let words = format!("can't write {output}: it is the same file as the input {input}");
            outcome.failed(&[&words, "-o"])?;
        }
    }
    // The name of the output that nobody gave.
    bench.aot(&["build", "app"])?.failed(&["can't write app: it is the same file as the input app", "-o"])?;
    std::fs::rename(bench.path("app"), bench.path("app.s"))?;
    bench.aot(&["build", "app.s", "--emit", "asm"])?.failed(&["the same file as the input app.s"])?;
    // Through descriptors.
    bench.shell("exec $AOT build - -o m.wasm < m.wasm")?.failed(&["can't write m.wasm", "the input -"])?;
    for output in ["-", "/dev/fd/1"] {
        let outcome = bench.shell(&format!("exec $AOT build m.wasm -o {output} >> m.wasm"))?;
        outcome.failed(&["the same file as the input m.wasm"])?;
    }
    for name in ["m.wasm", "app.s", "symbolic", "hard"] {
        ensure!(std::fs::read(bench.path(name))? == wasm, "{name} was overwritten");
    }
    bench.has_only(&["app.s", "d", "hard", "m.wasm", "symbolic"])?;
    // Another file of the same contents is none of them.
    bench.aot(&["build", "m.wasm", "-o", "app.s"])?.code(0)?;
    Ok(())
}

fn other_inputs(bench: &Bench<'_>) -> Result<()> {
    // The header that goes with a library.
    bench.write("a.h", wat::parse_str(FILES)?)?;
    for emit in ["obj", "staticlib", "cdylib"] {
        let outcome = bench.aot(&["build", "a.h", "--emit", emit, "-o", "out"])?;
        outcome.failed(&["can't write a.h", "the input a.h"])?;
        let outcome = bench.aot(&["build", "a.h", "--emit", emit, "--prefix", "b", "-o", "b.h"])?;
        outcome.failed(&["b.h would be the library and a file that goes with it"])?;
    }
    bench.has_only(&["a.h"])?;
    bench.write("a.wat", FILES)?;
    std::fs::create_dir_all(bench.path("assets/deep"))?;
    bench.write("assets/deep/file", "contents")?;
    bench.write("policy.toml", "bundles = [{ host = \"assets\", guest = \"/assets\" }]")?;
    let build = |arguments: &[&str]| bench.aot(&[&["build", "a.wat"], arguments].concat());
    build(&["--policy", "policy.toml", "-o", "policy.toml"])?
        .failed(&["can't write policy.toml", "the input policy.toml"])?;
    build(&["--policy", "policy.toml", "-o", "assets/deep/file"])?
        .failed(&["can't write assets/deep/file", "the input assets/deep/file"])?;
    build(&["--bundle", "assets::/a", "-o", "assets/deep/file"])?.failed(&["the input assets/deep/file"])?;
    ensure!(std::fs::read_to_string(bench.path("assets/deep/file"))? == "contents", "it was overwritten");
    Ok(())
}

fn standard_input(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", format!(";; a comment\n (; another ;) {MODULE}"))?;
    bench.write("a.wasm", wat::parse_str(MODULE)?)?;
    bench.aot(&["build", "a.wasm", "-o", "file"])?.code(0)?;
    for input in ["a.wat", "a.wasm"] {
        bench.shell(&format!("cat {input} | $AOT build - -o piped"))?.code(0)?;
        check_sample(&bench.start("piped", &[])?)?;
        bench.shell(&format!("$AOT build - -o redirected < {input}"))?.code(0)?;
        check_sample(&bench.start("redirected", &[])?)?;
        check_sample(&bench.shell(&format!("cat {input} | $AOT run -"))?)?;
        let inspected = bench.shell(&format!("cat {input} | $AOT inspect -"))?;
        inspected.code(0)?.stdout_has(&["standard input: ", "exports: 3", "build: would succeed"])?;
    }
    let same = |name: &str| std::fs::read(bench.path(name));
    ensure!(same("piped")? == same("file")?, "another executable");
    let inspected = bench.shell("$AOT inspect - < file")?;
    inspected.code(0)?.stdout_has(&["# standard input: ", "; the policy:"])?;
    // A filter: both ends.
    bench.shell("cat a.wat | $AOT build - -q -o - > filtered")?.code(0)?;
    ensure!(same("filtered")? == same("file")?, "another executable");
    // A file that is called so.
    bench.write("-", wat::parse_str(ECHO)?)?;
    prints(bench.aot(&["run", "./-", "--", "x"])?.code(2)?, "-\nx\n")
}

fn wrong_standard_input(bench: &Bench<'_>) -> Result<()> {
    let build = |bytes: &[u8], arguments: &[&str]| {
        let mut command = bench.command(arguments);
        bench.write("input", bytes)?;
        command.stdin(Stdio::from(std::fs::File::open(bench.path("input"))?));
        anyhow::Ok(super::Outcome::of(command.output().context("the compiler")?))
    };
    build(b"\0asm\x01\0\0\0", &["build", "-"])?
        .failed(&["no default output name for standard input", "-o"])?;
    build(b"", &["build", "-", "-o", "out"])?.failed(&["can't build standard input", "byte offset 0x0"])?;
    build(b"hello\n", &["build", "-", "-o", "out"])?.failed(&["standard input", "magic"])?;
    build(b"(module (func unreachabel))", &["build", "-", "-o", "out"])?.failed(&["standard input:1:15"])?;
    build(b"(module (; \xe4 ;))", &["build", "-", "-o", "out"])?.failed(&["standard input"])?;
    bench.has_only(&["input"])
}
