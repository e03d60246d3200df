//! Verdicts on directives, counted by their kind.

use std::collections::BTreeMap;
use std::ops::AddAssign;

/// What a kind of directive is called in the text format of scripts.
pub type Kind = &'static str;

/// How many directives had which verdict. Each has one of these.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    /// Not carried out, for a reason that is printed.
    pub skipped: usize,
}

impl Tally {
    /// Directives that were carried out.
    pub fn run(self) -> usize {
        self.passed + self.failed
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The tally of each kind.
#[derive(Clone, Default, Debug)]
pub struct Counts(pub BTreeMap<Kind, Tally>);

impl Counts {
    pub fn pass(&mut self, kind: Kind) {
        self.0.entry(kind).or_default().passed += 1;
    }

    pub fn fail(&mut self, kind: Kind) {
        self.0.entry(kind).or_default().failed += 1;
    }

    pub fn skip(&mut self, kind: Kind) {
        self.0.entry(kind).or_default().skipped += 1;
    }

    /// The tally of all kinds together.
    pub fn all(&self) -> Tally {
        let mut all = Tally::default();
        self.0.values().for_each(|tally| all += *tally);
        all
    }
}
