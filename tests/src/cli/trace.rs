//! `--trace` and `WASM_AOT_TRACE=wasi`: what is printed, and by which programs.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::run::{FILES, prints};
use super::{Bench, Outcome, test};
use crate::harness::Test;

/// Calls with every kind of parameter, in an order that gives fixed results. Descriptor 3 is a directory that
/// has `file` and a link out of it.
const CALLS: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get" (func $filestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fdstat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread" (func $pread (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_readlink"
    (func $readlink (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink" (func $symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "file../outlink\1b\"\n")
  ;; Two arrays of iovec and two subscriptions.
  (data (i32.const 200) "\64\00\00\00\04\00\00\00\6e\00\00\00\03\00\00\00")
  (data (i32.const 216) "\e8\03\00\00\03\00\00\00\f4\03\00\00\40\00\00\00")
  (data (i32.const 320) "\01\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\00\e4\0b\54\02")
  (data (i32.const 368) "\02\00\00\00\00\00\00\00\02\00\00\00\00\00\00\00\01")
  (func (export "_start")
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (drop (call $open (i32.const 3) (i32.const 1) (i32.const 100) (i32.const 4) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 5) (i32.const 8)))
    (drop (call $open (i32.const 3) (i32.const 0) (i32.const 104) (i32.const 6) (i32.const 9)
      (i64.const 0x3ffffffd) (i64.const 0x3fffffff) (i32.const 0) (i32.const 8)))
    (drop (call $open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 5) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8)))
    (drop (call $filestat (i32.const 4) (i32.const 400)))
    (drop (call $fdstat (i32.const 4) (i32.const 400)))
    (drop (call $pread (i32.const 4) (i32.const 216) (i32.const 2) (i64.const 1) (i32.const 16)))
    (drop (call $seek (i32.const 4) (i64.const -1) (i32.const 2) (i32.const 16)))
    (drop (call $seek (i32.const 4) (i64.const -1) (i32.const 7) (i32.const 16)))
    (drop (call $readlink (i32.const 3) (i32.const 110) (i32.const 4) (i32.const 500) (i32.const 64)
      (i32.const 16)))
    (drop (call $symlink (i32.const 100) (i32.const 4) (i32.const 3) (i32.const 110) (i32.const 7)))
    (drop (call $mkdir (i32.const 9) (i32.const -1) (i32.const 0)))
    (drop (call $mkdir (i32.const 9) (i32.const 65535) (i32.const 1)))
    (drop (call $poll (i32.const 320) (i32.const 600) (i32.const 2) (i32.const 16)))
    (drop (call $random (i32.const 600) (i32.const 5)))
    (drop (call $yield))
    (drop (call $write (i32.const 1) (i32.const 200) (i32.const 2) (i32.const 16)))
    (drop (call $write (i32.const 77) (i32.const 200) (i32.const 1) (i32.const 16)))
    (call $exit (i32.const 3))))"#;

const PRINTED: &str = r#"args_sizes_get() = 0 -> 1, 6
path_open(fd: 3, dirflags: symlink_follow, path: "file", oflags: 0, fs_rights_base: fd_read, fs_rights_inheriting: 0, fdflags: append|nonblock) = 0 -> 4
path_open(fd: 3, dirflags: 0, path: "../out", oflags: creat|trunc, fs_rights_base: all but fd_read, fs_rights_inheriting: all, fdflags: 0) = PERM
path_open(fd: 3, dirflags: 0, path: "file.", oflags: 0, fs_rights_base: fd_read, fs_rights_inheriting: 0, fdflags: 0) = NOENT
fd_filestat_get(fd: 4) = 0 -> {filetype: regular_file, size: 45}
fd_fdstat_get(fd: 4) = 0 -> {filetype: regular_file, flags: append|nonblock}
fd_pread(fd: 4, iovs: [3, 64], offset: 1) = 0 -> 44 "ont"...
fd_seek(fd: 4, offset: -1, whence: end) = 0 -> 44
fd_seek(fd: 4, offset: -1, whence: 7) = INVAL
path_readlink(fd: 3, path: "link", buf: 64 bytes) = 0 -> "../outside"
path_symlink(old_path: "file", fd: 3, new_path: "link\x1b\"\n") = 0
path_create_directory(fd: 9, path: "") = BADF
path_create_directory(fd: 9, path: "\x00") = BADF
poll_oneoff(in: [clock(monotonic, 10000000000), fd_write(1)], out: 0x258, nsubscriptions: 2) = 0 -> 1
random_get(buf: 5 bytes) = 0
sched_yield() = 0
fd_write(fd: 1, iovs: ["file", "lin"]) = 0 -> 7
fd_write(fd: 77, iovs: ["file"]) = BADF
proc_exit(rval: 3)
"#;

pub fn tests() -> Vec<Test> {
    vec![
        test("trace/what is printed", printed),
        test("trace/only programs built for it", chosen),
        test("trace/run", run),
        test("trace/component", component),
        test("trace/traps", traps),
        test("trace/functions of other kinds", kinds),
    ]
}

/// Runs a program of the directory with tracing.
fn trace(bench: &Bench<'_>, name: &str) -> Result<Outcome> {
    let mut command = Command::new(bench.path(name));
    Ok(Outcome::of(command.current_dir(bench.directory).env("WASM_AOT_TRACE", "wasi").output()?))
}

fn printed(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", CALLS)?;
    bench
        .shell("mkdir d && printf 'contents that are longer than what is shown.\n' >d/file && ln -s ../outside d/link")?
        .code(0)?;
    bench.aot(&["build", "a.wat", "--dir", "d", "--arg0", "a.exe", "--trace"])?.code(0)?;
    let outcome = trace(bench, "a")?;
    ensure!(outcome.code(3)?.stderr == PRINTED, "{}", crate::filetests::diff(PRINTED, &outcome.stderr));
    prints(&outcome, "filelin")
}

/// Without the option there is nothing of it in the program; with it, nothing happens unless the user says so. A
/// policy file says the same.
fn chosen(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", super::invalid::MODULE)?;
    bench.write("policy.toml", "trace = true\nallow-override = false")?;
    bench.aot(&["build", "a.wat", "-o", "without"])?.code(0)?;
    bench.aot(&["build", "a.wat", "-o", "locked", "--lock-policy"])?.code(0)?;
    bench.aot(&["build", "a.wat", "-o", "with", "--trace"])?.code(0)?;
    bench.aot(&["build", "a.wat", "-o", "file", "--policy", "policy.toml"])?.code(0)?;
    for name in ["without", "locked"] {
        let program = std::fs::read(bench.path(name))?;
        let has = |word: &str| program.windows(word.len()).any(|window| window == word.as_bytes());
        ensure!(!has("WASM_AOT_TRACE") && !has("fd_write("), "{name} has code for tracing");
        ensure!(trace(bench, name)?.stderr.is_empty());
        ensure!(!bench.aot(&["inspect", name])?.stdout.contains("trace"));
    }
    for name in ["with", "file"] {
        ensure!(bench.start(name, &[])?.stderr.is_empty());
        let shown = trace(bench, name)?.stderr;
        ensure!(shown.starts_with("fd_write(fd: 1, iovs: ["), "{name}: {shown}");
        bench.aot(&["inspect", name])?.stdout_has(&["trace = true\n"])?;
    }
    let mut other = Command::new(bench.path("with"));
    let outcome = Outcome::of(other.env("WASM_AOT_TRACE", "no").output()?);
    ensure!(outcome.stderr.is_empty(), "{}", outcome.stderr);
    Ok(())
}

/// `run` builds with it if the variable is set, and without it again.
fn run(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", FILES)?;
    let run = |value: &str| -> Result<Outcome> {
        Ok(Outcome::of(bench.command(&["run", "a.wat"]).env("WASM_AOT_TRACE", value).output()?))
    };
    ensure!(run("")?.code(108)?.stderr.is_empty());
    // Nothing is granted.
    for _ in 0..2 {
        prints(run("wasi")?.code(108)?, "")?;
        let expected = "fd_prestat_get(fd: 3) = BADF\nproc_exit(rval: 108)\n";
        ensure!(run("wasi")?.stderr == expected, "{}", run("wasi")?.stderr);
    }
    ensure!(run("")?.code(108)?.stderr.is_empty());
    run("all")?.failed(&["WASM_AOT_TRACE takes `wasi`, `gc` or `wasi,gc`, not `all`"])?;
    Ok(())
}

/// What a component calls, by the names of its type; what it returns in memory; what a call that doesn't return is given.
fn component(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "c.wat",
        r#"(component
             (import "wasi:cli/exit@0.2.0" (instance $exit (export "exit" (func (param "status" (result))))))
             (import "wasi:random/random@0.2.0" (instance $random
               (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
             (core module $libc
               (memory (export "m") 1)
               (func (export "r") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
             (core instance $libc (instantiate $libc))
             (core func $exit (canon lower (func $exit "exit")))
             (core func $bytes (canon lower (func $random "get-random-bytes")
               (memory (core memory $libc "m")) (realloc (core func $libc "r"))))
             (core module $main
               (import "" "exit" (func $exit (param i32)))
               (import "" "bytes" (func $bytes (param i64 i32)))
               (func (export "run") (result i32)
                 (call $bytes (i64.const 5) (i32.const 16)) (call $exit (i32.const 1)) (i32.const 0)))
             (core instance $main (instantiate $main
               (with "" (instance (export "exit" (func $exit)) (export "bytes" (func $bytes))))))
             (func $run (result (result)) (canon lift (core func $main "run")))
             (instance $run (export "run" (func $run)))
             (export "wasi:cli/run@0.2.0" (instance $run)))"#,
    )?;
    bench.aot(&["build", "c.wat", "--trace"])?.code(0)?;
    let outcome = trace(bench, "c")?;
    let expected = "get-random-bytes(len: 5)\nexit(status: 1)\n";
    ensure!(outcome.code(1)?.stderr == expected, "{}", outcome.stderr);
    Ok(())
}

/// The call that traps is in the backtrace.
fn traps(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "a.wat",
        r#"(module
             (import "wasi_snapshot_preview1" "path_create_directory"
               (func $mkdir (param i32 i32 i32) (result i32)))
             (memory (export "memory") 1)
             (func (export "_start") (drop (call $mkdir (i32.const 3) (i32.const -1) (i32.const 5)))))"#,
    )?;
    bench.aot(&["build", "a.wat", "--dir", ".", "--trace"])?.code(0)?;
    trace(bench, "a")?
        .code(134)?
        .stderr_has(&["out of bounds memory access", "0: wasi_snapshot_preview1.path_create_directory\n"])?;
    Ok(())
}

/// Functions behind a table, of preview 0, of a bundle, and of wasi-threads.
fn kinds(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "old.wat",
        r#"(module
             (import "wasi_unstable" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
             (import "wasi_unstable" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
             (memory (export "memory") 1)
             (data (i32.const 40) "\00\00\00\00\00\00\00\00\5a\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\07")
             (func (export "_start")
               (drop (call $seek (i32.const 9) (i64.const 0) (i32.const 1) (i32.const 0)))
               (drop (call $poll (i32.const 32) (i32.const 200) (i32.const 1) (i32.const 100)))))"#,
    )?;
    bench.aot(&["build", "old.wat", "--trace"])?.code(0)?;
    let shown = trace(bench, "old")?.stderr;
    let expected = "fd_seek(fd: 9, offset: 0, whence: end) = BADF\n\
                    poll_oneoff(in: [clock(monotonic, 7)], out: 0xc8, nsubscriptions: 1) = 0 -> 1\n";
    ensure!(shown == expected, "{shown}");
    bench.write(
        "table.wat",
        r#"(module
             (type $type (func (param i32) (result i32)))
             (import "wasi_snapshot_preview1" "fd_close" (func $close (type $type)))
             (table 1 1 funcref) (elem (i32.const 0) $close)
             (memory (export "memory") 1)
             (func (export "_start")
               (drop (call_indirect (type $type) (i32.const 9) (i32.const 0)))))"#,
    )?;
    bench.aot(&["build", "table.wat", "--trace"])?.code(0)?;
    let shown = trace(bench, "table")?.stderr;
    ensure!(shown == "fd_close(fd: 9) = BADF\n", "{shown}");
    std::fs::create_dir(bench.path("tree"))?;
    bench.write("tree/file", "contents\n")?;
    bench.write("bundle.wat", FILES)?;
    bench.aot(&["build", "bundle.wat", "--trace", "--bundle", "tree::/d"])?.code(0)?;
    trace(bench, "bundle")?.code(63)?.stderr_has(&[
        "fd_prestat_get(fd: 3) = 0 -> {name_len: 2}\n",
        "fd_prestat_dir_name(fd: 3, path: 2 bytes) = 0 -> \"/d\"\n",
        "fd_read(fd: 4, iovs: [1000]) = 0 -> 9 \"contents\\n\"\n",
        "path: \"new\", oflags: creat, fs_rights_base: fd_write, ",
        " = PERM\nproc_exit(rval: 63)\n",
    ])?;
    bench.write(
        "thread.wat",
        r#"(module
             (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
             (import "env" "memory" (memory 1 1 shared))
             (export "memory" (memory 0))
             (func (export "wasi_thread_start") (param i32 i32))
             (func (export "_start") (drop (call $spawn (i32.const 5)))))"#,
    )?;
    bench.aot(&["build", "thread.wat", "--trace"])?.code(0)?;
    let shown = trace(bench, "thread")?.stderr;
    let line = shown.strip_prefix("thread-spawn(start_arg: 5) = ").context("another line")?;
    ensure!(line.trim_end().parse::<i32>()? > 0, "{shown}");
    Ok(())
}
