//! What a build reports about itself: its progress, and afterwards what it did.

use std::time::{Duration, Instant};

use crate::program::{FuncKind, Program};

/// Receives the progress of code generation, from all threads that generate code.
pub trait Progress: Sync {
    /// Code generation begins; this many bytes of Wasm are to be compiled.
    fn begin(&self, work: u64);
    /// This many more of them have been compiled.
    fn advance(&self, done: u64);
    /// Code generation has ended, or failed.
    fn end(&self);
}

/// Ignores all progress.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}

/// What a build did.
#[derive(Debug, Default)]
pub struct Report {
    pub functions: usize,
    pub functions_total: usize,
    pub code_bytes: usize,
    pub output_bytes: u64,
    /// Warnings: what the user may not expect of the program.
    pub warnings: Vec<String>,
    /// Phases in order, with their wall time.
    pub phases: Vec<(&'static str, Duration)>,
}

impl Report {
    pub(super) fn time<T>(&mut self, phase: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        self.phases.push((phase, start.elapsed()));
        result
    }

    pub(super) fn count_functions(&mut self, program: &Program<'_>, compiled: usize) {
        self.functions = compiled;
        self.functions_total =
            program.funcs.values().filter(|func| matches!(func.kind, FuncKind::Wasm(..))).count();
    }
}
