//! `wasm-aot run`: the cache, and what is passed to the program. The programs here get at
//! arguments, environment and files through WASI.

use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

use super::build::check_sample;
use super::invalid::MODULE;
use super::{Bench, Outcome, test};
use crate::harness::Test;

/// Prints its arguments, then its environment, an item a line, and exits with the number of
/// arguments.
pub const ECHO: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 4)
  (func $print (param $at i32) (param $length i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (i32.store (i32.const 16) (local.get $at))
    (i32.store (i32.const 20) (local.get $length))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end))
        (then
          (if (i32.eqz (i32.load8_u (local.get $at))) (then (i32.store8 (local.get $at) (i32.const 10))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))
  (func (export "_start")
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 1024) (i32.const 65536)))
    (call $print (i32.const 65536) (i32.load (i32.const 4)))
    (drop (call $env_sizes (i32.const 8) (i32.const 12)))
    (drop (call $env (i32.const 1024) (i32.const 65536)))
    (call $print (i32.const 65536) (i32.load (i32.const 12)))
    (call $exit (i32.load (i32.const 0)))))"#;

/// Opens `file` in the first granted directory (fd 3), prints it, and exits with the error number
/// of an attempt to create `new` there.
pub const FILES: &str = r#"(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "filenew")
  (func $check (param i32) (if (local.get 0) (then (call $exit (i32.add (local.get 0) (i32.const 100))))))
  (func $write (param i32 i32)
    (i32.store (i32.const 0) (local.get 0))
    (i32.store (i32.const 4) (local.get 1))
    (call $check (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start")
    (call $check (call $prestat (i32.const 3) (i32.const 16)))
    (call $check (call $name (i32.const 3) (i32.const 200) (i32.load (i32.const 20))))
    (call $write (i32.const 200) (i32.load (i32.const 20)))
    (i32.store8 (i32.const 300) (i32.const 58))
    (call $write (i32.const 300) (i32.const 1))
    (call $check (call $open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 4) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 24)))
    (i32.store (i32.const 0) (i32.const 400))
    (i32.store (i32.const 4) (i32.const 1000))
    (call $check (call $fd_read (i32.load (i32.const 24)) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $write (i32.const 400) (i32.load (i32.const 8)))
    (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 104) (i32.const 3) (i32.const 1)
      (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 24)))))"#;

pub fn tests() -> Vec<Test> {
    vec![
        test("run/exit code and output", |bench| {
            bench.write("a.wat", MODULE)?;
            check_sample(&bench.aot(&["run", "a.wat"])?)?;
            bench.has_only(&["a.wat", "cache"])
        }),
        test("run/trap", |bench| {
            bench.write("a.wat", r#"(module (func (export "_start") unreachable))"#)?;
            bench.aot(&["run", "a.wat"])?.code(134)?.stderr_has(&["wasm trap: unreachable", "_start"])?;
            Ok(())
        }),
        test("run/cache", cache),
        test("run/cache below HOME", |bench| {
            bench.write("a.wat", MODULE)?;
            std::fs::create_dir(bench.path("home"))?;
            let home = bench
                .command(&["run", "a.wat"])
                .env_remove("XDG_CACHE_HOME")
                .env("HOME", bench.path("home"))
                .output()?;
            check_sample(&Outcome::of(home))?;
            ensure!(bench.path("home/.cache/wasm-aot").is_dir());
            Ok(())
        }),
        test("run/eight at once", concurrent),
        test("run/arguments", |bench| {
            bench.write("a.wat", ECHO)?;
            // What follows the module is the program's, whatever it looks like; a `--` right behind it isn't.
            for dashes in [&[][..], &["--"]] {
                let arguments = ["one", "two words", "", "--flag", "--dir", "-O", "--", "--help", "-"];
                let outcome = bench.aot(&[&["run", "a.wat"], dashes, &arguments].concat())?;
                let expected = "a.wat\none\ntwo words\n\n--flag\n--dir\n-O\n--\n--help\n-\n";
                prints(outcome.code(10)?, expected)?;
            }
            prints(bench.aot(&["run", "a.wat", "--arg0", "me"])?.code(3)?, "a.wat\n--arg0\nme\n")?;
            prints(bench.aot(&["run", "a.wat", "--", "--", "x"])?.code(3)?, "a.wat\n--\nx\n")?;
            prints(bench.aot(&["run", "--", "a.wat", "--", "-x"])?.code(2)?, "a.wat\n-x\n")?;
            prints(bench.aot(&["run", "a.wat"])?.code(1)?, "a.wat\n")?;
            prints(bench.aot(&["run", "--arg0", "me", "a.wat"])?.code(1)?, "me\n")?;
            bench.aot(&["build", "a.wat", "--arg0", "built"])?.code(0)?;
            prints(bench.start("a", &["x"])?.code(2)?, "built\nx\n")
        }),
        test("run/environment", |bench| {
            bench.write("a.wat", ECHO)?;
            let run = |arguments: &[&str]| {
                let all = [&["run"], arguments, &["a.wat"]].concat();
                anyhow::Ok(Outcome::of(
                    bench
                        .command(&all)
                        .env_clear()
                        .env("XDG_CACHE_HOME", bench.path("cache"))
                        .env("SEEN", "1")
                        .output()?,
                ))
            };
            prints(&run(&[])?, "a.wat\n")?;
            prints(&run(&["--env", "A=1", "--env", "B=x=y", "--env", "C="])?, "a.wat\nA=1\nB=x=y\nC=\n")?;
            let inherited = run(&["--inherit-env"])?;
            inherited.stdout_has(&["\nSEEN=1\n", "\nXDG_CACHE_HOME="])?;
            Ok(())
        }),
        test("run/directories", directories),
        test("run/wrong grants", |bench| {
            bench.write("a.wat", FILES)?;
            // A directory that doesn't exist is found out when the program starts.
            let outcome = bench.aot(&["run", "--dir", "missing", "a.wat"])?;
            ensure!(outcome.code != 0, "it ran");
            outcome.stderr_has(&["missing"])?;
            // Without a grant there is no descriptor 3: EBADF is 8.
            bench.aot(&["run", "a.wat"])?.code(108)?;
            Ok(())
        }),
        test("run/signals end the program", |bench| {
            bench.write("a.wat", r#"(module (func (export "_start") (loop $l (br $l))))"#)?;
            // SIGTERM and its number in the shell's exit code: the compiler has become the program.
            let outcome = bench.shell("$AOT run a.wat & sleep 1; kill $!; wait $!")?;
            outcome.code(143)?;
            Ok(())
        }),
    ]
}

pub fn prints(outcome: &Outcome, expected: &str) -> Result<()> {
    ensure!(
        outcome.stdout == expected,
        "{}{}",
        crate::filetests::diff(expected, &outcome.stdout),
        outcome.stderr
    );
    Ok(())
}

/// The programs in the cache, with the times at which they were made.
fn cached(bench: &Bench<'_>) -> Result<Vec<(String, SystemTime)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(bench.path("cache/wasm-aot"))? {
        let entry = entry?;
        let program = entry.path().join("program").metadata()?;
        found.push((entry.file_name().to_string_lossy().into_owned(), program.modified()?));
    }
    found.sort();
    Ok(found)
}

fn cache(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    check_sample(&bench.aot(&["run", "a.wat"])?)?;
    let first = cached(bench)?;
    ensure!(first.len() == 1, "{first:?}");
    std::thread::sleep(std::time::Duration::from_millis(20));
    // The second time nothing is built, whatever the file is called.
    check_sample(&bench.aot(&["run", "a.wat"])?)?;
    std::fs::rename(bench.path("a.wat"), bench.path("b.wat"))?;
    check_sample(&bench.aot(&["run", "b.wat"])?)?;
    ensure!(cached(bench)? == first, "it was built again");
    // Every flag that matters makes another program.
    for (number, flags) in
        [&["-O", "0"][..], &["--memory-guard=none"], &["--env", "A=1"], &["--stack-size", "64"]]
            .iter()
            .enumerate()
    {
        check_sample(&bench.aot(&[&["run"], *flags, &["b.wat"]].concat())?)?;
        ensure!(cached(bench)?.len() == number + 2, "{flags:?}");
    }
    // So does another module.
    bench.write("b.wat", MODULE.replace("hello", "HELLO"))?;
    bench.aot(&["run", "b.wat"])?.code(7)?.stdout_has(&["HELLO"])?;
    Ok(())
}

fn concurrent(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let children: Result<Vec<_>, std::io::Error> = (0..8)
        .map(|_| {
            let piped = std::process::Stdio::piped;
            bench.command(&["run", "a.wat"]).stdout(piped()).stderr(piped()).spawn()
        })
        .collect();
    for (number, child) in children?.into_iter().enumerate() {
        let outcome = Outcome::of(child.wait_with_output()?);
        check_sample(&outcome).with_context(|| format!("process {number}"))?;
    }
    ensure!(cached(bench)?.len() == 1, "{:?}", cached(bench)?);
    Ok(())
}

fn directories(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", FILES)?;
    std::fs::create_dir(bench.path("data"))?;
    bench.write("data/file", "contents\n")?;
    let run = |grant: &str| bench.aot(&["run", "--dir", grant, "a.wat"]);
    // EROFS is 69, EPERM 63, EACCES 2, ENOTCAPABLE 76.
    let read_only = run("data::/guest:ro")?;
    ensure!([2, 63, 69, 76].contains(&read_only.code), "creating a file ended with {}", read_only.code);
    prints(&read_only, "/guest:contents\n")?;
    ensure!(!bench.path("data/new").exists(), "a file was created in a read-only grant");
    prints(run("data")?.code(0)?, "data:contents\n")?;
    ensure!(bench.path("data/new").exists(), "no file was created");
    let absolute = bench.path("data");
    prints(run(&format!("{}::.", absolute.display()))?.code(0)?, ".:contents\n")?;
    Ok(())
}
