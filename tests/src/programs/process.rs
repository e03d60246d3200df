//! Runs a program with given input and a time limit, and returns all that it wrote.

use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Code(i32),
    Signal(i32),
    TimedOut,
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ending::Code(code) => write!(f, "exit code {code}"),
            Ending::Signal(signal) => write!(f, "signal {signal}"),
            Ending::TimedOut => write!(f, "the time limit"),
        }
    }
}

impl From<ExitStatus> for Ending {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Ending::Code(code),
            (None, Some(signal)) => Ending::Signal(signal),
            (None, None) => unreachable!("an ended process has a code or a signal"),
        }
    }
}

/// What a program did.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub ending: Ending,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub elapsed: Duration,
}

impl Outcome {
    /// Adds what a program did that was run after this one.
    pub fn append(&mut self, next: Outcome) {
        self.ending = next.ending;
        self.stdout.extend(next.stdout);
        self.stderr.extend(next.stderr);
        self.elapsed += next.elapsed;
    }
}

/// Runs a program to its end, or to the limit.
pub fn run(command: &mut Command, input: Vec<u8>, limit: Duration) -> Result<Outcome> {
    let start = Instant::now();
    // A process group of its own, so that nothing it started outlives it; it doesn't outlive whoever waits for it, either:
    // the signal comes when the thread ends that spawned it, not only when the process does. That is right here, since
    // this thread waits; a program that is left running must not be started so.
    // SAFETY: prctl may be called between fork and exec.
    unsafe {
        command.pre_exec(|| match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        });
    }
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .with_context(|| format!("can't start {}", command.get_program().to_string_lossy()))?;
    let mut stdin = child.stdin.take().expect("it is piped");
    let stdout = collect(child.stdout.take().expect("it is piped"));
    let stderr = collect(child.stderr.take().expect("it is piped"));
    // A program that does not read its input closes the pipe: not an error.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let ending = wait(&mut child, start + limit)?;
    let elapsed = start.elapsed();
    writer.join().expect("writing does not panic");
    Ok(Outcome {
        ending,
        stdout: stdout.join().expect("reading does not panic"),
        stderr: stderr.join().expect("reading does not panic"),
        elapsed,
    })
}

fn collect(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // Bytes that were read before an error stay.
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

fn wait(child: &mut Child, deadline: Instant) -> Result<Ending> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.into());
        }
        if Instant::now() >= deadline {
            // SAFETY: kill takes plain numbers; the child has not been waited for, so the number
            // of its process group can't have been given to another.
            unsafe { libc::kill(-(child.id() as libc::pid_t), libc::SIGKILL) };
            child.wait()?;
            return Ok(Ending::TimedOut);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_input_and_exit_code() {
        let mut command = Command::new("sh");
        command.args(["-c", "cat; echo error >&2; exit 7"]);
        let outcome = run(&mut command, b"text".into(), Duration::from_secs(10)).unwrap();
        assert_eq!(outcome.ending, Ending::Code(7));
        assert_eq!((outcome.stdout, outcome.stderr), (b"text".to_vec(), b"error\n".to_vec()));
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_all_it_started() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo started; sleep 1000; echo never"]);
        let outcome = run(&mut command, Vec::new(), Duration::from_millis(300)).unwrap();
        assert_eq!((outcome.ending, outcome.stdout), (Ending::TimedOut, b"started\n".to_vec()));
    }

    #[test]
    fn signals_are_not_exit_codes() {
        let mut command = Command::new("sh");
        command.args(["-c", "kill -ABRT $$"]);
        let outcome = run(&mut command, Vec::new(), Duration::from_secs(10)).unwrap();
        assert_eq!(outcome.ending, Ending::Signal(6));
    }
}
