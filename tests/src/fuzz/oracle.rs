//! wasmtime, as a process that answers for one module after the other: see
//! `tests/differential/oracle.py`.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::programs::case::repository;

fn script() -> PathBuf {
    repository().join("tests/differential/oracle.py")
}

/// Fetches wasmtime from the registry, unless it is in the cache, and returns its version. `None` if it isn't
/// available; the reason has been printed.
pub fn prepare() -> Result<Option<String>> {
    let output = Command::new("python3").arg(script()).arg("--prepare").stderr(Stdio::inherit()).output();
    let output = output.context("can't start python3")?;
    match output.status.code() {
        Some(0) => Ok(Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())),
        Some(2) => Ok(None),
        _ => bail!("tests/differential/oracle.py: {}", output.status),
    }
}

/// A running oracle.
pub struct Oracle {
    process: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Oracle {
    pub fn start() -> Result<Oracle> {
        let mut process = Command::new("python3")
            .arg(script())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("can't start python3")?;
        let questions = process.stdin.take().expect("it is piped");
        let answers = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        Ok(Oracle { process, questions, answers })
    }

    /// Gives the oracle a module, `STEM.wasm` and `STEM.script`, to work on.
    pub fn ask(&mut self, stem: &Path) -> Result<()> {
        writeln!(self.questions, "{}", stem.display()).context("the oracle has ended")
    }

    /// The lines for the module.
    pub fn answer(&mut self) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let Some(line) = self.answers.next() else {
                bail!("the oracle ended early: {:?}", self.process.wait());
            };
            let line = line?;
            if line == "end" {
                return Ok(lines);
            }
            if let Some(error) = line.strip_prefix("error ") {
                bail!("wasmtime: {error}");
            }
            lines.push(line);
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It may be in the middle of something; it has nothing to clean up.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
