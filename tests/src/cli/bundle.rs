//! Bundled files: programs see them as they would see a granted directory.

use std::os::unix::fs::symlink;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::policy::DIRECTORIES;
use super::run::{FILES, prints};
use super::{Bench, Outcome, test};
use crate::harness::Test;
use crate::programs::fetch;

/// Four threads read one descriptor, and open the file again and again. Exit code 0 if they read the sum of all
/// bytes, 400000, and nothing failed. In memory: what was read, failures, threads that are done; from 100 on
/// the name of the file; from 1024 on what each thread needs for itself.
const THREADS: &str = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory 1 1 shared))
  (export "memory" (memory 0))
  (data $name "file")
  (func $open_file (param $base i32) (result i32)
    (if (call $open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 4) (i32.const 0) (i64.const 2)
          (i64.const 0) (i32.const 0) (local.get $base))
      (then (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))))
    (i32.load (local.get $base)))
  (func $work (param $thread i32)
    (local $base i32) (local $i i32)
    (local.set $base (i32.mul (i32.add (local.get $thread) (i32.const 1)) (i32.const 1024)))
    (i32.store offset=8 (local.get $base) (i32.add (local.get $base) (i32.const 64)))
    (i32.store offset=12 (local.get $base) (i32.add (i32.const 90) (local.get $thread)))
    (loop $again
      (if (call $read (i32.const 4) (i32.add (local.get $base) (i32.const 8)) (i32.const 1)
            (i32.add (local.get $base) (i32.const 16)))
        (then (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))))
      (if (call $close (call $open_file (local.get $base)))
        (then (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))))
      (local.set $i (i32.const 0))
      (if (i32.load offset=16 (local.get $base))
        (then
          (loop $sum
            (drop (i32.atomic.rmw.add (i32.const 0)
              (i32.load8_u offset=64 (i32.add (local.get $base) (local.get $i)))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $sum (i32.lt_u (local.get $i) (i32.load offset=16 (local.get $base)))))
          (br $again))))
    (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1))))
  (func (export "wasi_thread_start") (param i32 i32) (call $work (local.get 1)))
  (func (export "_start")
    (memory.init $name (i32.const 100) (i32.const 0) (i32.const 4))
    (drop (call $open_file (i32.const 1024)))
    (drop (call $spawn (i32.const 1)))
    (drop (call $spawn (i32.const 2)))
    (drop (call $spawn (i32.const 3)))
    (call $work (i32.const 0))
    (loop $wait (br_if $wait (i32.lt_u (i32.atomic.load (i32.const 8)) (i32.const 4))))
    (call $exit (i32.or
      (i32.ne (i32.atomic.load (i32.const 0)) (i32.const 400000))
      (i32.atomic.load (i32.const 4))))))"#;

/// Opens `file`, of 10 bytes, and looks at it by the functions that differ in preview 0. Exit code 0 if they say
/// what they should, else the number of the check.
const PREVIEW0: &str = r#"(module
  (import "wasi_unstable" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_filestat_get" (func $stat (param i32 i32) (result i32)))
  (import "wasi_unstable" "fd_fdstat_get" (func $fdstat (param i32 i32) (result i32)))
  (import "wasi_unstable" "path_filestat_get" (func $path_stat (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "file")
  (func $check (param $number i32) (param $right i32)
    (if (i32.eqz (local.get $right)) (then (call $exit (local.get $number)))))
  (func $done (param $number i32) (param $errno i32)
    (call $check (local.get $number) (i32.eqz (local.get $errno))))
  ;; The type at 16, the links at 20, the size at 24.
  (func $is_file (param $number i32)
    (call $check (local.get $number) (i32.eq (i32.load8_u (i32.const 116)) (i32.const 4)))
    (call $check (local.get $number) (i32.eq (i32.load (i32.const 120)) (i32.const 1)))
    (call $check (local.get $number) (i64.eq (i64.load (i32.const 124)) (i64.const 10))))
  (func (export "_start")
    (call $done (i32.const 1) (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4)
      (i32.const 0) (i64.const 6) (i64.const 0) (i32.const 0) (i32.const 8)))
    ;; From the end, from the position, from the start.
    (call $done (i32.const 2) (call $seek (i32.const 4) (i64.const -2) (i32.const 1) (i32.const 16)))
    (call $check (i32.const 3) (i64.eq (i64.load (i32.const 16)) (i64.const 8)))
    (call $done (i32.const 4) (call $seek (i32.const 4) (i64.const -3) (i32.const 0) (i32.const 16)))
    (call $check (i32.const 5) (i64.eq (i64.load (i32.const 16)) (i64.const 5)))
    (call $done (i32.const 6) (call $seek (i32.const 4) (i64.const 7) (i32.const 2) (i32.const 16)))
    (call $check (i32.const 7) (i64.eq (i64.load (i32.const 16)) (i64.const 7)))
    (call $done (i32.const 8) (call $stat (i32.const 4) (i32.const 104)))
    (call $check (i32.const 9) (i32.eq (i32.load8_u (i32.const 120)) (i32.const 4)))
    (memory.copy (i32.const 100) (i32.const 104) (i32.const 56))
    (call $is_file (i32.const 10))
    (memory.fill (i32.const 100) (i32.const 0) (i32.const 64))
    (call $done (i32.const 11)
      (call $path_stat (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 104)))
    (memory.copy (i32.const 100) (i32.const 104) (i32.const 56))
    (call $is_file (i32.const 12))
    ;; There is no right to accept connections, the highest.
    (call $done (i32.const 13) (call $fdstat (i32.const 4) (i32.const 200)))
    (call $check (i32.const 14) (i32.eqz (i32.and (i32.load (i32.const 208)) (i32.const 0x20000000))))))"#;

pub fn tests() -> Vec<Test> {
    vec![
        test("bundle/as a granted directory", as_granted),
        test("bundle/below a granted directory", overlay),
        test("bundle/changes below a granted directory", changes),
        test("bundle/links between layers", links),
        test("bundle/readiness and flags", ready),
        test("bundle/threads", threads),
        test("bundle/preview 0", preview0),
        test("bundle/many and large files", many),
        test("bundle/the same bytes", deterministic),
        test("bundle/errors", errors),
        test("bundle/inspect and cache", inspect),
        test("bundle/without use", unused),
    ]
}

/// Files of several sizes, links of every kind.
fn make_tree(bench: &Bench<'_>, name: &str) -> Result<()> {
    let at = |path: &str| bench.path(&format!("{name}/{path}"));
    for directory in ["sub/deep", "empty", "many"] {
        std::fs::create_dir_all(at(directory))?;
    }
    std::fs::write(at("file"), "contents\n")?;
    std::fs::write(at("zero"), "")?;
    std::fs::write(at("sub/large"), (0..100_000_u32).map(|i| (i * 7 / 3) as u8).collect::<Vec<_>>())?;
    std::fs::write(at("sub/deep/x"), "deep")?;
    std::fs::write(at("sub/ünï code"), "name")?;
    for number in 0..200 {
        std::fs::write(at(&format!("many/{number}-{}", "n".repeat(number))), number.to_string())?;
    }
    for (link, target) in [
        ("link", "file"),
        ("dirlink", "sub/deep"),
        ("dangling", "nowhere"),
        ("loop", "loop"),
        ("out", "../outside"),
        ("absolute", "/etc/passwd"),
        ("up", "sub/.."),
        ("sub/back", ".."),
    ] {
        symlink(target, at(link))?;
    }
    Ok(())
}

/// The module of `tests/programs/src/bundle.c`.
fn module() -> Result<String> {
    let module = fetch::fetch([], ["bundle"])?.module("bundle")?;
    Ok(module.to_str().context("a path of UTF-8")?.to_owned())
}

fn as_granted(bench: &Bench<'_>) -> Result<()> {
    make_tree(bench, "tree")?;
    let module = module()?;
    bench.aot(&["build", &module, "-o", "granted", "--dir", "tree::/d:ro"])?.code(0)?;
    bench.aot(&["build", &module, "-o", "bundled", "--bundle", "tree::/d"])?.code(0)?;
    let granted = bench.start("granted", &["/d", "/d/sub"])?;
    granted
        .code(0)?
        .stdout_has(&["/d/sub/large: file of 100000\n  100000 bytes", "/d/out: link to ../outside"])?;
    std::fs::rename(bench.path("tree"), bench.path("away"))?;
    prints(bench.start("bundled", &["/d", "/d/sub"])?.code(0)?, &granted.stdout)
}

/// Directories and files of both are seen, the granted ones first; only those can be changed.
fn overlay(bench: &Bench<'_>) -> Result<()> {
    make_tree(bench, "lower")?;
    let shell = bench.shell(
        "mkdir -p upper/sub upper/many upper/own && echo upper >upper/file && echo own >upper/own/file &&
         echo new >upper/sub/new && ln -s file upper/ownlink && echo 5 >upper/many/0- && mkdir both &&
         cp -a lower/. both && cp -a upper/. both",
    )?;
    shell.code(0)?;
    let module = module()?;
    bench
        .aot(&["build", &module, "-o", "merged", "--bundle", "lower::/d", "--dir", "upper::/d:ro"])?
        .code(0)?;
    bench.aot(&["build", &module, "-o", "plain", "--dir", "both::/d:ro"])?.code(0)?;
    let walk = |outcome: &Outcome| {
        let lines = outcome.stdout.lines().take_while(|line| !line.starts_with('['));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let both = bench.start("plain", &["/d"])?;
    let merged = bench.start("merged", &["/d"])?;
    both.code(0)?.stdout_has(&[
        "/d/own/file: file of 4",
        "/d/sub/new",
        "/d/sub/large",
        "/d/ownlink: link",
    ])?;
    ensure!(
        walk(both.code(0)?) == walk(merged.code(0)?),
        "{}",
        crate::filetests::diff(&walk(&both), &walk(&merged))
    );
    // The user grants a directory over the bundle, too; new files go there.
    bench.write("a.wat", FILES)?;
    bench.aot(&["build", "a.wat", "--bundle", "lower::/d"])?.code(0)?;
    prints(bench.start("a", &[])?.code(63)?, "/d:contents\n")?;
    let mut command = Command::new(bench.path("a"));
    let outcome =
        Outcome::of(command.current_dir(bench.directory).env("WASM_AOT_DIRS", "upper::/d").output()?);
    prints(outcome.code(0)?, "/d:upper\n")?;
    ensure!(bench.path("upper/new").exists() && !bench.path("lower/new").exists());
    Ok(())
}

/// What the host has can be changed; what the bundle has can be hidden by a file, and nothing else.
fn changes(bench: &Bench<'_>) -> Result<()> {
    make_tree(bench, "lower")?;
    bench.shell("mkdir -p upper/own && echo upper >upper/file")?.code(0)?;
    let module = module()?;
    bench.aot(&["build", &module, "-o", "a", "--bundle", "lower::/d", "--dir", "upper::/d"])?.code(0)?;
    prints(
        bench.start("a", &["change", "/d"])?.code(0)?,
        "mkdirat(root, \"empty\", 0777): File exists
mkdirat(root, \"sub\", 0777): File exists
mkdirat(root, \"empty/new\", 0777): Read-only file system
mkdirat(root, \"many/new\", 0777): Read-only file system
symlinkat(\"x\", root, \"zero\"): File exists
symlinkat(\"x\", root, \"empty/new\"): Read-only file system
linkat(root, \"file\", root, \"zero\", 0): File exists
linkat(root, \"zero\", root, \"new\", 0): Read-only file system
unlinkat(root, \"zero\", 0): Read-only file system
unlinkat(root, \"missing\", 0): No such file or directory
unlinkat(root, \"empty\", AT_REMOVEDIR): Read-only file system
renameat(root, \"zero\", root, \"new\"): Read-only file system
renameat(root, \"file\", root, \"empty/file\"): Read-only file system
renameat(root, \"own\", root, \"empty\"): Read-only file system
open(\"/d/zero\", O_WRONLY): Read-only file system
openat(root, \"zero\", O_RDWR | O_CREAT): Read-only file system
openat(root, \"zero\", O_WRONLY | O_CREAT | O_EXCL): File exists
openat(root, \"empty\", O_WRONLY | O_CREAT | O_TRUNC): Is a directory
openat(root, \"empty/new\", O_WRONLY | O_CREAT): Read-only file system
openat(root, \"empty/../sub/large\", O_WRONLY | O_CREAT): Read-only file system
utimensat(root, \"zero\", (struct timespec[]){{1, 0}, {1, 0}}, 0): Read-only file system
openat(root, \"zero\", O_WRONLY | O_CREAT | O_TRUNC): done
renameat(root, \"file\", root, \"dirlink\"): done
unlinkat(root, \"file\", 0): Read-only file system
",
    )?;
    bench.shell("cd upper && find | sort | tr '\\n' ' '")?.stdout_has(&[". ./dirlink ./own ./zero "])?;
    bench.shell("cat lower/file")?.stdout_has(&["contents\n"])?;
    Ok(())
}

/// Both appear as one directory.
fn links(bench: &Bench<'_>) -> Result<()> {
    bench
        .shell(
            "mkdir -p lower/hidden lower/deep upper/other && echo lower >lower/file && echo 4 >lower/only &&
             echo hidden >lower/hidden/x && echo deep >lower/deep/x && ln -s file lower/link &&
             ln -s own lower/lower-to-upper && ln -s . lower/up && ln -s deep lower/moved &&
             echo upper >upper/file && echo own >upper/own && ln -s only upper/upper-to-lower &&
             ln -s other upper/hidden",
        )?
        .code(0)?;
    let module = module()?;
    bench.aot(&["build", &module, "-o", "a", "--bundle", "lower::/d", "--dir", "upper::/d"])?.code(0)?;
    prints(
        bench.start("a", &["links", "/d"])?.code(0)?,
        "link: upper, 6, file
lower-to-upper: own, 4, own
upper-to-lower: 4, 2, only
hidden/x: No such file or dir, -1, 
up/up/file: upper, 6, 
moved/x: deep, 5, 
",
    )
}

fn ready(bench: &Bench<'_>) -> Result<()> {
    std::fs::create_dir(bench.path("tree"))?;
    bench.write("tree/x", "0123456789")?;
    let module = module()?;
    bench.aot(&["build", &module, "-o", "granted", "--dir", "tree::/d:ro"])?.code(0)?;
    bench.aot(&["build", &module, "-o", "bundled", "--bundle", "tree::/d"])?.code(0)?;
    let granted = bench.start("granted", &["ready", "/d/x"])?;
    granted.code(0)?.stdout_has(&["poll 0 2, 1 0 0, 2 0 0\npoll 0 2, 1 0 1, 2 0 0\n", "position 10"])?;
    prints(bench.start("bundled", &["ready", "/d/x"])?.code(0)?, &granted.stdout)
}

/// Threads read the same descriptor, of a bundle or of the host: each byte is read once.
fn threads(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", THREADS)?;
    std::fs::create_dir(bench.path("tree"))?;
    std::fs::write(bench.path("tree/file"), vec![1; 400_000])?;
    for grants in [
        &["--bundle", "tree::/d"][..],
        &["--bundle", "tree::/d", "--dir", ".::/d:ro"],
        &["--dir", "tree::/d:ro"],
    ] {
        bench.aot(&[&["build", "a.wat"], grants].concat())?.code(0)?;
        bench.start("a", &[])?.code(0)?;
    }
    Ok(())
}

/// A program of preview 0 sees the same, in the layout that it knows.
fn preview0(bench: &Bench<'_>) -> Result<()> {
    std::fs::create_dir(bench.path("tree"))?;
    bench.write("tree/file", "0123456789")?;
    bench.write("a.wat", PREVIEW0)?;
    for grants in [&["--bundle", "tree::/d"][..], &["--dir", "tree::/d:ro"]] {
        bench.aot(&[&["build", "a.wat"], grants].concat())?.code(0)?;
        bench.start("a", &[])?.code(0)?;
    }
    Ok(())
}

/// A tree with many names, and a file larger than what the compiler holds in memory at once.
fn many(bench: &Bench<'_>) -> Result<()> {
    bench
        .shell(
            "mkdir -p tree/many && cd tree/many && seq -f %06g 20000 | xargs touch && cd .. &&
             yes 'a line of text' | head -c 20000000 >large",
        )?
        .code(0)?;
    let module = module()?;
    bench.aot(&["build", &module, "-o", "a", "--bundle", "tree::/d"])?.code(0)?;
    let size = |name: &str| std::fs::metadata(bench.path(name)).map(|metadata| metadata.len());
    ensure!(size("a")? < size("tree/large")? + 2_000_000, "{} bytes", size("a")?);
    let list = bench.start("a", &["count", "/d/many"])?;
    prints(list.code(0)?, "20002\n")?;
    bench.start("a", &["read", "/d/large"])?.code(0)?.stdout_has(&["20000000 bytes"])?;
    Ok(())
}

/// The result doesn't depend on the order in which names were created.
fn deterministic(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", FILES)?;
    let mut names: Vec<u32> = (0..300).collect();
    for directory in ["one", "two"] {
        std::fs::create_dir(bench.path(directory))?;
        for number in &names {
            bench.write(&format!("{directory}/{number}"), number.to_string())?;
        }
        bench
            .aot(&[
                "build",
                "a.wat",
                "-o",
                &format!("{directory}.exe"),
                "--bundle",
                &format!("{directory}::/d"),
            ])?
            .code(0)?;
        names.reverse();
    }
    let bytes = |name: &str| std::fs::read(bench.path(name));
    ensure!(bytes("one.exe")? == bytes("two.exe")?, "they differ");
    Ok(())
}

fn errors(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", FILES)?;
    bench
        .shell("mkdir good fifo bytes; mkfifo fifo/pipe; touch \"bytes/$(printf '\\377')\"; echo >file")?
        .code(0)?;
    let build = |bundle: &str| bench.aot(&["build", "a.wat", "--bundle", bundle]);
    build("good")?.failed(&["--bundle takes HOSTDIR::GUEST, not `good`"])?;
    build("::/d")?.failed(&["--bundle takes HOSTDIR::GUEST"])?;
    build("good::")?.failed(&["can't have the name ``"])?;
    build("missing::/d")?.failed(&["can't read missing", "No such file"])?;
    build("file::/d")?.failed(&["can't bundle file: it isn't a directory"])?;
    build("fifo::/d")?.failed(&["can't bundle fifo/pipe", "isn't a file, directory or symbolic link"])?;
    build("bytes::/d")?.failed(&["can't bundle bytes/", "UTF-8"])?;
    bench.write("policy.toml", "bundles = [{ host = \"missing\", guest = \"/d\" }]")?;
    bench
        .aot(&["build", "a.wat", "--policy", "policy.toml"])?
        .failed(&["policy.toml", "can't read missing"])?;
    ensure!(!bench.path("a").exists());
    Ok(())
}

fn inspect(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", FILES)?;
    for (directory, contents) in [("one", "first\n"), ("two", "second\n")] {
        std::fs::create_dir_all(bench.path(&format!("in/{directory}/sub")))?;
        bench.write(&format!("in/{directory}/file"), contents)?;
        bench.write(&format!("in/{directory}/sub/x"), "1234")?;
    }
    // Hosts are relative to the file; a flag replaces an entry with the same name.
    bench.write(
        "in/policy.toml",
        "bundles = [{ host = \"one\", guest = \"/d\" }, { host = \"two\", guest = \"/e\" }]",
    )?;
    let policy = ["--policy", "in/policy.toml"];
    let with =
        |command: &str, more: &[&str]| bench.aot(&[&[command], &policy[..], more, &["a.wat"]].concat());
    with("build", &[])?.code(0)?;
    bench
        .aot(&["inspect", "a"])?
        .stdout_has(&["# bundle /d: 2 files, 10 bytes\n# bundle /e: 2 files, 11 bytes\n"])?;
    prints(bench.start("a", &[])?.code(63)?, "/d:first\n")?;
    prints(with("run", &["--bundle", "in/two::/d"])?.code(63)?, "/d:second\n")?;
    // The contents decide what is taken from the cache.
    prints(with("run", &[])?.code(63)?, "/d:first\n")?;
    bench.write("in/one/file", "other\n")?;
    prints(with("run", &[])?.code(63)?, "/d:other\n")
}

/// Programs that can't see a bundle don't contain it; bundles come after other grants.
fn unused(bench: &Bench<'_>) -> Result<()> {
    std::fs::create_dir(bench.path("tree"))?;
    bench.write("tree/file", "a text that nobody would miss")?;
    bench.write("a.wat", super::invalid::MODULE)?;
    bench.aot(&["build", "a.wat", "-o", "with", "--strip", "--bundle", "tree::/d"])?.code(0)?;
    bench.aot(&["build", "a.wat", "-o", "without", "--strip"])?.code(0)?;
    let bytes = |name: &str| std::fs::read(bench.path(name));
    ensure!(bytes("with")? == bytes("without")?, "the bundle changes a program that can't see it");
    bench.write("b.wat", DIRECTORIES)?;
    bench
        .aot(&["build", "b.wat", "--bundle", "tree::/b", "--dir", ".::/a", "--bundle", "tree::/c"])?
        .code(0)?;
    prints(bench.start("b", &[])?.code(0)?, "/a\n/b\n/c\n")
}
