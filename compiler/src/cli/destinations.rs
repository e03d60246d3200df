//! The files that a build writes: no two are the same, and none is one that it reads. They are added, and so checked, before
//! the first is written.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::output;

/// What is read and what is to be written.
pub struct Destinations {
    inputs: Vec<PathBuf>,
    /// Each with what it is, for diagnostics.
    outputs: Vec<(String, PathBuf)>,
}

impl Destinations {
    /// Nothing is written, these files are read.
    pub fn new(inputs: Vec<PathBuf>) -> Destinations {
        Destinations { inputs, outputs: Vec::new() }
    }

    /// Adds files that are read.
    ///
    /// # Errors
    /// If one of them is to be written.
    pub fn read(&mut self, inputs: Vec<PathBuf>) -> Result<()> {
        for (_, output) in &self.outputs {
            output::check(output, inputs.iter().map(PathBuf::as_path))?;
        }
        self.inputs.extend(inputs);
        Ok(())
    }

    /// Adds a file that is to be written; `what` describes it, with its name.
    ///
    /// # Errors
    /// If it is a directory, is read, or is written already.
    pub fn write(&mut self, what: String, output: &Path) -> Result<()> {
        output::check(output, self.inputs.iter().map(PathBuf::as_path))?;
        if let Some((other, _)) = self.outputs.iter().find(|(_, other)| output::is_same(output, other)) {
            bail!("{what}: it is the same file as {other}");
        }
        self.outputs.push((what, output.to_owned()));
        Ok(())
    }
}
