//! One round of load on one server, what counts as a failure, and the table of all rounds.

use std::fmt::Write;
use std::time::Duration;

use anyhow::Result;

use super::load::{self, Outcome};
use super::process::{Builder, Engine, Sample};
use super::site::Site;

pub struct Round {
    pub engine: Engine,
    outcome: Outcome,
    start: Sample,
    /// When all connections are closed.
    after: Sample,
}

/// By how many KiB the server may grow in the second half: pages that are touched late.
const GROWTH: u64 = 512;
/// Seconds for which clients may be idle.
const IDLE: u32 = 60;

impl Round {
    pub fn run(
        builder: &Builder,
        engine: Engine,
        site: &Site,
        connections: usize,
        time: Duration,
    ) -> Result<Round> {
        let mut server = builder.start(engine, &site.path(), IDLE)?;
        let start = server.sample()?;
        let outcome = load::run(server.address, site, connections, time, || server.sample())?;
        let after = server.settle(start.descriptors)?;
        Ok(Round { engine, outcome, start, after })
    }

    pub fn per_second(&self) -> f64 {
        self.outcome.in_time as f64 / self.outcome.seconds
    }

    pub fn per_cpu_second(&self) -> f64 {
        self.outcome.in_time as f64 / (self.outcome.end.cpu - self.start.cpu)
    }

    /// What must not happen.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = self.outcome.errors.clone();
        if self.outcome.lost > 0 {
            failures.push(format!("{} requests were lost", self.outcome.lost));
        }
        if self.after.descriptors != self.start.descriptors {
            let (start, after) = (self.start.descriptors, self.after.descriptors);
            failures.push(format!(
                "{after} descriptors are open after all connections were closed, {start} before"
            ));
        }
        if self.outcome.end.resident > self.outcome.middle.resident + GROWTH {
            let (middle, end) = (self.outcome.middle.resident, self.outcome.end.resident);
            failures.push(format!("memory grew from {middle} to {end} KiB in the second half"));
        }
        failures
    }

    fn row(&self) -> String {
        let Outcome { requests, lost, abandoned, connections, bytes, seconds, middle, end, .. } =
            &self.outcome;
        format!(
            "{:<14} {requests:>9} {lost:>5} {abandoned:>9} {connections:>11} {:>9.0} {:>12.0} {:>7.0} {:>17} {:>16}\n",
            self.engine.name(),
            self.per_second(),
            self.per_cpu_second(),
            *bytes as f64 / seconds / 1e6,
            format!("{}/{}/{}", self.start.resident, middle.resident, end.resident),
            format!(
                "{}/{}/{}/{}",
                self.start.descriptors, middle.descriptors, end.descriptors, self.after.descriptors
            ),
        )
    }
}

/// A table with a row for each round.
pub fn table(rounds: &[Round]) -> String {
    let mut table = format!(
        "{:<14} {:>9} {:>5} {:>9} {:>11} {:>9} {:>12} {:>7} {:>17} {:>16}\n",
        "server",
        "requests",
        "lost",
        "abandoned",
        "connections",
        "/second",
        "/CPU second",
        "MB/s",
        "KiB at start/…",
        "descriptors/…",
    );
    rounds.iter().for_each(|round| table.push_str(&round.row()));
    let _ = writeln!(
        table,
        "memory at the start, in the middle and at the end; descriptors also after all connections were closed"
    );
    table
}
