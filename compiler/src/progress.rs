//! The progress bar of a build, on standard error if that is a terminal.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// Less is over before anyone could read the bar.
const LEAST_WORK: u64 = 1 << 20;

/// What must have passed, and been done, before the rest can be estimated: functions differ, and the first ones say
/// little about the others.
const LEAST_TIME: Duration = Duration::from_secs(1);
const LEAST_DONE: f64 = 0.1;

/// A bar for so many bytes of Wasm; hidden if it isn't `wanted`.
pub fn bar(wanted: bool, work: u64) -> ProgressBar {
    if !wanted || work < LEAST_WORK {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(work), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("compiling [{bar:40}] {percent}%{rest}") {
        let rest = |state: &ProgressState, text: &mut dyn Write| {
            if let Some(rest) = estimate(state.elapsed(), state.fraction().into()) {
                // A bar that can't be drawn is none.
                let _ = write!(text, ", about {:#} left", HumanDuration(rest));
            }
        };
        bar.set_style(style.progress_chars("=> ").with_key("rest", rest));
    }
    bar
}

/// How long the rest takes, once that can be said.
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
