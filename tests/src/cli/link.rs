//! Several modules in one program: `--link` and `--link-shared`.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Bench, Outcome, test};
use crate::harness::{Skipped, Test};
use crate::programs::fetch;

/// Prints the LENGTH bytes at AT of its memory.
const PRINT: &str = r#"(func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 1024) (local.get $at))
    (i32.store (i32.const 1028) (local.get $length))
    (drop (call $write (i32.const 1) (i32.const 1024) (i32.const 1) (i32.const 1032))))"#;

const WRITE: &str = r#"(import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))"#;

/// A program: its main module, then the names and texts of the modules that are linked to it, and what it prints.
struct Program {
    name: &'static str,
    main: String,
    linked: Vec<(&'static str, String)>,
    prints: &'static str,
    code: i32,
}

fn programs() -> Vec<Program> {
    vec![
        Program {
            name: "functions, memory and globals of a library",
            main: format!(
                r#"(module {WRITE}
                  (import "lib" "add" (func $add (param i32 i32) (result i32)))
                  (import "lib" "memory" (memory 1))
                  (import "lib" "count" (global $count (mut i32)))
                  (export "memory" (memory 0))
                  (data (i32.const 8) "c=")
                  {PRINT}
                  (func (export "_start")
                    (i32.store8 (i32.const 10) (i32.add (i32.const 48) (call $add (i32.const 3) (i32.const 4))))
                    (i32.store8 (i32.const 11) (i32.add (i32.const 48) (global.get $count)))
                    (call $print (i32.const 0) (i32.const 12))))"#
            ),
            linked: vec![(
                "lib",
                r#"(module (memory (export "memory") 1) (data (i32.const 0) "from lib")
                  (global $count (export "count") (mut i32) (i32.const 0))
                  (func (export "add") (param i32 i32) (result i32)
                    (global.set $count (i32.add (global.get $count) (i32.const 1)))
                    (i32.add (local.get 0) (local.get 1))))"#
                    .to_owned(),
            )],
            prints: "from libc=71",
            code: 0,
        },
        Program {
            name: "each module calls WASI with its own memory",
            main: format!(
                r#"(module {WRITE}
                  (import "lib" "say" (func $say))
                  (memory (export "memory") 1) (data (i32.const 0) "main\n")
                  (table 1 funcref) (elem (i32.const 0) func $write)
                  {PRINT}
                  (func (export "_start")
                    (call $print (i32.const 0) (i32.const 5)) (call $say) (call $print (i32.const 0) (i32.const 5))
                    (call $say)
                    (drop (call_indirect (param i32 i32 i32 i32) (result i32)
                      (i32.const 1) (i32.const 1024) (i32.const 1) (i32.const 1032) (i32.const 0)))))"#
            ),
            linked: vec![(
                "lib",
                format!(
                    r#"(module {WRITE} (memory (export "memory") 1) (data (i32.const 0) "lib 0\n") {PRINT}
                      (func (export "say")
                        (i32.store8 (i32.const 4) (i32.add (i32.load8_u (i32.const 4)) (i32.const 1)))
                        (drop (memory.grow (i32.const 1)))
                        (call $print (i32.const 0) (i32.const 6))))"#
                ),
            )],
            prints: "main\nlib 1\nmain\nlib 2\nmain\n",
            code: 0,
        },
        Program {
            name: "start functions and _initialize, in the order of dependencies",
            main: format!(
                r#"(module {WRITE}
                  (import "b" "log" (func $log (param i32)))
                  (import "a" "memory" (memory 1))
                  (export "memory" (memory 0))
                  {PRINT}
                  (func $start (call $log (i32.const 77)))
                  (start $start)
                  (func (export "_start") (call $log (i32.const 10)) (call $print (i32.const 16) (i32.load (i32.const 0)))))"#
            ),
            linked: vec![
                (
                    "a",
                    r#"(module (memory (export "memory") 1)
                      (func $log (export "log") (param i32)
                        (i32.store8 offset=16 (i32.load (i32.const 0)) (local.get 0))
                        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
                      (func (export "_initialize") (call $log (i32.const 97))))"#
                        .to_owned(),
                ),
                (
                    "b",
                    r#"(module (import "a" "log" (func $log (param i32))) (export "log" (func $log))
                      (func $start (call $log (i32.const 98))) (start $start)
                      (func (export "_initialize") (call $log (i32.const 66))))"#
                        .to_owned(),
                ),
            ],
            prints: "abBM\n",
            code: 0,
        },
        Program {
            name: "functions in a table of another module",
            main: format!(
                r#"(module {WRITE}
                  (import "lib" "table" (table 4 funcref))
                  (import "lib" "run" (func $run (param i32) (result i32)))
                  (memory (export "memory") 1)
                  (type $op (func (param i32) (result i32)))
                  (elem (i32.const 2) func $double)
                  (func $double (type $op) (i32.mul (local.get 0) (i32.const 2)))
                  {PRINT}
                  (func (export "_start")
                    (i32.store8 (i32.const 0) (i32.add (i32.const 48) (call $run (i32.const 2))))
                    (i32.store8 (i32.const 1) (i32.add (i32.const 48) (call $run (i32.const 1))))
                    (call $print (i32.const 0) (i32.const 2))))"#
            ),
            linked: vec![(
                "lib",
                r#"(module (table (export "table") 4 funcref) (type $op (func (param i32) (result i32)))
                  (elem (i32.const 1) func $negate)
                  (func $negate (type $op) (i32.sub (i32.const 9) (local.get 0)))
                  (func (export "run") (param i32) (result i32)
                    (call_indirect (type $op) (i32.const 4) (local.get 0))))"#
                    .to_owned(),
            )],
            prints: "85",
            code: 0,
        },
        Program {
            name: "a trap in a library",
            main: r#"(module (import "lib" "f" (func $f)) (func (export "_start") (call $f)))"#.to_owned(),
            linked: vec![("lib", r#"(module (func (export "f") unreachable))"#.to_owned())],
            prints: "",
            code: 134,
        },
    ]
}

/// Adds two numbers.
const ADD: &str = r#"(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "subtract") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
  (memory (export "memory") 1 2) (global (export "g") i64 (i64.const 1)))"#;

pub fn tests() -> Vec<Test> {
    let mut tests = vec![
        test("link/errors", errors),
        test("link/cycles", cycles),
        test("link/commands, components, other shared libraries", refused),
        test("link/the main module as env", environment),
        test("link/a module before the host", interposition),
        test("link/run and its cache", cached),
        test("link/inspect", inspected),
    ];
    for program in programs() {
        tests.push(test(&format!("link/{}", program.name), move |bench| runs(bench, &program)));
    }
    tests.push(test("link/as wasmtime's --preload", as_wasmtime));
    tests
}

/// Writes the modules of a program, and returns the flags that link them.
fn write(bench: &Bench<'_>, program: &Program, option: &str) -> Result<Vec<String>> {
    bench.write("main.wat", &program.main)?;
    let mut flags = Vec::new();
    for (name, text) in &program.linked {
        bench.write(&format!("{name}.wat"), text)?;
        flags.extend([option.to_owned(), format!("{name}={name}.wat")]);
    }
    Ok(flags)
}

fn runs(bench: &Bench<'_>, program: &Program) -> Result<()> {
    let flags = write(bench, program, "--link")?;
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    for more in [&[][..], &["--memory-guard=none"], &["-O0"], &["--trace"]] {
        bench.aot(&[&["build", "-q", "main.wat", "-o", "main"], &*flags, more].concat())?.code(0)?;
        let outcome = bench.start("main", &[])?;
        let stdout = &outcome.code(program.code)?.stdout;
        ensure!(stdout == program.prints, "{more:?}: it prints {stdout:?}");
    }
    Ok(())
}

/// wasmtime instantiates preloaded modules in the order in which they are given.
fn as_wasmtime(bench: &Bench<'_>) -> Result<()> {
    let fetched = fetch::fetch(["wasmtime"], ["bench-gc-boxes"])?;
    let wasmtime = fetched.tool("wasmtime").map_err(|error| Skipped(format!("{error:#}")))?;
    for program in programs() {
        let flags = write(bench, &program, "--preload")?;
        let mut command = Command::new(&wasmtime);
        command.arg("run").args(flags).arg("main.wat").current_dir(bench.directory);
        let outcome = Outcome::of(command.output()?);
        let stdout = &outcome.code(program.code).context(program.name)?.stdout;
        ensure!(stdout == program.prints, "{}: wasmtime prints {stdout:?}", program.name);
    }
    Ok(())
}

/// Builds a main module with the modules that are linked to it as `lib` and `lib2`.
fn build(bench: &Bench<'_>, main: &str, linked: &[&str]) -> Result<Outcome> {
    bench.write("main.wat", main)?;
    let mut arguments = vec!["build".to_owned(), "main.wat".to_owned()];
    for (name, text) in ["lib", "lib2"].iter().zip(linked) {
        bench.write(&format!("{name}.wat"), text)?;
        arguments.extend(["--link".to_owned(), format!("{name}={name}.wat")]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    bench.aot(&arguments)
}

fn errors(bench: &Bench<'_>) -> Result<()> {
    let import = |import: &str| format!(r#"(module (import {import}) (func (export "_start")))"#);
    for (imported, words) in [
        (r#""lib" "ad" (func)"#, &["function lib.ad", "`lib` exports `add`, `subtract`"][..]),
        (r#""lib" "m" (memory 1)"#, &["memory lib.m", "`lib` exports `memory`"]),
        (r#""lib" "t" (table 1 funcref)"#, &["table lib.t", "`lib` exports nothing of that kind"]),
        (r#""lbi" "add" (func)"#, &["function lbi.add", "linked are `lib`"]),
        (r#""lib\1b[2J" "\1b[2J" (func)"#, &["function lib\\x1b[2J.\\x1b[2J"]),
        (r#""lib" "add" (func (param i64))"#, &["lib.add: it is (i32, i32) -> (i32), not (i64) -> ()"]),
        (
            r#""lib" "memory" (memory 2)"#,
            &[
                "lib.memory: its size is 1, but at least 2 is required (it is a memory of 1..2 pages, wanted is a \
               memory of 2.. pages)",
            ],
        ),
        (
            r#""lib" "memory" (memory 1 1)"#,
            &["its maximum must be at most 1", "wanted is a memory of 1..1 pages"],
        ),
        (r#""lib" "g" (global (mut i64))"#, &["it is a global i64, wanted is a mutable global i64"]),
        (
            r#""lib" "g" (func)"#,
            &["another kind of item", "it is a global i64, wanted is a function () -> ()"],
        ),
    ] {
        build(bench, &import(imported), &[ADD])?.failed(words).context(imported.to_owned())?;
    }
    // An error in a linked module has its name.
    let main = import(r#""lib" "f" (func)"#);
    build(bench, &main, &[r#"(module (import "x" "y" (func)) (func (export "f")))"#])?
        .failed(&["in the linked module `lib`: nothing provides", "function x.y"])?;
    bench.write("lib.wasm", b"\0asm\x01\0\0\0\x01\x01")?;
    bench.aot(&["build", "main.wat", "--link", "lib=lib.wasm"])?.failed(&["in the linked module `lib`"])?;
    bench.write("lib.wat", ADD)?;
    bench
        .aot(&["build", "main.wat", "--link", "lib=lib.wat", "--link", "lib=lib.wat"])?
        .failed(&["two modules are linked as `lib`"])?;
    bench.aot(&["build", "main.wat", "--link", "lib=none.wat"])?.failed(&["can't read none.wat"])?;
    bench.aot(&["build", "main.wat", "--link", "lib.wat"])?.code(2)?.stderr_has(&["NAME=FILE"])?;
    bench.aot(&["build", "main.wat", "--link", "lib="])?.code(2)?;
    build(bench, r#"(module (func (export "_start")))"#, &[ADD])?
        .code(0)?
        .stderr_has(&["warning: nothing imports from the linked module `lib`"])?;
    let threads = r#"(module (import "wasi" "thread-spawn" (func (param i32) (result i32))))"#;
    build(bench, threads, &[ADD])?
        .failed(&["threads", "aren't supported in a program of several modules"])?;
    Ok(())
}

fn cycles(bench: &Bench<'_>) -> Result<()> {
    let needs = |name: &str| format!(r#"(module (import "{name}" "f" (func)) (func (export "f")))"#);
    let main = r#"(module (import "lib" "f" (func)) (func (export "_start")))"#;
    build(bench, main, &[&needs("lib2"), &needs("lib")])?
        .failed(&["import from each other in a circle", "`lib` -> `lib2` -> `lib`"])?;
    // From itself: nothing is there yet.
    build(bench, main, &[&needs("lib")])?.failed(&["in the linked module `lib`", "function lib.f"])?;
    Ok(())
}

fn refused(bench: &Bench<'_>) -> Result<()> {
    let main = r#"(module (import "lib" "f" (func)) (func (export "_start")))"#;
    build(bench, main, &[r#"(module (func (export "f")) (func (export "_start")))"#])?
        .failed(&["`lib` is a program, as it exports `_start`"])?;
    build(bench, main, &["(component)"])?.failed(&["lib.wat is a component"])?;
    build(bench, "(component)", &[ADD])?.failed(&["modules can be linked to a module only"])?;
    bench.write("lib.wat", ADD)?;
    bench.write("main.wat", main)?;
    bench
        .aot(&["build", "main.wat", "--link-shared", "lib.wat"])?
        .failed(&["`lib.wat` isn't a shared library", "dylink.0"])?;
    Ok(())
}

/// A linked module imports from the main module as `env`.
fn environment(bench: &Bench<'_>) -> Result<()> {
    let main = r#"(module (import "lib" "sum" (func $sum (result i32)))
      (memory (export "memory") 1) (data (i32.const 4) "\05\00\00\00")
      (func (export "three") (result i32) (i32.const 3))
      (func (export "result") (result i32) (call $sum)))"#;
    let lib = r#"(module (import "env" "memory" (memory 1)) (import "env" "three" (func $three (result i32)))
      (data (i32.const 8) "\07")
      (func (export "sum") (result i32)
        (i32.add (call $three) (i32.add (i32.load (i32.const 4)) (i32.load (i32.const 8))))))"#;
    bench.write("main.wat", main)?;
    bench.write("lib.wat", lib)?;
    bench.aot(&["build", "-q", "main.wat", "--link", "lib=lib.wat", "--invoke", "result"])?.code(0)?;
    let outcome = bench.start("main", &[])?;
    ensure!(outcome.code(0)?.stdout == "15\n", "{}", outcome.stdout);
    Ok(())
}

/// A module that is linked by the name of a module of the host stands before it, and imports from the host.
fn interposition(bench: &Bench<'_>) -> Result<()> {
    let main = r#"(module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start") (call $exit (call $random (i32.const 0) (i32.const 4)))))"#;
    let before = r#"(module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "random_get") (param i32 i32) (result i32)
        (i32.add (i32.const 40) (call $random (local.get 0) (local.get 1)))))"#;
    bench.write("main.wat", main)?;
    bench.write("before.wat", before)?;
    bench.aot(&["build", "-q", "main.wat", "--link", "wasi_snapshot_preview1=before.wat"])?.code(0)?;
    bench.start("main", &[])?.code(40)?;
    Ok(())
}

/// What is linked decides what `run` takes from its cache.
fn cached(bench: &Bench<'_>) -> Result<()> {
    let main = r#"(module (import "lib" "code" (func $code (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (func (export "_start") (call $exit (call $code))))"#;
    bench.write("main.wat", main)?;
    for code in [3, 3, 4, 3] {
        bench.write(
            "lib.wat",
            format!(r#"(module (func (export "code") (result i32) (i32.const {code})))"#),
        )?;
        bench.aot(&["run", "--link", "lib=lib.wat", "main.wat", "--link", "x"])?.code(code)?;
    }
    Ok(())
}

fn inspected(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "main.wat",
        r#"(module (import "lib" "add" (func (param i32 i32) (result i32))) (func (export "_start")))"#,
    )?;
    bench.write("lib.wat", ADD)?;
    bench.aot(&["inspect", "main.wat"])?.code(0)?.stdout_has(&["build: would fail"])?;
    bench.aot(&["inspect", "main.wat", "--link", "lib=lib.wat"])?.code(0)?.stdout_has(&[
        "linked as lib: ",
        "memory of 1..2 pages",
        "build: would succeed",
    ])?;
    Ok(())
}
