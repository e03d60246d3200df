//! `build`, `inspect`, `targets`: what the flags do, and the messages for wrong ones.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Result, ensure};

use super::invalid::MODULE;
use super::{Bench, Outcome, find_on_path, test};
use crate::harness::{Skipped, Test};

/// Usage errors: arguments and words of the message. Exit code 2, as clap has it.
const USAGE: &[(&str, &[&str])] = &[
    ("", &["Usage: wasm-aot"]),
    ("build", &["<INPUT>", "Usage: wasm-aot build"]),
    ("frobnicate", &["unrecognized subcommand", "frobnicate"]),
    ("build a.wat --frobnicate", &["unexpected argument", "--frobnicate"]),
    ("build a.wat -O 4", &["invalid value '4'", "possible values: 0, 1, 2, 3, s"]),
    ("build a.wat --emit elf", &["invalid value 'elf'", "exe", "obj", "asm", "clif"]),
    ("build a.wat --memory-guard off", &["invalid value 'off'", "region", "none"]),
    ("build a.wat --stack-size 1", &["invalid value '1'", "--stack-size"]),
    ("build a.wat -j many", &["invalid value 'many'"]),
    ("build a.wat --quiet --verbose", &["cannot be used with"]),
    ("build a.wat b.wat", &["unexpected argument", "b.wat"]),
    ("run", &["<INPUT>"]),
    ("run --target x86_64-linux a.wat", &["unexpected argument", "--target"]),
    ("cache everything", &["unrecognized subcommand"]),
    ("inspect", &["<INPUT>"]),
    ("targets now", &["unexpected argument"]),
];

/// Other wrong values: exit code 1.
const WRONG: &[(&str, &[&str])] = &[
    ("--target pdp11", &["unknown target `pdp11`", "x86_64-linux", "aarch64-linux"]),
    ("--cpu z80", &["unknown CPU `z80`", "x86-64-v2", "x86-64-v3", "native"]),
    ("--target aarch64-linux --cpu x86-64-v3", &["unknown CPU `x86-64-v3` for aarch64-linux", "generic"]),
    ("--cpu core2", &["the CPU `core2` is too old", "SSE4.1"]),
    ("--target aarch64-linux --cpu native", &["--cpu native", "this machine"]),
    ("--target riscv64-linux --cpu z14", &["unknown CPU `z14` for riscv64-linux", "rv64gc", "rva23u64"]),
    ("--target s390x-linux --linker embedded", &["can't link for s390x-linux", "--linker lld"]),
    ("--linker /nonexistent", &["the linker /nonexistent can't be started", "No such file"]),
    ("--linker false", &["false failed", "exit status: 1"]),
    ("--env NAME", &["--env takes KEY=VALUE", "`NAME`"]),
    ("--env =value", &["--env takes KEY=VALUE"]),
    ("--dir ::/guest", &["--dir takes HOST[::GUEST][:ro]"]),
];

/// Imports that can't be bound: module and words of the message.
const IMPORTS: &[(&str, &str, &[&str])] = &[
    (
        "all are listed",
        r#"(module (import "env" "puts" (func (param i32))) (import "env" "mem" (memory 1))
            (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
            (import "other" "t" (table 1 funcref)) (import "env" "g" (global i32))
            (import "wasi_snapshot_preview1" "fd_frobnicate" (func)))"#,
        &[
            "nothing provides these imports:\n  function env.puts\n  memory env.mem\n  table other.t\n  global env.g\n  \
             function wasi_snapshot_preview1.fd_frobnicate\n",
            "--trap-unknown-imports",
        ],
    ),
    (
        "another type",
        r#"(module (import "wasi_snapshot_preview1" "fd_write" (func (param i64) (result f32))))"#,
        &[
            "incompatible import type",
            "wasi_snapshot_preview1.fd_write",
            "(i64) -> (f32)",
            "--trap-unknown-imports",
        ],
    ),
    (
        "another result",
        r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32) (result i32))))"#,
        &["incompatible import type", "wasi_snapshot_preview1.proc_exit", "(i32) -> (i32)"],
    ),
    (
        "a memory called like a function",
        r#"(module (import "wasi_snapshot_preview1" "fd_write" (memory 1)))"#,
        &["memory wasi_snapshot_preview1.fd_write"],
    ),
];

pub fn tests() -> Vec<Test> {
    let mut tests = vec![
        test("build/default output", default_output),
        test("build/--emit", emit),
        test("build/targets by short name and triple", target_names),
        test("build/any number of threads, the same bytes", deterministic),
        test("build/--timings", timings),
        test("build/--quiet and --verbose", verbosity),
        test("build/--strip", strip),
        test("build/--linker lld", lld),
        test("build/--cpu", cpu),
        test("build/--cpu of a newer machine", old_cpu),
        test("build/--cpu and vectors", vector_cpu),
        test("build/--trap-unknown-imports", unknown_imports),
        test("build/--stack-size", stack_size),
        test("build/address space limit", address_space),
        test("build/process 1 in an empty container", empty_container),
        test("build/ends in a limited address space", limited_compiler),
        test("build/help and version", help),
        test("inspect/sample", inspect),
        test("inspect/memories", inspect_memories),
        test("inspect/vectors", inspect_vectors),
        test("inspect/names what stands against a build", inspect_imports),
        test("targets", targets),
        test("examples/ci", pipeline),
        test("stdout/full", stdout_full),
        test("stdout/closed", stdout_closed),
    ];
    tests.extend(USAGE.iter().map(|(arguments, words)| {
        test(&format!("usage/wasm-aot {arguments}"), move |bench| {
            let arguments: Vec<&str> = arguments.split_whitespace().collect();
            bench.aot(&arguments)?.code(2)?.stderr_has(words)?;
            bench.has_only(&[])
        })
    }));
    tests.extend(WRONG.iter().map(|(arguments, words)| {
        test(&format!("build/wrong {arguments}"), move |bench| {
            bench.write("a.wat", "(module)")?;
            let mut all = vec!["build", "a.wat", "-o", "out"];
            all.extend(arguments.split_whitespace());
            bench.aot(&all)?.failed(words)?;
            bench.has_only(&["a.wat"])
        })
    }));
    tests.extend(IMPORTS.iter().map(|(name, module, words)| {
        test(&format!("imports/{name}"), move |bench| {
            bench.write("a.wat", module)?;
            bench.aot(&["build", "a.wat", "-o", "out"])?.failed(words)?;
            bench.has_only(&["a.wat"])
        })
    }));
    tests
}

/// Checks that the program at `name` is `invalid::MODULE`.
pub fn check_sample(outcome: &Outcome) -> Result<()> {
    outcome.code(7)?;
    ensure!(outcome.stdout == "hello\n" && outcome.stderr.is_empty(), "{}{}", outcome.stdout, outcome.stderr);
    Ok(())
}

fn default_output(bench: &Bench<'_>) -> Result<()> {
    std::fs::create_dir(bench.path("sub"))?;
    bench.write("sub/sample.wasm", wat::parse_str(MODULE)?)?;
    bench.aot(&["build", "sub/sample.wasm"])?.code(0)?;
    bench.aot(&["build", "sub/sample.wasm", "--emit", "obj"])?.code(0)?;
    bench.has_only(&["sample", "sample.h", "sample.o", "sub"])?;
    bench.aot(&["build", "sub/sample.wasm", "--target", "x86_64-windows", "-o", "to"])?.code(0)?;
    bench.aot(&["build", "sub/sample.wasm", "--target", "x86_64-windows"])?.code(0)?;
    bench.has_only(&["sample", "sample.exe", "sample.h", "sample.o", "sub", "to"])?;
    check_sample(&bench.start("sample", &[])?)?;
    // An existing output is replaced.
    bench.write("sample", "something else")?;
    bench.aot(&["build", "sub/sample.wasm"])?.code(0)?;
    check_sample(&bench.start("sample", &[])?)
}

fn emit(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for option in ["--prefix=a", "--instances=many", "--wasi=none"] {
        let name = option.split('=').next().unwrap_or(option);
        bench.aot(&["build", "a.wat", option])?.failed(&[name, "is for libraries"])?;
    }
    let emit = |what: &str| bench.aot(&["build", "a.wat", "--emit", what, "-o", "-"]);
    emit("clif")?.code(0)?.stdout_has(&[";; main\n", "function u0:", "call_indirect"])?;
    emit("asm")?.code(0)?.stdout_has(&["\nmain:\n", "block0:"])?;
    for (what, file, magic) in [
        ("exe", "a", &b"\x7fELF"[..]),
        ("obj", "a.o", b"\x7fELF"),
        ("asm", "a.s", b"count:"),
        ("clif", "a.clif", b";; count"),
    ] {
        bench.aot(&["build", "a.wat", "--emit", what])?.code(0)?;
        let bytes = std::fs::read(bench.path(file))?;
        ensure!(bytes.starts_with(magic), "{file} is not {what}");
    }
    // ELF header: e_type is ET_DYN (3) for a static PIE, ET_REL (1) for an object.
    ensure!(std::fs::read(bench.path("a"))?[16] == 3, "not a PIE");
    ensure!(std::fs::read(bench.path("a.o"))?[16] == 1, "not an object");
    bench.has_only(&["a", "a.clif", "a.h", "a.o", "a.s", "a.wat"])
}

fn target_names(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    // ELF header: e_machine at offset 18, in the target's byte order.
    for (names, machine) in [
        (&["x86_64-linux", "x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", "amd64-linux"][..], 62),
        (&["aarch64-linux", "aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl", "arm64-linux"], 183),
        (&["riscv64-linux", "riscv64gc-unknown-linux-gnu", "riscv64gc-unknown-linux-musl"], 243),
        (&["s390x-linux", "s390x-unknown-linux-gnu", "s390x-unknown-linux-musl"], 22),
    ] {
        let mut first = Vec::new();
        for name in names {
            bench.aot(&["build", "a.wat", "--target", name, "--emit", "obj", "-o", "a.o"])?.code(0)?;
            let bytes = std::fs::read(bench.path("a.o"))?;
            ensure!(bytes[18] | bytes[19] == machine, "{name}: machine {}", bytes[18]);
            ensure!(first.is_empty() || first == bytes, "{name} is not {}", names[0]);
            first = bytes;
        }
    }
    Ok(())
}

/// A module of many functions.
pub fn many_functions(count: usize) -> String {
    let mut text = String::from("(module (memory (export \"memory\") 1)");
    let mut calls = String::new();
    for i in 0..count {
        text.push_str(&format!("(func $f{i} (param i32) (result i32)"));
        for j in 0..40 {
            let offset = i * j % 60000;
            text.push_str(&format!(
                "(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const {j})) (i32.load offset={offset} (local.get 0))))"
            ));
        }
        text.push_str("local.get 0)");
        calls.push_str(&format!("(drop (call $f{i} (i32.const {i})))"));
    }
    text.push_str(&format!("(func (export \"_start\") {calls}))"));
    text
}

fn deterministic(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", many_functions(300))?;
    for what in ["exe", "obj", "staticlib", "cdylib", "asm"] {
        let mut first = Vec::new();
        for threads in ["1", "2", "7", "0", "1"] {
            bench.aot(&["build", "a.wat", "-j", threads, "--emit", what, "-o", "out"])?.code(0)?;
            let bytes = std::fs::read(bench.path("out"))?;
            ensure!(first.is_empty() || first == bytes, "--emit {what} -j {threads} differs");
            first = bytes;
        }
    }
    // Nor do the places and names of the files matter.
    std::fs::create_dir(bench.path("sub"))?;
    bench.aot(&["build", "a.wat", "-o", "one"])?.code(0)?;
    std::fs::copy(bench.path("a.wat"), bench.path("sub/b.wat"))?;
    bench.aot(&["build", "sub/b.wat", "-o", "sub/two"])?.code(0)?;
    ensure!(std::fs::read(bench.path("one"))? == std::fs::read(bench.path("sub/two"))?, "names matter");
    Ok(())
}

fn timings(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let outcome = bench.aot(&["build", "a.wat", "--timings"])?;
    let phases = ["phase", "parse and validate", "analyse", "generate code", "write object", "link", "total"];
    outcome.code(0)?.stderr_has(&phases)?;
    ensure!(outcome.stdout.is_empty());
    Ok(())
}

fn verbosity(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let outcome = bench.aot(&["build", "a.wat"])?;
    outcome.code(0)?.stderr_has(&["a: ", " functions, ", " of code, ", " in all, "])?;
    let outcome = bench.aot(&["build", "a.wat", "--quiet"])?;
    ensure!(outcome.code == 0 && outcome.stdout.is_empty() && outcome.stderr.is_empty());
    bench.aot(&["build", "a.wat", "--verbose"])?.code(0)?.stderr_has(&[" functions of 3, "])?;
    bench.aot(&["build", "missing.wat", "--quiet"])?.failed(&["missing.wat"])?;
    Ok(())
}

fn strip(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench.aot(&["build", "a.wat", "-o", "full"])?.code(0)?;
    bench.aot(&["build", "a.wat", "-o", "stripped", "--strip"])?.code(0)?;
    let size = |name: &str| bench.path(name).metadata().map(|metadata| metadata.len());
    ensure!(size("stripped")? < size("full")?, "--strip saves nothing");
    check_sample(&bench.start("stripped", &[])?)
}

fn lld(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let with_path = |arguments: &[&str], path: &Path| -> Result<Outcome> {
        let arguments = [&["build", "a.wat"], arguments].concat();
        Ok(Outcome::of(bench.command(&arguments).env("PATH", path).output()?))
    };
    let nowhere = Path::new("/nonexistent");
    for arguments in [&["--linker", "lld"], &["--target", "s390x-linux"]] {
        with_path(arguments, nowhere)?.failed(&["no lld on this machine", "install", "--linker PATH"])?;
    }
    // Each kind of lld is found, when it is the only one.
    let mut found = Vec::new();
    for name in ["rust-lld", "ld.lld", "ld.lld-22", "ld.lld-19"] {
        let Some(program) = find_on_path(name) else { continue };
        let directory = bench.path(&format!("only-{name}"));
        std::fs::create_dir(&directory)?;
        std::os::unix::fs::symlink(program, directory.join(name))?;
        with_path(&["--linker", "lld"], &directory)?.code(0)?;
        check_sample(&bench.start("a", &[])?)?;
        with_path(&["--target", "s390x-linux", "-o", "s390x"], &directory)?.code(0)?;
        found.push(name);
    }
    // Any linker with GNU ld's options works, and can be given by name or path.
    let Some(name) = found.iter().find(|name| name.starts_with("ld.")) else {
        return Err(Skipped("no ld.lld".to_owned()).into());
    };
    bench.aot(&["build", "a.wat", "--linker", name, "-o", "b"])?.code(0)?;
    check_sample(&bench.start("b", &[])?)?;
    bench.aot(&["build", "a.wat", "--linker", "lld", "--strip", "-o", "c"])?.code(0)?;
    check_sample(&bench.start("c", &[])?)
}

fn cpu(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for cpu in ["native", "x86-64-v2", "nehalem"] {
        bench.aot(&["build", "a.wat", "--cpu", cpu])?.code(0)?;
        check_sample(&bench.start("a", &[])?)?;
    }
    Ok(())
}

/// Programs say which features that they were built for the machine lacks. The script for pipelines builds
/// for each target that `targets` shows as ready.
fn pipeline(bench: &Bench<'_>) -> Result<()> {
    bench.write("app.wat", MODULE)?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/ci/build-all.sh");
    bench.shell(&format!("WASM_AOT=$AOT {script} app.wat dist --quiet"))?.code(0)?;
    let ready = bench.aot(&["targets"])?.stdout;
    let ready = ready.lines().skip(1).filter(|line| line.contains(" ready"));
    let ready: Vec<&str> = ready.filter_map(|line| line.split_whitespace().next()).collect();
    let sums = bench.shell("cd dist && sha256sum --check SHA256SUMS")?;
    sums.code(0)?;
    ensure!(!ready.is_empty() && sums.stdout.lines().count() == ready.len(), "{ready:?}\n{}", sums.stdout);
    check_sample(&bench.shell("exec dist/app-$(uname -m)-linux")?)?;
    bench.shell(&format!("WASM_AOT=$AOT {script} nothing.wat dist"))?.code(1)?;
    bench.shell(&format!("{script} app.wat"))?.code(2)?.stderr_has(&["usage"])?;
    Ok(())
}

/// There is no other process, no file but the program, and no /proc.
fn empty_container(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench.write("b.wat", r#"(module (func $boom (export "_start") unreachable))"#)?;
    std::fs::create_dir(bench.path("root"))?;
    for name in ["a", "b"] {
        let output = format!("root/{name}");
        bench.aot(&["build", &format!("{name}.wat"), "-o", &output, "--dir", "/::/"])?.code(0)?;
    }
    let start = |name: &str| {
        bench.shell(&format!(
            "[ $(id -u) = 0 ] || user=-Ur; exec unshare $user --pid --fork chroot root /{name}"
        ))
    };
    check_sample(&start("a")?)?;
    start("b")?.code(134)?.stderr_has(&["wasm trap: unreachable", "boom"])?;
    Ok(())
}

fn old_cpu(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    // (--cpu, machine, what it lacks)
    const OLD: &[(&str, &str, &[&str])] = &[
        ("x86-64-v2", "Conroe", &["SSE4.1", "SSE4.2", "POPCNT"]),
        ("x86-64-v3", "Nehalem", &["AVX", "AVX2", "BMI1", "BMI2", "FMA", "LZCNT", "saves AVX registers"]),
        ("x86-64-v3", "Haswell,-avx2", &["AVX2"]),
        ("x86-64-v3", "Haswell,-xsave", &["saves AVX registers"]),
        ("x86-64-v4", "Haswell", &["AVX512F", "AVX512VL"]),
    ];
    for (cpu, machine, lacks) in OLD {
        bench.aot(&["build", "a.wat", "--target", "x86_64-linux", "--cpu", cpu])?.code(0)?;
        let outcome = bench.tool("qemu-x86_64", &["-cpu", machine, "./a"])?;
        outcome.code(1)?.stderr_has(&["this program was built for the CPU", cpu, "lacks", "--cpu"])?;
        outcome.stderr_has(lacks)?;
    }
    for (cpu, machine) in [("x86-64-v2", "Nehalem"), ("x86-64-v3", "max")] {
        bench.aot(&["build", "a.wat", "--target", "x86_64-linux", "--cpu", cpu])?.code(0)?;
        check_sample(&bench.tool("qemu-x86_64", &["-cpu", machine, "./a"])?)?;
    }
    bench.aot(&["build", "a.wat", "--target", "aarch64-linux", "--cpu", "neoverse-v1"])?.code(0)?;
    let outcome = bench.tool("qemu-aarch64", &["-cpu", "cortex-a72", "./a"])?;
    outcome.code(1)?.stderr_has(&["neoverse-v1", "lacks LSE atomics, dot products, I8MM"])?;
    check_sample(&bench.tool("qemu-aarch64", &["-cpu", "max", "./a"])?)
}

/// Vectors need an extension on riscv64: programs that use them demand it, others don't.
fn vector_cpu(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "v.wat",
        r#"(module (memory 1) (func (export "_start")
            (v128.store (i32.const 0) (i8x16.add (v128.load (i32.const 0)) (v128.load (i32.const 16))))))"#,
    )?;
    bench.write("a.wat", MODULE)?;
    let build = ["build", "v.wat", "--target", "riscv64-linux", "-o", "v"];
    bench.aot(&[&build[..], &["--cpu", "rv64gc"]].concat())?.failed(&["vectors", "--cpu rv64gcv"])?;
    bench.aot(&build)?.code(0)?;
    bench.aot(&["build", "a.wat", "--target", "riscv64-linux"])?.code(0)?;
    let outcome = bench.tool("qemu-riscv64", &["-cpu", "rv64,v=false", "./v"])?;
    outcome.code(1)?.stderr_has(&["rv64gcv", "lacks extension V"])?;
    bench.tool("qemu-riscv64", &["-cpu", "rv64,v=true,vext_spec=v1.0", "./v"])?.code(0)?;
    check_sample(&bench.tool("qemu-riscv64", &["-cpu", "rv64,v=false", "./a"])?)
}

fn unknown_imports(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", r#"(module (import "env" "f" (func)) (func (export "_start") (call 0)))"#)?;
    bench.aot(&["build", "a.wat", "--trap-unknown-imports"])?.code(0)?;
    bench.start("a", &[])?.code(134)?.stderr_has(&["call of an import that nothing provides", "env.f"])?;
    // WasmEdge's function of this name has two parameters; a module that doesn't start threads may say so.
    bench.write(
        "c.wat",
        r#"(module (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32) (result i32)))
             (import "wasi" "thread-spawn" (func (param i64)))
             (func (export "_start") (drop (call $accept (i32.const 0) (i32.const 0)))))"#,
    )?;
    bench
        .aot(&["build", "c.wat"])?
        .failed(&["sock_accept", "to trap when called: --trap-unknown-imports"])?;
    bench.aot(&["build", "c.wat", "--trap-unknown-imports"])?.code(0)?;
    let trapped = bench.start("c", &[])?;
    trapped.code(134)?.stderr_has(&["call of an import that nothing provides", "sock_accept"])?;
    // If there are many, only the first ones are listed, with the start of the long name of their module,
    // which is written once.
    let items: String = (0..102).map(|number| format!("(item \"{number}\")")).collect();
    bench.write("d.wat", format!("(module (import \"{}\" {items} (func)))", "long".repeat(20_000)))?;
    let refused = bench.aot(&["build", "d.wat"])?;
    refused.failed(&["longlong....0\n", "longlong....99\n  and 2 more\n"])?;
    ensure!(refused.stderr.len() < 20_000);
    // Only functions can trap.
    bench.write("b.wat", r#"(module (import "env" "m" (memory 1)) (import "env" "f" (func)))"#)?;
    bench.aot(&["build", "b.wat", "--trap-unknown-imports"])?.failed(&["memory env.m"])?;
    Ok(())
}

fn stack_size(bench: &Bench<'_>) -> Result<()> {
    let text = r#"(module (func $f (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
          (else (i32.const 0))))
        (func (export "_start") (drop (call $f (i32.const 1000000)))))"#;
    bench.write("a.wat", text)?;
    bench.aot(&["build", "a.wat"])?.code(0)?;
    bench.start("a", &[])?.code(134)?.stderr_has(&["call stack exhausted", " more\n"])?;
    bench.aot(&["build", "a.wat", "--stack-size", "131072"])?.code(0)?;
    bench.start("a", &[])?.code(0)?;
    Ok(())
}

/// A program that reserves its memory says what to do if it can't; one that doesn't reserve it runs.
fn address_space(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench.aot(&["build", "a.wat", "-o", "region"])?.code(0)?;
    bench.aot(&["build", "a.wat", "-o", "none", "--memory-guard=none"])?.code(0)?;
    check_sample(&bench.shell("ulimit -v 2000000; ./none")?)?;
    let outcome = bench.shell("ulimit -v 2000000; ./region")?;
    outcome.code(1)?.stderr_has(&["address space", "ulimit -v", "--memory-guard=none"])?;
    check_sample(&bench.shell("./region")?)?;
    let outcome = bench.shell("ulimit -v 1000; ./none")?;
    ensure!(outcome.code != 0 && outcome.code < 128, "it crashed: {}", outcome.code);
    Ok(())
}

fn limited_compiler(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench.shell("ulimit -v 2000000; $AOT build a.wat")?.code(0)?;
    check_sample(&bench.start("a", &[])?)
}

fn help(bench: &Bench<'_>) -> Result<()> {
    bench.aot(&["--help"])?.code(0)?.stdout_has(&["build", "run", "cache", "targets", "inspect"])?;
    bench.aot(&["--version"])?.code(0)?.stdout_has(&["wasm-aot 0"])?;
    let flags = [
        "--target",
        "--emit",
        "--strip",
        "--timings",
        "--cpu",
        "--linker",
        "--memory-guard",
        "--dir",
        "--env",
    ];
    bench.aot(&["build", "--help"])?.code(0)?.stdout_has(&flags)?;
    bench.aot(&["run", "--help"])?.code(0)?.stdout_has(&["[ARGS]", "--arg0"])?;
    Ok(())
}

fn inspect(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let outcome = bench.aot(&["inspect", "a.wat"])?;
    outcome.code(0)?;
    let expected = "\
features: mutable-global, bulk-memory

imports: 2
  wasi_snapshot_preview1.fd_write: function (i32, i32, i32, i32) -> (i32)
  wasi_snapshot_preview1.proc_exit: function (i32) -> ()
exports: 3
  memory: memory of 1.. pages
  counter: mutable global i32
  _start: function () -> ()
functions: 3 defined, 2 imported, 5 named
memories: 1
  memory of 1.. pages
tables: 1, element segments: 1
globals: 1
data segments: 2 with 15 bytes

reachable functions: 3 of 3
build: would succeed
";
    let found = outcome.stdout.split_once('\n').map_or("", |(_, rest)| rest);
    ensure!(found == expected, "{}", crate::filetests::diff(expected, found));
    bench.has_only(&["a.wat"])
}

fn inspect_memories(bench: &Bench<'_>) -> Result<()> {
    let module = "(module (memory 1 2) (memory i64 3) (memory 0 9 (pagesize 1)) (memory i64 1 2 shared)
        (table i64 1 funcref) (func (drop (i32.atomic.load 3 (i64.const 0)))))";
    bench.write("a.wat", module)?;
    let words = [
        "features: threads, multi-memory, memory64, custom-page-sizes\n",
        "memories: 4\n  memory of 1..2 pages\n  64-bit memory of 3.. pages\n  memory of 0..9 bytes\n  \
         shared 64-bit memory of 1..2 pages\n",
        "build: would succeed",
    ];
    bench.aot(&["inspect", "a.wat"])?.code(0)?.stdout_has(&words)?;
    Ok(())
}

fn inspect_vectors(bench: &Bench<'_>) -> Result<()> {
    for (module, features) in [
        ("(module (func (param v128)))", "simd"),
        ("(module (func (local v128)))", "simd"),
        ("(module (global v128 (v128.const i64x2 0 0)))", "simd"),
        ("(module (func (drop (v128.not (v128.const i64x2 0 0)))))", "simd"),
        ("(module (func unreachable i8x16.relaxed_swizzle drop))", "relaxed-simd"),
        ("(module (func unreachable i64.mul_wide_u drop drop))", "wide-arithmetic"),
        (r#"(module (import "m" (item "f") (item "g") (func)))"#, "compact-imports"),
    ] {
        bench.write("a.wat", module)?;
        bench.aot(&["inspect", "a.wat"])?.code(0)?.stdout_has(&[&format!("features: {features}\n")])?;
    }
    Ok(())
}

fn inspect_imports(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", r#"(module (import "env" "f" (func (param f32))))"#)?;
    let words = ["env.f: function (f32) -> ()", "build: would fail", "nothing provides", "function env.f"];
    bench.aot(&["inspect", "a.wat"])?.code(0)?.stdout_has(&words)?;
    Ok(())
}

fn targets(bench: &Bench<'_>) -> Result<()> {
    let words = [
        "x86_64-linux ",
        "x86_64-unknown-linux-gnu",
        "aarch64-linux ",
        "riscv64-linux ",
        "s390x-linux ",
        "ready (this machine)",
    ];
    bench.aot(&["targets"])?.code(0)?.stdout_has(&words)?;
    Ok(())
}

fn stdout_full(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for command in ["targets", "inspect a.wat", "build a.wat --emit clif -o -", "build a.wat --emit asm -o -"]
    {
        bench.shell(&format!("$AOT {command} > /dev/full"))?.failed(&["No space left on device"])?;
    }
    Ok(())
}

/// A reader that closes the pipe early, as `head` does, is no reason to crash.
fn stdout_closed(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for command in [&["targets"][..], &["inspect", "a.wat"], &["build", "a.wat", "--emit", "clif", "-o", "-"]]
    {
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let output = bench.command(command).stdout(writer).stderr(Stdio::piped()).output()?;
        let outcome = Outcome::of(output);
        ensure!(!outcome.stderr.contains("panicked"), "{}: {}", command[0], outcome.stderr);
        ensure!(outcome.code < 100, "{}: exit code {}", command[0], outcome.code);
    }
    Ok(())
}
