//! The outcome of each test, and how it is shown: a line when it ends, a table and counts at the end.

use std::fmt::Write;
use std::time::Duration;

use super::case::Case;

/// The outcome of a test on a target.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Passed,
    /// With what differs.
    Failed(String),
    /// With what could not be had.
    NotRun(String),
    /// With why it makes no sense on the target.
    LeftOut(String),
}

/// A test on a target.
#[derive(Clone, Debug)]
pub struct Record {
    pub case: String,
    pub module: String,
    pub target: &'static str,
    pub verdict: Verdict,
    /// How long the build took; tests that share a build have the same.
    pub build: Option<Duration>,
    pub run: Option<Duration>,
    /// The run under wasmtime, which compiled the module before.
    pub reference: Option<Duration>,
    /// Bytes of the executable.
    pub size: Option<u64>,
    pub stripped: Option<u64>,
}

impl Record {
    pub fn new(case: &Case, target: &'static str, verdict: Verdict) -> Record {
        Record {
            case: case.name.clone(),
            module: case.module.clone(),
            target,
            verdict,
            build: None,
            run: None,
            reference: None,
            size: None,
            stripped: None,
        }
    }

    /// The line that is printed when the test ends.
    pub fn line(&self) -> String {
        let word = match self.verdict {
            Verdict::Passed => "ok",
            Verdict::Failed(_) => "FAILED",
            Verdict::NotRun(_) => "not run",
            Verdict::LeftOut(_) => "left out",
        };
        format!("program {} on {} ... {word}", self.case, self.target)
    }
}

fn seconds(time: Option<Duration>) -> String {
    time.map_or("-".into(), |time| format!("{:.2}", time.as_secs_f64()))
}

fn bytes(size: Option<u64>) -> String {
    size.map_or("-".into(), |size| size.to_string())
}

/// The table of all tests, with the reasons of those that failed or were not run below it.
pub fn table(records: &[Record]) -> String {
    let width = records.iter().map(|record| record.case.len()).max().unwrap_or(0).max(7);
    let mut out = String::new();
    let mut target = "";
    for record in records {
        if record.target != target {
            target = record.target;
            let _ = writeln!(
                out,
                "\n{target}\n{:width$}  {:7}  {:>7}  {:>7}  {:>8}  {:>10}  {:>10}",
                "program", "", "build s", "run s", "wasmtime", "bytes", "stripped"
            );
        }
        let verdict = match record.verdict {
            Verdict::Passed => "ok",
            Verdict::Failed(_) => "FAILED",
            Verdict::NotRun(_) => "not run",
            Verdict::LeftOut(_) => "left out",
        };
        let _ = writeln!(
            out,
            "{:width$}  {verdict:7}  {:>7}  {:>7}  {:>8}  {:>10}  {:>10}",
            record.case,
            seconds(record.build),
            seconds(record.run),
            seconds(record.reference),
            bytes(record.size),
            bytes(record.stripped),
        );
    }
    // Tests that failed for the same reason, such as a build that they share, are named together.
    let mut reasons: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for record in records {
        let (word, reason) = match &record.verdict {
            Verdict::Passed => continue,
            Verdict::Failed(reason) => ("FAILED", reason),
            Verdict::NotRun(reason) => ("not run", reason),
            Verdict::LeftOut(reason) => ("left out", reason),
        };
        let name = format!("{} on {}", record.case, record.target);
        match reasons.iter_mut().find(|(w, r, _)| (*w, *r) == (word, reason)) {
            Some((.., names)) => names.push(name),
            None => reasons.push((word, reason, vec![name])),
        }
    }
    for (word, reason, names) in reasons {
        let (names, reason) = (names.join(", "), reason.replace('\n', "\n    "));
        let _ = writeln!(out, "\n{word}: {names}\n    {reason}");
    }
    out
}

/// How many passed, failed and were not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub not_run: usize,
}

pub fn count<'a>(records: impl IntoIterator<Item = &'a Record>) -> Counts {
    let mut counts = Counts::default();
    for record in records {
        match record.verdict {
            Verdict::Passed => counts.passed += 1,
            Verdict::Failed(_) => counts.failed += 1,
            Verdict::NotRun(_) => counts.not_run += 1,
            // Printed with its reason.
            Verdict::LeftOut(_) => {}
        }
    }
    counts
}

/// Where two byte strings differ, for diagnostics: the first line that is not the same, or nothing.
pub fn difference(what: &str, expected: &[u8], actual: &[u8]) -> Option<String> {
    if expected == actual {
        return None;
    }
    let (mut line, mut start) = (1, 0);
    for (i, (a, b)) in expected.iter().zip(actual).enumerate() {
        if a != b {
            break;
        }
        if *a == b'\n' {
            line += 1;
            start = i + 1;
        }
    }
    let excerpt = |bytes: &[u8]| {
        let rest = bytes.get(start..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()).min(160);
        if rest.is_empty() {
            "the end".to_string()
        } else {
            format!("{:?}", String::from_utf8_lossy(&rest[..end]))
        }
    };
    Some(format!(
        "{what} differs in line {line} ({} bytes expected, {} found)\n  expected {}\n  found    {}",
        expected.len(),
        actual.len(),
        excerpt(expected),
        excerpt(actual)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_different_line_is_shown() {
        assert_eq!(difference("x", b"a\nb\n", b"a\nb\n"), None);
        let text = difference("x", b"a\nbc\n", b"a\nbd\n").unwrap();
        assert!(text.contains("line 2") && text.contains("\"bc\"") && text.contains("\"bd\""), "{text}");
        let text = difference("x", b"a\n", b"a\nmore\n").unwrap();
        assert!(text.contains("expected the end"), "{text}");
    }
}
