//! The progress bar of a build, on standard error if it is a terminal.

use std::fmt::Write;
use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::Compiler;
use crate::driver::Progress;

/// Smaller builds finish before anyone could read the bar.
const LEAST_WORK: u64 = 1 << 20;

/// The time that must have passed, and the work that must be done, before the remaining time can be estimated:
/// functions differ, and the first ones say little about the others.
const LEAST_TIME: Duration = Duration::from_secs(1);
const LEAST_DONE: f64 = 0.1;

/// Shows a build's progress, if it is `wanted` and standard error is a terminal.
pub fn show(compiler: Compiler, wanted: bool) -> Compiler {
    if wanted && std::io::stderr().is_terminal() { compiler.progress(Bar::default()) } else { compiler }
}

/// A bar that appears for large builds.
#[derive(Default)]
struct Bar(OnceLock<ProgressBar>);

impl Progress for Bar {
    fn begin(&self, work: u64) {
        if work >= LEAST_WORK {
            self.0.get_or_init(|| bar(work));
        }
    }

    fn advance(&self, done: u64) {
        if let Some(bar) = self.0.get() {
            bar.inc(done);
        }
    }

    fn end(&self) {
        if let Some(bar) = self.0.get() {
            bar.finish_and_clear();
        }
    }
}

/// A bar for this many bytes of Wasm.
fn bar(work: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(work), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("compiling [{bar:40}] {percent}%{rest}") {
        let rest = |state: &ProgressState, text: &mut dyn Write| {
            if let Some(rest) = estimate(state.elapsed(), state.fraction().into()) {
                // A bar that can't be drawn is left out.
                let _ = write!(text, ", about {:#} left", HumanDuration(rest));
            }
        };
        bar.set_style(style.progress_chars("=> ").with_key("rest", rest));
    }
    bar
}

/// The remaining time, once it can be estimated.
fn estimate(elapsed: Duration, done: f64) -> Option<Duration> {
    let known = elapsed >= LEAST_TIME && done >= LEAST_DONE;
    known.then(|| elapsed.mul_f64((1.0 - done.min(1.0)) / done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_estimate_before_it_means_something() {
        let seconds = Duration::from_secs;
        assert_eq!(estimate(seconds(0), 0.0), None);
        assert_eq!(estimate(seconds(30), 0.0), None);
        assert_eq!(estimate(seconds(30), 0.09), None);
        assert_eq!(estimate(Duration::from_millis(900), 0.9), None);
        assert_eq!(estimate(seconds(2), 0.25), Some(seconds(6)));
        assert_eq!(estimate(seconds(2), 1.0), Some(seconds(0)));
    }
}
