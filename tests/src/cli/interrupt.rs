//! Interrupts: nothing stays behind, and the process ends by the signal itself.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use libc::{SIGHUP, SIGINT, SIGTERM, c_int};

use super::build::many_functions;
use super::invalid::MODULE;
use super::{Bench, names, test};
use crate::harness::Test;

const SIGNALS: [(&str, c_int); 3] = [("SIGINT", SIGINT), ("SIGTERM", SIGTERM), ("SIGHUP", SIGHUP)];

pub fn tests() -> Vec<Test> {
    let mut tests = vec![
        test("interrupt/what a shell sees", shell_sees),
        test("interrupt/ignored signals stay ignored", ignored),
        test("interrupt/while standard input is awaited", |bench| {
            let mut build = bench.command(&["build", "-", "-o", "out/a"]);
            build.stdin(Stdio::piped());
            interrupt(bench, build, SIGINT, |_| Ok(true), Duration::from_millis(300))
        }),
        test("interrupt/while a FIFO has no reader", |bench| {
            bench.write("a.wat", MODULE)?;
            bench.shell("mkfifo fifo")?.code(0)?;
            let build = bench.command(&["build", "a.wat", "-o", "fifo"]);
            interrupt(bench, build, SIGTERM, |_| Ok(true), Duration::from_millis(1000))
        }),
    ];
    for (name, signal) in SIGNALS {
        tests.push(test(&format!("interrupt/{name} while code is generated"), move |bench| {
            bench.write("a.wat", many_functions(4000))?;
            let build = bench.command(&["build", "a.wat", "-o", "out/a", "-j", "1"]);
            interrupt(bench, build, signal, |_| Ok(true), Duration::from_millis(400))
        }));
        tests.push(test(&format!("interrupt/{name} while the linker runs"), move |bench| {
            bench.write("a.wat", MODULE)?;
            linker(bench, "sleep 5")?;
            let build = bench.command(&["build", "a.wat", "-o", "out/a", "--linker", "./linker"]);
            interrupt(bench, build, signal, linker_started, Duration::ZERO)
        }));
    }
    tests
}

/// A linker that says that it was started and then does what it is told.
fn linker(bench: &Bench<'_>, then: &str) -> Result<()> {
    let linker = bench.write("linker", format!("#!/bin/sh\ntouch started\nexec {then}\n"))?;
    Ok(std::fs::set_permissions(linker, std::fs::Permissions::from_mode(0o755))?)
}

fn linker_started(bench: &Bench<'_>) -> Result<bool> {
    Ok(bench.path("started").exists())
}

/// Exit statuses as in shells: 128 plus the number of the signal that ended the process.
fn shell_sees(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for (signal, status) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        // In the background of a script SIGINT is ignored, so the build itself starts what interrupts it.
        linker(bench, &format!("sh -c 'kill -{signal} $PPID; sleep 2'"))?;
        let outcome = bench.shell("$AOT build a.wat -o out --linker ./linker; echo $?")?;
        ensure!(outcome.stdout == format!("{status}\n"), "{signal}: {}{}", outcome.stdout, outcome.stderr);
        ensure!(!outcome.stderr.contains("error"), "{signal}: {}", outcome.stderr);
    }
    Ok(())
}

/// As under `nohup` and in the background of scripts: the build continues, here until its linker fails.
fn ignored(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    linker(bench, "sh -c 'kill -HUP $PPID; kill -INT $PPID; sleep 1; exit 3'")?;
    let outcome = bench.shell("trap '' HUP INT; exec $AOT build a.wat --linker ./linker")?;
    outcome.failed(&["./linker failed", "exit status: 3"])?;
    Ok(())
}

/// Sends a signal to a build once it is `ready` and some time has passed. Nothing may stay in `out`, nor among
/// temporary files.
fn interrupt(
    bench: &Bench<'_>,
    mut build: Command,
    signal: c_int,
    ready: impl Fn(&Bench<'_>) -> Result<bool>,
    delay: Duration,
) -> Result<()> {
    std::fs::create_dir(bench.path("out"))?;
    std::fs::create_dir(bench.path("tmp"))?;
    let mut child =
        build.env("TMPDIR", bench.path("tmp")).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let start = Instant::now();
    while !ready(bench)? {
        if start.elapsed() > Duration::from_secs(20) {
            bail!("the build doesn't get to the point");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(delay);
    ensure!(child.try_wait()?.is_none(), "the build was over before the signal");
    let pid = libc::pid_t::try_from(child.id())?;
    // SAFETY: the child has not been waited for, so the number is still its own.
    ensure!(unsafe { libc::kill(pid, signal) } == 0, "can't send the signal");
    let status = wait(&mut child)?;
    ensure!(status.signal() == Some(signal), "it ended by {status}");
    for directory in ["out", "tmp"] {
        let left = names(&bench.path(directory))?;
        ensure!(left.is_empty(), "{left:?} stays in {directory}");
    }
    Ok(())
}

fn wait(child: &mut Child) -> Result<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > Duration::from_secs(10) {
            child.kill()?;
            child.wait().context("can't end it")?;
            bail!("it didn't stop");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
