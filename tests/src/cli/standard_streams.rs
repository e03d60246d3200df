//! Standard streams of WASI 0.3, at pipes, files and what fails. The component is tests/programs/src/component/standard-streams.wat,
//! which says what the numbers mean that it prints. wasmtime prints the same.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::{Bench, Outcome, test};
use crate::harness::Test;

const COMPONENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/programs/src/component/standard-streams.wat");

/// Long enough for a program to do all that it can without its peer.
const PAUSE: Duration = Duration::from_millis(200);

pub fn tests() -> Vec<Test> {
    vec![
        test("standard streams/all of it", all),
        test("standard streams/slow peers", slow),
        test("standard streams/a memory that grows", growing),
        test("standard streams/errors", errors),
        test("standard streams/closed readers", closed),
        test("standard streams/given up", given_up),
        test("standard streams/nothing or little", little),
        test("standard streams/misuse", misuse),
        test("standard streams/terminal", terminal),
    ]
}

/// Builds a program that calls a function of the component.
fn build(bench: &Bench<'_>, function: &str) -> Result<PathBuf> {
    let call = format!("{function}()");
    bench.aot(&["build", "-q", COMPONENT, "--invoke", &call, "-o", function])?.code(0)?;
    Ok(bench.path(function))
}

/// A program with pipes for all streams that aren't set otherwise.
fn piped(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn finish(child: Child) -> Result<Outcome> {
    Ok(Outcome::of(child.wait_with_output()?))
}

/// Bytes of which none is like those around it.
fn sample(length: usize) -> Vec<u8> {
    (0..length).map(|index| b'a' + (index % 23) as u8).collect()
}

/// What comes in goes out, between pipes and files.
fn all(bench: &Bench<'_>) -> Result<()> {
    for function in ["copy", "pass"] {
        let program = build(bench, function)?;
        for length in [0, 1, 4096, 65_537, 3_000_000] {
            let input = sample(length);
            let mut expected = String::from_utf8(input.clone())?;
            let from = bench.write("input", &input)?;
            // The descriptor for the result is the same one, so it comes at the end.
            let into = File::create(bench.path("output"))?;
            let status = Command::new(&program).stdin(File::open(&from)?).stdout(into).status()?;
            ensure!(status.success(), "{function} of {length} bytes ended with {status}");
            expected.push_str("0\n");
            ensure!(
                std::fs::read_to_string(bench.path("output"))? == expected,
                "{function}, files, {length} bytes"
            );

            let mut child = piped(&program).spawn()?;
            let mut stdin = child.stdin.take().context("a pipe")?;
            let writer = std::thread::spawn(move || stdin.write_all(&input));
            let outcome = finish(child)?;
            writer.join().expect("it doesn't panic")?;
            ensure!(outcome.code(0)?.stdout == expected, "{function}, pipes, {length} bytes");
        }
    }
    let printed = bench.start_of("large")?;
    ensure!(printed.stdout.len() == (16 << 20) + 4 && printed.stdout.ends_with("p900\n"), "16 MiB");
    let error = bench.start_of("error")?;
    error.stdout_has(&["900\n"])?;
    ensure!(error.stderr == "no\n", "standard error: {}", error.stderr);
    Ok(())
}

impl Bench<'_> {
    /// Builds and runs a function, with an empty standard input.
    fn start_of(&self, function: &str) -> Result<Outcome> {
        let outcome = finish(piped(&build(self, function)?).stdin(Stdio::null()).spawn()?)?;
        outcome.code(0)?;
        Ok(outcome)
    }
}

/// Peers that don't write and read at once.
fn slow(bench: &Bench<'_>) -> Result<()> {
    for function in ["copy", "pass"] {
        let mut child = piped(&build(bench, function)?).spawn()?;
        let mut stdin = child.stdin.take().context("a pipe")?;
        let mut stdout = child.stdout.take().context("a pipe")?;
        for part in ["one ", "two "] {
            std::thread::sleep(PAUSE);
            stdin.write_all(part.as_bytes())?;
            let mut copied = [0; 4];
            stdout.read_exact(&mut copied)?;
            ensure!(copied == part.as_bytes(), "{function} has {copied:?}");
        }
        // More than the pipes take.
        let writer = std::thread::spawn(move || stdin.write_all(&sample(1_000_000)));
        std::thread::sleep(PAUSE);
        let mut rest = Vec::new();
        stdout.read_to_end(&mut rest)?;
        writer.join().expect("it doesn't panic")?;
        ensure!(rest == [&sample(1_000_000)[..], b"0\n"].concat(), "{function} has {} bytes", rest.len());
        finish(child)?.code(0)?;
    }
    let mut child = piped(&build(bench, "ready")?).spawn()?;
    std::thread::sleep(PAUSE);
    child.stdin.take().context("a pipe")?.write_all(b"x\n")?;
    let outcome = finish(child)?;
    ensure!(outcome.code(0)?.stdout == "x0\n", "ready printed {}", outcome.stdout);
    Ok(())
}

/// A copy that is pending goes to where the memory is then, which may have moved if nothing was reserved for it to grow into. (On
/// Linux there is always room, as memories are far from each other.)
fn growing(bench: &Bench<'_>) -> Result<()> {
    for guard in ["none", "region"] {
        let flag = format!("--memory-guard={guard}");
        bench.aot(&["build", "-q", COMPONENT, "--invoke", "grow()", &flag, "-o", guard])?.code(0)?;
        let mut child = piped(&bench.path(guard)).spawn()?;
        std::thread::sleep(PAUSE);
        child.stdin.take().context("a pipe")?.write_all(b"here\n")?;
        let outcome = finish(child)?;
        ensure!(outcome.code(0)?.stdout == "here\n0\n", "{guard}: {}", outcome.stdout);
    }
    Ok(())
}

/// Descriptors that can't be read or written.
fn errors(bench: &Bench<'_>) -> Result<()> {
    let full = || OpenOptions::new().write(true).open("/dev/full");
    let large = build(bench, "large-error")?;
    finish(piped(&large).stderr(full()?).spawn()?)?.code(0)?.stdout_has(&["901\n"])?;
    let read_only = File::open(COMPONENT)?;
    finish(piped(&large).stderr(read_only).spawn()?)?.code(0)?.stdout_has(&["901\n"])?;
    let copy = build(bench, "copy")?;
    finish(piped(&copy).stdin(File::open("/")?).spawn()?)?.code(0)?.stdout_has(&["100\n"])?;
    let pass = build(bench, "pass")?;
    finish(piped(&pass).stdin(File::open("/")?).spawn()?)?.code(0)?.stdout_has(&["100\n"])?;
    Ok(())
}

/// Readers that are gone, at once or after a while.
fn closed(bench: &Bench<'_>) -> Result<()> {
    let large = build(bench, "large-error")?;
    for length in [0, 5, 100_000] {
        let mut child = piped(&large).spawn()?;
        let mut reader = child.stderr.take().context("a pipe")?;
        reader.read_exact(&mut vec![0; length])?;
        std::thread::sleep(PAUSE);
        drop(reader);
        let outcome = finish(child)?;
        ensure!(outcome.code(0)?.stdout == "903\n", "after {length} bytes: {}", outcome.stdout);
    }
    // The input doesn't end, but the program does, though it can't say how.
    for function in ["copy", "pass"] {
        let input = File::open("/dev/zero")?;
        let mut child = piped(&build(bench, function)?).stdin(input).spawn()?;
        drop(child.stdout.take());
        finish(child)?;
    }
    Ok(())
}

/// Copies that are cancelled.
fn given_up(bench: &Bench<'_>) -> Result<()> {
    let mut child = piped(&build(bench, "give-up-reading")?).spawn()?;
    let stdin = child.stdin.take();
    let outcome = finish(child)?;
    drop(stdin);
    ensure!(outcome.code(0)?.stdout == "9\n", "reading: {}", outcome.stdout);
    let mut child = piped(&build(bench, "give-up-writing")?).spawn()?;
    std::thread::sleep(PAUSE);
    let mut printed = Vec::new();
    child.stdout.take().context("a pipe")?.read_to_end(&mut printed)?;
    finish(child)?.code(0)?;
    ensure!(printed.ends_with(b"\x00900\n"), "writing: {:?}", printed.last_chunk::<8>());
    Ok(())
}

fn little(bench: &Bench<'_>) -> Result<()> {
    for (function, printed) in
        [("nothing", "909\n"), ("dropped-first", "900\n"), ("written-first", "no\n900\n")]
    {
        let outcome = bench.start_of(function)?;
        ensure!(outcome.stdout == printed, "{function}: {}", outcome.stdout);
    }
    let mut child = piped(&build(bench, "some")?).spawn()?;
    child.stdin.take().context("a pipe")?.write_all(b"123456")?;
    finish(child)?.code(0)?.stdout_has(&["9\n"])?;
    // More isn't taken away from whoever reads after the program.
    bench.write("input", "123456")?;
    let rest = bench.shell("(./some; cat) < input")?;
    ensure!(rest.stdout == "9\n56", "{}", rest.stdout);
    Ok(())
}

/// Ends that the host can't be given, and places where results can't be.
fn misuse(bench: &Bench<'_>) -> Result<()> {
    for (function, words) in [
        ("busy", "cannot have concurrent operations active on a future/stream"),
        ("done", "cannot use a stream or future that is done"),
        ("in-set", "cannot lift a stream or future that is in a waitable set"),
        ("writer", "handle index used with the wrong type"),
        ("twice", "handle index used with the wrong type"),
        ("outcome", "handle index used with the wrong type"),
        ("no-handle", "unknown handle index"),
        ("outcome-place", "out of bounds memory access"),
        ("outcome-unaligned", "unaligned pointer"),
    ] {
        let mut child = piped(&build(bench, function)?).spawn()?;
        let stdin = child.stdin.take();
        finish(child)?.code(134)?.stderr_has(&[words])?;
        drop(stdin);
    }
    Ok(())
}

/// Terminals: a line and the end of the input; one that has been hung up; and one that belongs to somebody else, from which
/// a program in the background can't read.
fn terminal(bench: &Bench<'_>) -> Result<()> {
    build(bench, "copy")?;
    bench.write("terminal.py", TERMINAL)?;
    let outcome = bench.tool("python3", &["terminal.py"])?;
    outcome.code(0)?.stdout_has(&["read: one\n", "ended: 0\n", "hung up: 0\n", "background: 100\n"])?;
    Ok(())
}

const TERMINAL: &str = r#"
import fcntl, os, pty, signal, subprocess, termios
def start(terminal, **more):
    return subprocess.Popen(["./copy"], stdin=terminal, stdout=subprocess.PIPE, **more)
ours, theirs = pty.openpty()
child = start(theirs)
os.write(ours, b"one\n")
print("read:", os.read(child.stdout.fileno(), 4).decode(), end="")
os.write(ours, b"\x04")
print("ended:", child.stdout.read().decode(), end="")
os.close(ours)
print("hung up:", start(theirs).stdout.read().decode(), end="", flush=True)
ours, theirs = pty.openpty()
os.write(ours, b"one\n")
if os.fork() == 0:
    os.setsid()
    fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
    def background():
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    print("background:", start(theirs, preexec_fn=background).stdout.read().decode(), end="")
else:
    os.wait()
"#;
