//! Values of variables at each line of a program, as gdb sees them (`tests/debug/sample.py`), compared with those of the
//! same program for the host.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::programs::case::repository;
use crate::programs::process;

const LIMIT: Duration = Duration::from_secs(100);

/// The values by line and variable; null where a debugger says that there is none.
pub type Samples = BTreeMap<String, Value>;

/// Samples a program that runs without an emulator.
pub fn take(gdb: &Path, program: &Path, source: &str, scratch: &Path) -> Result<Samples> {
    let output = scratch.join("samples.json");
    let mut command = Command::new(gdb);
    command.args(["-nx", "-batch", "-ex"]);
    command.arg(format!("python SOURCE, OUTPUT, START = '{source}', '{}', 'run'", output.display()));
    command.arg("-x").arg(repository().join("tests/debug/sample.py")).arg(program).current_dir(scratch);
    let outcome = process::run(&mut command, Vec::new(), LIMIT)?;
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    let text = std::fs::read_to_string(&output).with_context(|| format!("gdb took no samples: {said}"))?;
    std::fs::remove_file(&output)?;
    Ok(serde_json::from_str(&text)?)
}

/// How the samples of a program compare with those of the host's.
#[derive(Debug, Default, PartialEq)]
pub struct Comparison {
    pub right: usize,
    /// Optimized out, or without a location.
    pub absent: usize,
    /// With both values.
    pub wrong: Vec<String>,
}

impl Comparison {
    /// Compares those for which the host's program has a value, in lines where both stop.
    pub fn new(host: &Samples, ours: &Samples) -> Comparison {
        let lines: Vec<&str> = ours.keys().map(|key| line(key)).collect();
        let mut comparison = Comparison::default();
        for (key, right) in host {
            if right.is_null() || right.get("error").is_some() || !lines.contains(&line(key)) {
                continue;
            }
            match ours.get(key) {
                None | Some(Value::Null) => comparison.absent += 1,
                Some(value) if value == right => comparison.right += 1,
                Some(value) => comparison.wrong.push(format!("{key}: {value}, not {right}")),
            }
        }
        comparison
    }

    /// An error unless no value is wrong, enough were compared, and this share of them, in percent, is there.
    pub fn check(&self, least: usize, percent: usize) -> Result<()> {
        let all = self.right + self.absent + self.wrong.len();
        ensure!(
            self.wrong.is_empty(),
            "{} of {all} values are wrong:\n{}",
            self.wrong.len(),
            self.wrong.join("\n")
        );
        ensure!(all >= least, "only {all} values were compared");
        ensure!(self.right * 100 >= all * percent, "only {} of {all} values are there", self.right);
        Ok(())
    }
}

/// The line of `LINE VARIABLE`.
fn line(key: &str) -> &str {
    key.split(' ').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_where_both_stop_are_compared() {
        let parse = |text| serde_json::from_str::<Samples>(text).unwrap();
        let host = parse(r#"{"1 a": 1, "1 b": 2, "1 c": null, "2 a": 3, "1 d": 4}"#);
        let ours = parse(r#"{"1 a": 1, "1 b": null, "1 c": 7, "1 d": 5, "9 a": 1}"#);
        let comparison = Comparison::new(&host, &ours);
        assert_eq!((comparison.right, comparison.absent, comparison.wrong.len()), (1, 1, 1));
        comparison.check(1, 1).unwrap_err();
        let right = Comparison { right: 8, absent: 2, wrong: Vec::new() };
        right.check(10, 80).unwrap();
        right.check(11, 80).unwrap_err();
        right.check(10, 81).unwrap_err();
    }
}
