//! Pre-initialisation: what an initialiser leaves is what the program begins with, whatever kind of state it is; what can't be
//! kept is an error that names it; nothing stays behind.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::{Bench, Mount, Outcome, names, test};
use crate::harness::{Skipped, Test};
use crate::programs::fetch;

/// Every kind of state. The program ends with the number of the first thing that isn't as the initialiser left it.
const KINDS: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (type $number (func (result i32)))
    (memory $first (export "memory") 1 10)
    (memory $second 1)
    (memory $wide i64 1 3)
    (table $written 4 20 funcref)
    (table $typed 2 (ref $number) (ref.func $one))
    (table $constant 2 funcref)
    (table $sparse 100000 funcref)
    (table $outside 2 externref)
    (elem (table $constant) (i32.const 0) func $one $two)
    (elem $passive func $one $two)
    (elem $dropped func $two)
    (elem declare func $three)
    (data (memory $first) (i32.const 0) "\08\00\00\00\03\00\00\00ok\0a")
    (data $later "later")
    (data $gone "gone")
    (global $starts (mut i32) (i32.const 0))
    (global $i32 (mut i32) (i32.const 1))
    (global $i64 (mut i64) (i64.const 1))
    (global $f32 (mut f32) (f32.const 1))
    (global $f64 (mut f64) (f64.const 1))
    (global $v128 (mut v128) (v128.const i64x2 1 1))
    (global $function (mut funcref) (ref.null func))
    (global $null (mut funcref) (ref.func $one))
    (global $outside (mut externref) (ref.null extern))
    (global $small (mut i31ref) (ref.null i31))
    (global $later (mut i32) (i32.const 7))
    (func $one (result i32) (i32.const 1))
    (func $two (result i32) (i32.const 2))
    (func $three (result i32) (i32.const 3))
    (start $start)
    (func $start (global.set $starts (i32.add (global.get $starts) (i32.const 1))))
    (func (export "_initialize") (global.set $starts (i32.add (global.get $starts) (i32.const 10))))
    (func (export "wizer-initialize")
        (global.set $starts (i32.add (global.get $starts) (i32.const 100)))
        (global.set $i32 (i32.const -5))
        (global.set $i64 (i64.const 0x123456789abcdef0))
        (global.set $f32 (f32.reinterpret_i32 (i32.const 0x7fa00001)))
        (global.set $f64 (f64.const -0))
        (global.set $v128 (v128.const i32x4 1 2 3 0xffffffff))
        (global.set $function (ref.func $three))
        (global.set $null (ref.null func))
        (global.set $outside (ref.null extern))
        (global.set $small (ref.i31 (i32.const -3)))
        (drop (memory.grow $first (i32.const 2)))
        (i32.store $first (i32.const 0x2fffc) (i32.const 11))
        (i32.store $second (i32.const 0xfffc) (i32.const 12))
        (drop (memory.grow $wide (i64.const 1)))
        (i64.store $wide (i64.const 0x1fff8) (i64.const 13))
        (table.init $written $passive (i32.const 0) (i32.const 1) (i32.const 1))
        (drop (table.grow $written (ref.func $three) (i32.const 3)))
        (table.set $typed (i32.const 1) (ref.func $two))
        (table.set $sparse (i32.const 99999) (ref.func $two))
        (table.set $outside (i32.const 1) (ref.null extern))
        (data.drop $gone)
        (elem.drop $dropped))
    (func $check (param $number i32) (param $right i32)
        (if (i32.eqz (local.get $right)) (then (call $exit (local.get $number)))))
    (func (export "_start")
        (call $check (i32.const 1) (i32.eq (global.get $starts) (i32.const 111)))
        (call $check (i32.const 2) (i32.eq (global.get $i32) (i32.const -5)))
        (call $check (i32.const 3) (i64.eq (global.get $i64) (i64.const 0x123456789abcdef0)))
        (call $check (i32.const 4) (i32.eq (i32.reinterpret_f32 (global.get $f32)) (i32.const 0x7fa00001)))
        (call $check (i32.const 5)
            (i64.eq (i64.reinterpret_f64 (global.get $f64)) (i64.const 0x8000000000000000)))
        (call $check (i32.const 6)
            (i8x16.all_true (i8x16.eq (global.get $v128) (v128.const i32x4 1 2 3 0xffffffff))))
        (table.set $written (i32.const 3) (global.get $function))
        (call $check (i32.const 7) (i32.eq (call_indirect $written (type $number) (i32.const 3)) (i32.const 3)))
        (call $check (i32.const 8) (ref.is_null (global.get $null)))
        (call $check (i32.const 9) (i32.eq (i31.get_s (global.get $small)) (i32.const -3)))
        (call $check (i32.const 10) (i32.eq (memory.size $first) (i32.const 3)))
        (call $check (i32.const 11) (i32.eq (i32.load $first (i32.const 0x2fffc)) (i32.const 11)))
        (call $check (i32.const 12) (i32.eq (i32.load $second (i32.const 0xfffc)) (i32.const 12)))
        (call $check (i32.const 13) (i64.eq (memory.size $wide) (i64.const 2)))
        (call $check (i32.const 14) (i64.eq (i64.load $wide (i64.const 0x1fff8)) (i64.const 13)))
        (call $check (i32.const 15) (i32.eq (memory.grow $first (i32.const 1)) (i32.const 3)))
        (call $check (i32.const 16) (i32.eqz (i32.load $first (i32.const 0x3fffc))))
        (call $check (i32.const 17) (i32.eq (table.size $written) (i32.const 7)))
        (call $check (i32.const 18) (i32.eq (call_indirect $written (type $number) (i32.const 0)) (i32.const 2)))
        (call $check (i32.const 19) (ref.is_null (table.get $written (i32.const 1))))
        (call $check (i32.const 20) (i32.eq (call_indirect $written (type $number) (i32.const 6)) (i32.const 3)))
        (call $check (i32.const 21) (i32.eq (call_indirect $typed (type $number) (i32.const 0)) (i32.const 1)))
        (call $check (i32.const 22) (i32.eq (call_indirect $typed (type $number) (i32.const 1)) (i32.const 2)))
        (call $check (i32.const 23) (i32.eq (call_indirect $constant (type $number) (i32.const 1)) (i32.const 2)))
        (call $check (i32.const 24)
            (i32.eq (call_indirect $sparse (type $number) (i32.const 99999)) (i32.const 2)))
        (call $check (i32.const 25) (ref.is_null (table.get $sparse (i32.const 99998))))
        (call $check (i32.const 26) (ref.is_null (table.get $outside (i32.const 1))))
        (memory.init $first $later (i32.const 100) (i32.const 0) (i32.const 5))
        (call $check (i32.const 27) (i32.eq (i32.load8_u $first (i32.const 104)) (i32.const 114)))
        (table.init $written $passive (i32.const 1) (i32.const 0) (i32.const 2))
        (call $check (i32.const 28) (i32.eq (call_indirect $written (type $number) (i32.const 1)) (i32.const 1)))
        (call $check (i32.const 29) (i32.eq (global.get $later) (i32.const 7)))
        (global.set $later (i32.const 8))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))
    (func (export "dropped-data") (memory.init $first $gone (i32.const 0) (i32.const 0) (i32.const 1)))
    (func (export "dropped-elements") (table.init $written $dropped (i32.const 0) (i32.const 0) (i32.const 1))))"#;

pub fn tests() -> Vec<Test> {
    let mut tests = vec![
        test("preinit/every kind of state", kinds),
        test("preinit/other targets", other_targets),
        test("preinit/which function is called", which),
        test("preinit/renames", renames),
        test("preinit/linked modules", linked),
        test("preinit/a library", library),
        test("preinit/what the initialiser is granted", grants),
        test("preinit/an initialiser that replaces its state by a link", link),
        test("preinit/two builds are equal", equal),
        test("preinit/a large memory that is empty", large),
        test("preinit/a full disk", full),
        test("preinit/an initialiser that doesn't end", endless),
        test("preinit/an interrupt ends the initialiser", interrupted),
        test("preinit/components", component),
        test("preinit/a program in C, as wasmtime's wizer leaves it", as_wizer),
    ];
    tests.extend(
        FAILURES
            .iter()
            .map(|failure| test(&format!("preinit/{}", failure.name), |bench| failure.check(bench))),
    );
    tests
}

fn kinds(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", KINDS)?;
    for flags in [&[][..], &["--memory-guard=none"], &["-O0"], &["--no-pie"], &["--max-memory=1MiB"]] {
        bench.aot(&[&["build", "a.wat", "--preinit"], flags].concat())?.code(0)?;
        bench.start("a", &[])?.code(0)?.stdout_has(&["ok\n"])?;
    }
    for (export, trap) in
        [("dropped-data", "out of bounds memory"), ("dropped-elements", "out of bounds table")]
    {
        bench.aot(&["build", "a.wat", "--preinit", "--invoke", export])?.code(0)?;
        bench.start("a", &[])?.code(134)?.stderr_has(&[trap])?;
    }
    Ok(())
}

fn other_targets(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", KINDS)?;
    for target in ["x86_64-windows", "aarch64-windows"] {
        bench.aot(&["build", "a.wat", "--preinit", "--target", target])?.code(0)?;
    }
    let vectors = &["-cpu", "rv64,v=true,vext_spec=v1.0"][..];
    for (isa, flags) in [("aarch64", &[][..]), ("riscv64", vectors), ("s390x", &[])] {
        let target = format!("{isa}-linux");
        bench.aot(&["build", "a.wat", "--preinit", "--target", &target, "-o", "out"])?.code(0)?;
        bench.tool(&format!("qemu-{isa}"), &[flags, &["./out"]].concat())?.code(0)?.stdout_has(&["ok\n"])?;
    }
    Ok(())
}

/// Exports functions that initialise, under other names; ends with what they have added up to.
const NAMES: &str = r#"(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (global $sum (mut i32) (i32.const 0))
    (func $add (param i32) (global.set $sum (i32.add (global.get $sum) (local.get 0))))
    (func (export "_initialize") (call $add (i32.const 1)))
    (func (export "wizer.initialize") (call $add (i32.const 2)))
    (func (export "other") (call $add (i32.const 4)))
    (func (export "takes") (param i32))
    (func (export "wizer.resume") (call $exit (i32.add (i32.const 100) (global.get $sum))))
    (func (export "_start") (call $exit (global.get $sum))))"#;

fn which(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", NAMES)?;
    let advice = "--preinit=NAME calls another one";
    bench.aot(&["build", "a.wat", "--preinit"])?.failed(&["`wizer-initialize`", "other", advice])?;
    bench.aot(&["build", "a.wat", "--preinit=takes"])?.failed(&["takes", "without parameters"])?;
    bench.has_only(&["a.wat"])?;
    for (export, sum) in [("wizer.initialize", 3), ("other", 5), ("_initialize", 1)] {
        bench.aot(&["build", "a.wat", &format!("--preinit={export}")])?.code(0)?;
        bench.start("a", &[])?.code(sum)?;
    }
    bench.aot(&["build", "a.wat"])?.code(0)?;
    bench.start("a", &[])?.code(0)?;
    bench.aot(&["build", "a.wat", "--preinit-dir", "."])?.code(2)?;
    Ok(())
}

fn renames(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", NAMES)?;
    let build = |rename| bench.aot(&["build", "a.wat", "--preinit=other", "--preinit-rename", rename]);
    build("_start=wizer.resume")?.code(0)?;
    bench.start("a", &[])?.code(105)?;
    build("_start=nothing")?.failed(&["nothing", "can't be renamed"])?;
    build("_start")?.code(2)?.stderr_has(&["NEW=OLD"])?;
    Ok(())
}

fn linked(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "lib.wat",
        r#"(module (memory (export "memory") 1) (global (export "count") (mut i32) (i32.const 0))
            (func (export "_initialize") (global.set 0 (i32.add (global.get 0) (i32.const 1))))
            (func (export "add") (param i32) (global.set 0 (i32.add (global.get 0) (local.get 0)))
                (i32.store (i32.const 65532) (local.get 0))))"#,
    )?;
    bench.write(
        "a.wat",
        r#"(module (import "lib" "add" (func $add (param i32))) (import "lib" "count" (global $count (mut i32)))
            (import "lib" "memory" (memory 1))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (func (export "wizer-initialize") (call $add (i32.const 20)))
            (func (export "_start")
                (call $exit (i32.add (global.get $count) (i32.load (i32.const 65532))))))"#,
    )?;
    bench.aot(&["build", "a.wat", "--link", "lib=lib.wat", "--preinit"])?.code(0)?;
    bench.start("a", &[])?.code(41)?;
    Ok(())
}

fn library(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "a.wat",
        r#"(module (import "env" "callback" (func $callback (param i32)))
            (memory (export "memory") 1) (global $state (mut i32) (i32.const 1))
            (table 2 funcref) (elem declare func $three)
            (func $three (result i32) (i32.const 3))
            (func (export "_initialize") (global.set $state (i32.const 10)))
            (func (export "wizer-initialize") (global.set $state (i32.add (global.get $state) (i32.const 20)))
                (table.set (i32.const 1) (ref.func $three)) (i32.store (i32.const 64) (i32.const 400)))
            (func (export "sum") (result i32) (call $callback (i32.load (i32.const 64)))
                (i32.add (global.get $state) (call_indirect (result i32) (i32.const 1)))))"#,
    )?;
    bench.write(
        "main.c",
        r#"#include "state.h"
            static int32_t seen;
            void state_import_env_callback(int32_t value) { seen = value; }
            int main(void) {
                int32_t first = 0, second = 0;
                if (state_instantiate(0) || state_sum(&first) || state_reset() || state_sum(&second)) return 1;
                return first == 33 && second == 33 && seen == 400 ? 0 : 2;
            }"#,
    )?;
    bench
        .aot(&[
            "build",
            "a.wat",
            "--preinit",
            "--emit",
            "staticlib",
            "--prefix",
            "state",
            "-o",
            "libstate.a",
        ])?
        .code(0)?;
    let header = std::fs::read_to_string(bench.path("state.h"))?;
    ensure!(!header.contains("wizer"), "the initialiser is still in the interface:\n{header}");
    bench.tool("cc", &["main.c", "libstate.a", "-o", "main"])?.code(0)?;
    bench.start("main", &[])?.code(0)?;
    Ok(())
}

/// Reads `/data/file` and the environment, the time and random bytes; `$read` is called when it is initialised. The program
/// prints what it has then, which is 64 bytes.
fn reader(close: &str) -> String {
    format!(
        r#"(module
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "file\00\00\00\00\80\00\00\00\08\00\00\00\80\00\00\00\40\00\00\00")
    (func $must (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
    (func (export "wizer-initialize")
        (call $must (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0)
            (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))
        (call $must (call $fd_read (i32.load (i32.const 32)) (i32.const 8) (i32.const 1) (i32.const 36)))
        {close}
        (call $must (call $environ (i32.const 512) (i32.const 0x88)))
        (call $must (call $time (i32.const 0) (i64.const 0) (i32.const 0xa0)))
        (call $must (call $time (i32.const 1) (i64.const 0) (i32.const 0xa8)))
        (call $must (call $random (i32.const 0xb0) (i32.const 13))))
    (func (export "_start") (call $must (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 36)))))"#
    )
}

const CLOSE: &str = "(call $must (call $close (i32.load (i32.const 32))))";

fn grants(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", reader(CLOSE))?;
    std::fs::create_dir(bench.path("data"))?;
    bench.write("data/file", "contents")?;
    bench.aot(&["build", "a.wat", "--preinit"])?.failed(&["ended the program with exit code 8"])?;
    for grant in [
        ["--preinit-dir", "data::/data:ro"],
        ["--preinit-bundle", "data::/data"],
        ["--bundle", "data::/data"],
    ] {
        let flags = ["build", "a.wat", "--preinit", "--preinit-env", "KEY=value"];
        bench.aot(&[&flags[..], &grant].concat())?.code(0)?;
        bench.start("a", &[])?.code(0)?.stdout_has(&["contentsKEY=value\0"])?;
    }
    bench
        .aot(&["build", "a.wat", "--preinit", "--preinit-dir", "nowhere"])?
        .code(1)?
        .stderr_has(&["nowhere", "no such directory"])?;
    bench.write("a.wat", reader(""))?;
    let open = bench.aot(&["build", "a.wat", "--preinit", "--preinit-dir", "data", "-o", "out"])?;
    open.failed(&["file descriptor 4 is still open"])?;
    ensure!(!bench.path("out").exists(), "there is an output");
    Ok(())
}

/// Puts a link in the place of each file `state` one level below its directory, and exits with 7 if there is none.
const LINKS: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_readdir" (func $entries (param i32 i32 i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_symlink" (func $link (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "../../victim/state")
    (func (export "_start"))
    (func (export "wizer-initialize") (local $entry i32) (local $length i32) (local $links i32)
        (drop (call $entries (i32.const 3) (i32.const 1024) (i32.const 60000) (i64.const 0) (i32.const 0)))
        (local.set $entry (i32.const 1024))
        (loop $next
            (if (i32.lt_u (i32.add (local.get $entry) (i32.const 24)) (i32.add (i32.const 1024) (i32.load (i32.const 0))))
                (then
                    (local.set $length (i32.load offset=16 (local.get $entry)))
                    (local.set $entry (i32.add (local.get $entry) (i32.const 24)))
                    (memory.copy (i32.const 128) (local.get $entry) (local.get $length))
                    (memory.copy (i32.add (i32.const 128) (local.get $length)) (i32.const 28) (i32.const 6))
                    (if (i32.eqz (call $unlink (i32.const 3) (i32.const 128) (i32.add (local.get $length) (i32.const 6))))
                        (then (local.set $links (i32.or (local.get $links) (i32.eqz
                            (call $link (i32.const 16) (i32.const 18) (i32.const 3)
                                (i32.const 128) (i32.add (local.get $length) (i32.const 6))))))))
                    (local.set $entry (i32.add (local.get $entry) (local.get $length)))
                    (br $next))))
        (if (i32.eqz (local.get $links)) (then (call $exit (i32.const 7))))))"#;

/// Whoever grants the directory for temporary files lets the initialiser reach the file that its state is for.
fn link(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", LINKS)?;
    for directory in ["tmp", "victim"] {
        std::fs::create_dir(bench.path(directory))?;
    }
    bench.write("victim/state", "precious")?;
    let mut build = bench.command(&["build", "a.wat", "--preinit", "--preinit-dir", "tmp"]);
    Outcome::of(build.env("TMPDIR", bench.path("tmp")).output()?).code(0)?;
    ensure!(
        std::fs::read(bench.path("victim/state"))? == b"precious",
        "a file beyond the grant is overwritten"
    );
    bench.start("a", &[])?.code(0)?;
    Ok(())
}

fn equal(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", reader(CLOSE))?;
    std::fs::create_dir(bench.path("data"))?;
    bench.write("data/file", "contents")?;
    let build = |output: &str, threads: &str| {
        let grant = ["--preinit-dir", "data", "--preinit-env", "A=b"];
        bench
            .aot(&[&["build", "a.wat", "--preinit", "-o", output, "-j", threads], &grant[..]].concat())?
            .code(0)?;
        std::fs::read(bench.path(output)).context("no output")
    };
    ensure!(build("one", "1")? == build("two", "2")?, "two builds differ");
    Ok(())
}

fn large(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "a.wat",
        r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (func (export "wizer-initialize") (drop (memory.grow (i32.const 16000)))
                (i32.store (i32.const 0x3e800000) (i32.const 5)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0x1000000)))
            (func (export "_start")
                (call $exit (i32.add (i32.load (i32.const 0x3e800000)) (i32.eq (memory.size) (i32.const 16001))))))"#,
    )?;
    bench.aot(&["build", "a.wat", "--preinit"])?.code(0)?;
    bench.start("a", &[])?.code(6)?;
    let bytes = bench.path("a").metadata()?.len();
    ensure!(bytes < 40_000, "the executable has {bytes} bytes");
    Ok(())
}

fn full(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "a.wat",
        r#"(module (memory (export "memory") 100)
            (func (export "wizer-initialize") (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x400000))))"#,
    )?;
    let mount = Mount::new(bench.path("small"), "size=1m")?;
    let mut build = bench.command(&["build", "a.wat", "--preinit", "-o", "out"]);
    let outcome = Outcome::of(build.env("TMPDIR", bench.path("small")).output()?);
    outcome.code(1)?.stderr_has(&["can't be written (is the disk full?)", "error: "])?;
    ensure!(!bench.path("out").exists(), "there is an output");
    let left = names(&bench.path("small"))?;
    ensure!(left.is_empty(), "{left:?} stays in the temporary directory");
    drop(mount);
    Ok(())
}

const ENDLESS: &str =
    r#"(module (memory (export "memory") 1) (func (export "wizer-initialize") (loop (br 0))))"#;

fn endless(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", ENDLESS)?;
    let outcome = bench.aot(&["build", "a.wat", "--preinit", "--preinit-timeout", "200ms", "-o", "out"])?;
    outcome.code(1)?.stderr_has(&["`wizer-initialize` trapped"])?;
    bench.has_only(&["a.wat"])
}

fn interrupted(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", ENDLESS)?;
    let temporary = bench.path("temporary");
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGKILL] {
        std::fs::create_dir_all(&temporary)?;
        let mut build = bench.command(&["build", "a.wat", "--preinit", "-o", "out"]);
        build.env("TMPDIR", &temporary).stdout(Stdio::null()).stderr(Stdio::null());
        let mut build = build.spawn()?;
        // The program runs once its name is there and it is a child.
        let started = Instant::now();
        let child = loop {
            ensure!(started.elapsed() < Duration::from_secs(30), "the initialiser wasn't started");
            std::thread::sleep(Duration::from_millis(20));
            let threads = names(std::path::Path::new(&format!("/proc/{}/task", build.id())))?;
            let child = threads.iter().find_map(|thread| {
                let of = format!("/proc/{}/task/{thread}/children", build.id());
                std::fs::read_to_string(of).ok()?.split_whitespace().next()?.parse::<u32>().ok()
            });
            if let Some(child) = child {
                break child;
            }
        };
        // SAFETY: the process is ours, and hasn't been waited for.
        unsafe { libc::kill(build.id() as i32, signal) };
        let status = build.wait()?;
        ensure!(status.signal() == Some(signal), "it ended with {status}");
        let started = Instant::now();
        while std::path::Path::new(&format!("/proc/{child}")).exists() {
            ensure!(started.elapsed() < Duration::from_secs(5), "the initialiser still runs");
            std::thread::sleep(Duration::from_millis(20));
        }
        ensure!(!bench.path("out").exists(), "there is an output");
        if signal != libc::SIGKILL {
            let left = names(&temporary)?;
            ensure!(left.is_empty(), "{left:?} stays in the temporary directory");
        }
    }
    Ok(())
}

/// The executable is the same as that of the module which wasmtime makes of the program, as far as wasmtime can.
fn as_wizer(bench: &Bench<'_>) -> Result<()> {
    let fetched = fetch::fetch(["wasmtime"], ["preinit"])?;
    let skipped = |error: anyhow::Error| Skipped(format!("{error:#}"));
    let module = fetched.module("preinit").map_err(skipped)?;
    std::fs::copy(module, bench.path("a.wasm"))?;
    bench.aot(&["build", "a.wasm", "-o", "plain"])?.code(0)?;
    let prints = ": 17984 primes, word-0 to word-999799178, ";
    bench.start("plain", &["4"])?.code(0)?.stdout_has(&[&format!("not prepared{prints}8\n")])?;
    bench.aot(&["build", "a.wasm", "--preinit", "--preinit-env", "SQUARE=1", "-o", "square"])?.code(0)?;
    bench.start("square", &["4"])?.code(0)?.stdout_has(&[&format!("prepared{prints}16\n")])?;
    bench.aot(&["build", "a.wasm", "--preinit", "--strip", "-o", "ours"])?.code(0)?;
    bench.start("ours", &["4"])?.code(0)?.stdout_has(&[&format!("prepared{prints}8\n")])?;
    let wasmtime = fetched.tool("wasmtime").map_err(skipped)?;
    let mut wizer = Command::new(wasmtime);
    wizer.args(["wizer", "-Scli", "a.wasm", "-o", "theirs.wasm"]).current_dir(bench.directory);
    Outcome::of(wizer.output()?).code(0)?;
    bench.aot(&["build", "theirs.wasm", "--strip", "-o", "theirs"])?.code(0)?;
    let [ours, theirs] = ["ours", "theirs"].map(|name| std::fs::read(bench.path(name)));
    ensure!(ours? == theirs?, "the executables differ");
    Ok(())
}

fn component(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", "(component)")?;
    bench.aot(&["build", "a.wat", "--preinit"])?.failed(&["--preinit isn't supported for components yet"])?;
    Ok(())
}

/// A build that fails because of what its initialiser does.
struct Failure {
    name: &'static str,
    /// The fields of the module, but for its memory.
    module: &'static str,
    words: &'static [&'static str],
}

impl Failure {
    fn check(&self, bench: &Bench<'_>) -> Result<()> {
        let memory = if self.module.contains("(memory") { "" } else { r#"(memory (export "memory") 1)"# };
        bench.write("a.wat", format!("(module {} {memory})", self.module))?;
        let outcome = bench.aot(&["build", "a.wat", "--preinit", "-o", "out"])?;
        outcome.code(1)?.stderr_has(self.words)?.stderr_has(&["error: "])?;
        bench.has_only(&["a.wat"])
    }
}

const FAILURES: [Failure; 12] = [
    Failure {
        name: "a trap",
        module: r#"(func (export "wizer-initialize") unreachable)"#,
        words: &["unreachable", "`wizer-initialize` trapped instead of returning"],
    },
    Failure {
        name: "a trap of the start function",
        module: r#"(start $s) (func $s unreachable) (func (export "wizer-initialize"))"#,
        words: &["unreachable", "trapped instead of returning"],
    },
    Failure {
        name: "an exit",
        module: r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (func (export "wizer-initialize") (call $exit (i32.const 3)))"#,
        words: &["ended the program with exit code 3 instead of returning"],
    },
    Failure {
        name: "an exit with success",
        module: r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (func (export "wizer-initialize") (call $exit (i32.const 0)))"#,
        words: &["ended the program with exit code 0 instead of returning"],
    },
    Failure {
        name: "an exception",
        module: r#"(tag $t) (func (export "wizer-initialize") (throw $t))"#,
        words: &["trapped instead of returning"],
    },
    Failure {
        name: "a stream that was closed",
        module: r#"(import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
            (func (export "wizer-initialize") (drop (call $close (i32.const 1))))"#,
        words: &["file descriptor 1 no longer is the standard stream"],
    },
    Failure {
        name: "an object in a global",
        module: r#"(type $s (struct)) (global (mut i32) (i32.const 0)) (global $g (mut anyref) (ref.null any))
            (func (export "wizer-initialize") (global.set $g (struct.new $s)))"#,
        words: &["global 1 refers to an object"],
    },
    Failure {
        name: "an object in an immutable global",
        module: r#"(type $s (struct)) (global $g (ref $s) (struct.new $s))
            (func (export "wizer-initialize") (drop (global.get $g)))"#,
        words: &["global 0 refers to an object"],
    },
    Failure {
        name: "an object in a table",
        module: r#"(type $s (struct)) (table $t 4 anyref)
            (func (export "wizer-initialize") (table.set $t (i32.const 2) (struct.new $s)))"#,
        words: &["element 2 of table 0 refers to an object"],
    },
    Failure {
        name: "an object as an external reference",
        module: r#"(type $s (struct)) (global $g (mut externref) (ref.null extern))
            (func (export "wizer-initialize") (global.set $g (extern.convert_any (struct.new $s))))"#,
        words: &["global 0 refers to"],
    },
    Failure {
        name: "an exception in a global",
        module: r#"(tag $t) (global $g (mut exnref) (ref.null exn))
            (func (export "wizer-initialize")
                (block $caught (result exnref) (try_table (catch_all_ref $caught) (throw $t)) unreachable)
                (global.set $g))"#,
        words: &["global 0 refers to an exception"],
    },
    Failure {
        name: "a shared memory",
        module: r#"(memory (export "memory") 1 2 shared) (func (export "wizer-initialize"))"#,
        words: &["isn't supported for a program with a shared memory"],
    },
];
