//! What `inspect --diff` prints: what grew and what shrank.

use std::fmt::Write as _;

use super::report::Against;
use crate::sizes::{Change, Diff, KindChange};

/// The most parts that are printed; `--json` and `--html` have all of them.
const MOST: usize = 50;

/// Adds the comparison of a file with another one.
///
/// # Errors
/// If the text takes no more: it always does.
pub fn describe(text: &mut String, name: &str, against: &Against) -> std::fmt::Result {
    let Against { name: other, diff: Diff { before, after, kinds, changes } } = against;
    writeln!(text, "{other} -> {name}: {before} -> {after} bytes ({})", difference(*before, *after))?;
    for KindChange { kind, before, after } in kinds {
        writeln!(text, "  {:>11}  {:<17}  {before} -> {after}", difference(*before, *after), kind.title())?;
    }
    writeln!(text, "\nchanged: {}", changes.len())?;
    for Change { kind, name, before, after, .. } in changes.iter().take(MOST) {
        let what = match (before, after) {
            (0, _) => "new".to_owned(),
            (_, 0) => "gone".to_owned(),
            _ => format!("{before} -> {after}"),
        };
        writeln!(text, "  {:>11}  {name} ({}, {what})", difference(*before, *after), kind.title())?;
    }
    if let Some(more @ 1..) = changes.len().checked_sub(MOST) {
        writeln!(text, "  and {more} more: --json has them all")?;
    }
    Ok(())
}

/// A difference with its sign.
fn difference(before: u64, after: u64) -> String {
    let sign = match after.cmp(&before) {
        std::cmp::Ordering::Less => "-",
        std::cmp::Ordering::Equal => "",
        std::cmp::Ordering::Greater => "+",
    };
    format!("{sign}{}", before.abs_diff(after))
}
