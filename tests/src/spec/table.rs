//! The results of all files, as tables: directives that hold, of those that were carried out, by suite and by
//! kind, a column for each way of building.

use std::collections::BTreeSet;

use super::suites::{File, SUITES};
use super::{FileReport, Kind, Tally};

/// Prints both tables. `columns` names the ways of building; `results` has a report of each file for each.
pub fn print(files: &[File], columns: &[String], results: &[Vec<FileReport>]) {
    println!("\ndirectives that hold / carried out, in these configurations:");
    for (number, column) in columns.iter().enumerate() {
        println!("  ({}) {column}", number + 1);
    }
    println!("\n{}", row("suite", "files", "skipped", (1..=columns.len()).map(|n| format!("({n})"))));
    for suite in SUITES {
        print_suite(suite.name, &|file| file.suite == suite.name, files, results);
    }
    print_suite("all", &|_| true, files, results);
    println!("\n{}", row("directive", "", "skipped", (1..=columns.len()).map(|n| format!("({n})"))));
    let kinds: BTreeSet<Kind> =
        results.iter().flatten().flat_map(|report| report.counts.0.keys().copied()).collect();
    for kind in kinds {
        let of = |report: &FileReport| report.counts.0.get(kind).copied().unwrap_or_default();
        let sums: Vec<Tally> = results.iter().map(|reports| sum(reports.iter().map(of))).collect();
        println!("{}", row(kind, "", &skipped(&sums), sums.iter().map(cell)));
    }
}

fn print_suite(name: &str, wanted: &dyn Fn(&File) -> bool, files: &[File], results: &[Vec<FileReport>]) {
    let count = files.iter().filter(|file| wanted(file)).count();
    if count == 0 {
        return;
    }
    let of_suite = |reports: &Vec<FileReport>| {
        let reports = files.iter().zip(reports).filter(|(file, _)| wanted(file));
        sum(reports.map(|(_, report)| report.counts.all()))
    };
    let sums: Vec<Tally> = results.iter().map(of_suite).collect();
    println!("{}", row(name, &count.to_string(), &skipped(&sums), sums.iter().map(cell)));
}

fn sum(tallies: impl Iterator<Item = Tally>) -> Tally {
    let mut sum = Tally::default();
    tallies.for_each(|tally| sum += tally);
    sum
}

/// What is skipped is so in every configuration.
fn skipped(sums: &[Tally]) -> String {
    sums.first().map_or(0, |sum| sum.skipped).to_string()
}

fn cell(tally: &Tally) -> String {
    format!("{}/{}", tally.passed, tally.run())
}

fn row(name: &str, files: &str, skipped: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: String = cells.map(|cell| format!("  {cell:>14}")).collect();
    format!("{name:<24} {files:>5} {skipped:>8}{cells}")
}
