//! Measures a program: wall time, CPU time and peak memory, through the small launcher of
//! `tests/bench/launch.c`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;

use crate::programs::case::repository;

/// The cost of one run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Sample {
    /// Seconds from before the start to after the end.
    pub wall: f64,
    /// Seconds of user and system time, of all threads.
    pub cpu: f64,
    /// Peak resident memory in KiB.
    pub peak_kib: u64,
}

/// The compiled launcher.
pub struct Launcher {
    program: PathBuf,
    directory: tempfile::TempDir,
}

/// A command to measure.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub program: PathBuf,
    pub args: Vec<String>,
    pub env: Vec<(&'static str, String)>,
    pub input: PathBuf,
}

impl Invocation {
    pub fn new(program: impl Into<PathBuf>) -> Invocation {
        Invocation { program: program.into(), args: Vec::new(), env: Vec::new(), input: "/dev/null".into() }
    }

    pub fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Invocation {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    pub fn path(self, path: &Path) -> Invocation {
        self.args([path.display().to_string()])
    }
}

impl Launcher {
    /// Compiles the launcher with gcc.
    pub fn new() -> Result<Launcher> {
        let directory = tempfile::tempdir()?;
        let program = directory.path().join("launch");
        let source = repository().join("tests/bench/launch.c");
        let status = Command::new("gcc").args(["-O2", "-static", "-o"]).arg(&program).arg(source).status();
        ensure!(status.context("can't start gcc")?.success(), "gcc can't compile tests/bench/launch.c");
        Ok(Launcher { program, directory })
    }

    /// Runs a command a number of times. Returns the samples and the output of the last run.
    pub fn run(&self, invocation: &Invocation, runs: u32) -> Result<(Vec<Sample>, Vec<u8>)> {
        let result = self.directory.path().join("result");
        let output = self.directory.path().join("output");
        let launched = Command::new(&self.program)
            .arg(&result)
            .arg(runs.to_string())
            .arg(&invocation.input)
            .arg(&output)
            .arg(&invocation.program)
            .args(&invocation.args)
            .envs(invocation.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()?;
        ensure!(launched.status.success(), "the launcher failed: {}", launched.status);
        let mut samples = Vec::new();
        for line in std::fs::read_to_string(&result)?.lines() {
            let fields: Vec<u64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
            let [wall, user, system, peak_kib, status] = fields[..] else {
                bail!("the launcher wrote {line:?}")
            };
            if status != 0 {
                let stderr = String::from_utf8_lossy(&launched.stderr);
                let stderr: Vec<&str> = stderr.lines().take(6).collect();
                bail!("{} ended with {status}: {}", invocation.program.display(), stderr.join("\n"));
            }
            samples.push(Sample { wall: wall as f64 / 1e9, cpu: (user + system) as f64 / 1e6, peak_kib });
        }
        Ok((samples, std::fs::read(&output)?))
    }
}

/// The median of some numbers.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

/// The geometric mean of some ratios.
pub fn geometric_mean(ratios: impl IntoIterator<Item = f64>) -> f64 {
    let logarithms: Vec<f64> = ratios.into_iter().map(f64::ln).collect();
    (logarithms.iter().sum::<f64>() / logarithms.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!((geometric_mean([0.5, 2.0, 8.0]) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_program_is_measured() {
        let launcher = Launcher::new().unwrap();
        let (samples, output) = launcher.run(&Invocation::new("echo").args(["text"]), 3).unwrap();
        assert_eq!((samples.len(), output.as_slice()), (3, b"text\n".as_slice()));
        assert!(samples.iter().all(|sample| sample.wall > 0.0 && sample.peak_kib > 100));
        assert!(launcher.run(&Invocation::new("false"), 1).is_err());
    }
}
