//! What a program inherits from its parent: blocked signals, limits, a working directory and what `PWD` says about it;
//! signals that are sent to it; and directories that have names of every kind.

use std::ffi::OsStr;
use std::io::{Read as _, pipe};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use super::run::ECHO;
use super::{Bench, Outcome, test};
use crate::harness::Test;

/// The signals of hardware faults.
const FAULTS: [i32; 5] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP];

/// Bodies that trap, each by another fault, and with what message.
const TRAPS: [(&str, &str); 4] = [
    ("unreachable", "wasm trap: unreachable"),
    ("(drop (i32.div_u (i32.const 1) (global.get $zero)))", "wasm trap: integer divide by zero"),
    ("(drop (i32.load (i32.const -4)))", "wasm trap: out of bounds memory access"),
    ("(call $start)", "wasm trap: call stack exhausted"),
];

/// Writes a byte, then waits for standard input.
const WAIT: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\20\00\00\00\01\00\00\00")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;

/// Prints the names in its first directory, a line each, which it asks for SIZE bytes at a time.
const LIST: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_readdir"
    (func $readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (local $cookie i64) (local $at i32) (local $end i32) (local $next i32) (local $error i32)
    (loop $more
      (local.set $error
        (call $readdir (i32.const 3) (i32.const 1024) (i32.const SIZE) (local.get $cookie) (i32.const 16)))
      (if (local.get $error) (then (call $exit (local.get $error))))
      (local.set $at (i32.const 1024))
      (local.set $end (i32.add (i32.const 1024) (i32.load (i32.const 16))))
      (block $done
        (loop $entry
          (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 24)) (local.get $end)))
          (local.set $next
            (i32.add (i32.add (local.get $at) (i32.const 24)) (i32.load offset=16 (local.get $at))))
          (br_if $done (i32.gt_u (local.get $next) (local.get $end)))
          (local.set $cookie (i64.load (local.get $at)))
          (i32.store (i32.const 0) (i32.add (local.get $at) (i32.const 24)))
          (i32.store (i32.const 4) (i32.load offset=16 (local.get $at)))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 24)))
          (i32.store (i32.const 0) (i32.const 32))
          (i32.store (i32.const 4) (i32.const 1))
          (i32.store8 (i32.const 32) (i32.const 10))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 24)))
          (local.set $at (local.get $next))
          (br $entry)))
      (br_if $more (i32.eq (i32.load (i32.const 16)) (i32.const SIZE))))))"#;

pub fn tests() -> Vec<Test> {
    vec![
        test("start/blocked signals", blocked_signals),
        test("start/signals that are sent", sent_signals),
        test("start/little memory for data", data_limit),
        test("start/the working directory", working_directory),
        test("start/names that aren't UTF-8", names),
    ]
}

/// A program of the directory, which `prepare` prepares the process for.
///
/// # Safety
/// `prepare` does only what may be done between fork and exec.
unsafe fn prepared(
    bench: &Bench<'_>,
    name: &str,
    prepare: impl Fn() -> std::io::Result<()> + Send + Sync + 'static,
) -> Command {
    let mut command = Command::new(bench.path(name));
    command.current_dir(bench.directory);
    // SAFETY: as the caller promises.
    unsafe { command.pre_exec(prepare) };
    command
}

/// Limits a resource of this process, by a system call.
fn limit(resource: libc::__rlimit_resource_t, bytes: u64) -> std::io::Result<()> {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: the system reads the structure.
    match unsafe { libc::setrlimit(resource, &raw const limit) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

fn blocked_signals(bench: &Bench<'_>) -> Result<()> {
    for (body, message) in TRAPS {
        let module = format!(
            r#"(module (memory 1) (global $zero (mut i32) (i32.const 0))
                 (func $start (export "_start") {body} (global.set $zero (i32.const 0))))"#
        );
        bench.write("a.wat", module)?;
        bench.aot(&["build", "a.wat"])?.code(0)?;
        let block = || {
            // SAFETY: all zero is a valid set; the system writes one set and reads it.
            unsafe {
                let mut set = std::mem::zeroed();
                libc::sigfillset(&raw mut set);
                libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
            }
            Ok(())
        };
        // SAFETY: makes system calls only.
        let output = unsafe { prepared(bench, "a", block) }.output()?;
        Outcome::of(output).code(134)?.stderr_has(&[message])?;
    }
    Ok(())
}

/// The process ends by the signal like any other, without a message.
fn sent_signals(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", WAIT)?;
    bench.aot(&["build", "a.wat", "--timeout", "1h"])?.code(0)?;
    for signal in FAULTS.into_iter().chain([libc::SIGALRM]) {
        for to_thread in [false, true] {
            // SAFETY: makes a system call only.
            let mut command = unsafe { prepared(bench, "a", || limit(libc::RLIMIT_CORE, 0)) };
            let (mut reader, writer) = pipe()?;
            let mut child = command.stdin(Stdio::piped()).stdout(writer).stderr(Stdio::piped()).spawn()?;
            drop(command);
            // It is past its start.
            reader.read_exact(&mut [0])?;
            let id = child.id() as libc::pid_t;
            // SAFETY: takes no pointers; the process is a child that nobody has waited for.
            let sent = unsafe {
                if to_thread {
                    libc::syscall(libc::SYS_tgkill, id, id, signal)
                } else {
                    libc::kill(id, signal).into()
                }
            };
            ensure!(sent == 0, "{}", std::io::Error::last_os_error());
            // Standard input stays open meanwhile.
            let stdin = child.stdin.take();
            let outcome = Outcome::of(child.wait_with_output()?);
            drop(stdin);
            outcome.code(128 + signal)?;
            ensure!(outcome.stderr.is_empty(), "signal {signal}: {}", outcome.stderr);
        }
    }
    Ok(())
}

fn data_limit(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", r#"(module (func (export "_start")))"#)?;
    bench.aot(&["build", "a.wat"])?.code(0)?;
    // SAFETY: makes a system call only.
    let limited = || unsafe { prepared(bench, "a", || limit(libc::RLIMIT_DATA, 1_000_000)) }.output();
    Outcome::of(limited()?).code(1)?.stderr_has(&["no memory for the stack", "ulimit -d", "--stack-size"])?;
    bench.aot(&["build", "a.wat", "--stack-size", "256K"])?.code(0)?;
    Outcome::of(limited()?).code(0)?;
    Ok(())
}

/// With `--native`, `PWD` is where the program is, whatever it says.
fn working_directory(bench: &Bench<'_>) -> Result<()> {
    bench.write("echo.wat", ECHO)?;
    let real = bench.directory.canonicalize()?;
    let real = real.to_str().unwrap_or_default();
    std::os::unix::fs::symlink(".", bench.path("link"))?;
    let link = format!("{real}/link");
    let through = format!("{real}/link/.");
    let build =
        |flags: &[&str]| bench.aot(&[&["build", "echo.wat", "--native", "--arg0", "a"], flags].concat());
    let start = |variables: &[(&str, &str)]| -> Result<Outcome> {
        let mut command = Command::new(bench.path("echo"));
        command.current_dir(bench.directory).env_clear().envs(variables.iter().copied());
        Ok(Outcome::of(command.output()?))
    };
    let is = |outcome: Outcome, expected: &[&str]| -> Result<()> {
        let mut found: Vec<&str> = outcome.stdout.lines().skip(1).collect();
        found.sort_unstable();
        ensure!(found == expected, "{found:?}, not {expected:?}\n{}", outcome.stderr);
        Ok(())
    };
    let right = format!("PWD={real}");
    for flags in [&[][..], &["--lock-policy"], &["--bundle", "link::/bundle"]] {
        if flags.len() == 2 {
            std::fs::remove_file(bench.path("link"))?;
            std::fs::create_dir(bench.path("link"))?;
        }
        build(flags)?.code(0)?;
        for stale in ["/", "/nonexistent", "", ".", &through, "relative"] {
            is(start(&[("A", "1"), ("PWD", stale), ("B", "2")])?, &["A=1", "B=2", &right])?;
        }
        is(start(&[])?, &[&right])?;
        is(start(&[("PWD", real)])?, &[&right])?;
        if flags.len() < 2 {
            // A shell's path, through links.
            is(start(&[("PWD", &link)])?, &[&format!("PWD={link}")])?;
        }
        let user = start(&[("PWD", "/"), ("WASM_AOT_ENV", "PWD=/user")])?;
        let locked = flags == ["--lock-policy"];
        is(user, &[if locked { &right } else { "PWD=/user" }, "WASM_AOT_ENV=PWD=/user"])?;
    }
    // One that was removed has no path.
    build(&[])?.code(0)?;
    let script = "mkdir gone && cd gone && rmdir ../gone && env -i PWD=\"$PWD\" A=1 ../echo";
    is(bench.shell(script)?, &["A=1"])?;
    build(&["--env", "PWD=/built"])?.code(0)?;
    is(start(&[("PWD", real)])?, &["PWD=/built"])
}

/// They are left out; all others are there, however many bytes a program asks for.
fn names(bench: &Bench<'_>) -> Result<()> {
    let directory = bench.path("names");
    std::fs::create_dir(&directory)?;
    let mut expected = vec![".".to_owned(), "..".to_owned()];
    for number in 0..40 {
        let text = format!("name-{number}");
        std::fs::write(directory.join(&text), "")?;
        expected.push(text);
        let wrong: &[u8] = match number % 4 {
            0 => b"\xff",
            1 => b"\xc0\xaf",
            2 => b"caf\xe9",
            _ => b"\xed\xa0\x80",
        };
        let wrong = [wrong, number.to_string().as_bytes()].concat();
        std::fs::write(directory.join(OsStr::from_bytes(&wrong)), "")?;
    }
    std::fs::write(directory.join("Gr\u{fc}\u{df}e"), "")?;
    expected.push("Gr\u{fc}\u{df}e".to_owned());
    std::fs::create_dir(bench.path("empty"))?;
    expected.sort();
    for flags in [&["--dir", "names"][..], &["--dir", "names", "--bundle", "empty::names"]] {
        for size in ["40", "41", "64", "100", "4096", "60000"] {
            bench.write("a.wat", LIST.replace("SIZE", size))?;
            let outcome = bench.aot(&[&["run"], flags, &["a.wat"]].concat())?;
            outcome.code(0)?;
            let mut found: Vec<&str> = outcome.stdout.lines().collect();
            found.sort_unstable();
            ensure!(found == expected, "{size} bytes at a time: {found:?}");
        }
    }
    Ok(())
}
