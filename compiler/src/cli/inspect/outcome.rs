//! The last lines of `inspect`.

use std::fmt::Write as _;

use crate::error::Result;

/// Whether a build would succeed, and if so, how many of the functions would be compiled.
pub fn outcome(text: &mut String, reachable: Result<usize>, functions: usize) -> std::fmt::Result {
    match reachable {
        Ok(reachable) => {
            writeln!(text, "\nreachable functions: {reachable} of {functions}")?;
            writeln!(text, "build: would succeed")?;
        }
        Err(error) => writeln!(text, "\nbuild: would fail: {error:#}")?,
    }
    Ok(())
}
