//! `run` where there is no cache yet, and where a process can't be replaced by another program: builds into a
//! temporary directory, runs the program, and ends with its exit status.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::super::{input, interrupt, message, progress};
use super::Run;
use crate::Compiler;
use crate::driver::BuildPlan;
use crate::output::TemporaryDirectory;

impl Run {
    /// Returns only if the program can't be run.
    pub(super) fn become_program(&self, input: &Path, arguments: &[OsString], plan: BuildPlan) -> Result<()> {
        if self.verbose && !self.no_cache {
            message::note("note: there is no cache on this system");
        }
        interrupt::end_cleanly()?;
        let directory = TemporaryDirectory::new().context("can't make a temporary directory")?;
        let stem = input.file_stem().unwrap_or("program".as_ref());
        let program = directory.path().join(plan.target.format.executable().around(stem));
        let module = input::read_module(input)?;
        let cannot_build = || format!("can't build {}", input::name(input));
        let artifact =
            progress::show(Compiler::from(plan), true).compile(&module).with_context(cannot_build)?;
        artifact.write_to(&program).with_context(cannot_build)?;
        artifact.warnings().iter().for_each(|warning| message::warning(warning));
        let status = Command::new(&program).args(arguments).status();
        drop(directory);
        let status = status.with_context(|| format!("can't run {}", input::name(input)))?;
        std::process::exit(status.code().unwrap_or(1))
    }
}
