//! Runs the program whose state is wanted, as a child process that ends with this one, and reads the file that it writes.
//!
//! What it prints goes to standard error, through a pipe: so it can't see whether that is a terminal, and two builds are equal.
//! Nothing of the environment is passed on.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use super::snapshot::Snapshot;

/// The maximum size of the file: what is in memory in the meantime is a few times as large.
const MOST_BYTES: u64 = 1 << 30;

/// How much longer than its own limit the program may take before it is ended.
const GRACE: Duration = Duration::from_secs(10);

/// Runs `program`, which writes its state to `file`, which exists. It ends itself after `timeout`.
///
/// # Errors
/// If it can't be run, or doesn't write its state: because it traps, exits or takes too long. The error completes a sentence
/// about the initialiser.
pub fn execute(program: &Path, file: &Path, timeout: Duration) -> Result<Snapshot> {
    // What the program finds at this path may be another file later.
    let mut state = File::open(file).context("can't be run: the file for its state can't be opened")?;
    let (output, sink) = io::pipe().context("can't be run: there is no pipe for its output")?;
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null());
    command.stdout(sink.try_clone().context("can't be run")?).stderr(sink);
    confine(&mut command);
    let child = command.spawn();
    // Only the child has the other end of the pipe then.
    drop(command);
    let child = child.context(
        "can't be run (if no program can be run in the directory for temporary files, set TMPDIR to another one)",
    )?;
    let status = wait(child, output, timeout + GRACE)?;
    let length = state.metadata().map_or(0, |metadata| metadata.len());
    if !status.success() || length == 0 {
        bail!("{} instead of returning", describe(status));
    }
    ensure!(length <= MOST_BYTES, "leaves {length} bytes of state; the limit is {MOST_BYTES}");
    let mut bytes = Vec::new();
    state.read_to_end(&mut bytes).context("has a state that can't be read")?;
    Snapshot::read(bytes).context("has left a damaged state")
}

/// Passes on what the program prints, until it has ended.
fn wait(mut child: Child, mut output: io::PipeReader, limit: Duration) -> Result<ExitStatus> {
    let (ended, end) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = output.read(&mut buffer) {
            // There is nowhere to report that it can't be printed.
            let _ = io::stderr().write_all(&buffer[..count]);
        }
        // The other side may have given up.
        let _ = ended.send(());
    });
    let is_late = end.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
    if is_late {
        // If it can't be ended, it has ended.
        let _ = child.kill();
    }
    let status = child.wait().context("can't be waited for")?;
    ensure!(!is_late, "has been ended: it took more than {} s", limit.as_secs());
    reader.join().expect("the thread doesn't panic");
    Ok(status)
}

/// How a program ended that didn't write its state.
fn describe(status: ExitStatus) -> String {
    match status.code() {
        Some(134) => "trapped".to_owned(),
        Some(code) => format!("ended the program with exit code {code}"),
        None => format!("was ended ({status})"),
    }
}

/// Has the system end the child when this process ends, in whatever way, and bounds what it can write.
#[cfg(target_os = "linux")]
fn confine(command: &mut Command) {
    use std::os::unix::process::{CommandExt as _, parent_id};

    let parent = std::process::id();
    let follow = move || {
        // SAFETY: the call changes nothing but this attribute of the process.
        if unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // Neither the state nor a file in a directory that it is granted becomes larger.
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the structure is written.
        if unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &raw mut limit) } != 0 {
            return Err(io::Error::last_os_error());
        }
        limit.rlim_cur = limit.rlim_cur.min(MOST_BYTES);
        // SAFETY: the structure is read.
        if unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // It may have ended before.
        if parent_id() == parent { Ok(()) } else { Err(io::ErrorKind::Interrupted.into()) }
    };
    // SAFETY: between fork and exec, the function only makes system calls.
    unsafe { command.pre_exec(follow) };
}

/// Elsewhere it ends by its own limit, or by the interrupt that ends this process, too.
#[cfg(not(target_os = "linux"))]
fn confine(_: &mut Command) {}
