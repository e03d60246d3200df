//! `wasm-aot completions` and `wasm-aot manual`: the command line as shells and `man` describe it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Command};
use clap_complete::Shell;

use super::message;

#[derive(Args)]
pub struct Completions {
    shell: Shell,
}

impl Completions {
    /// Prints the completions for a command line.
    pub fn execute(self, mut command: Command) -> Result<()> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut command, "wasm-aot", &mut text);
        message::print(std::str::from_utf8(&text)?)
    }
}

#[derive(Args)]
pub struct Manual {
    /// The directory that gets a page for each command.
    directory: PathBuf,
}

impl Manual {
    /// Writes the manual pages of a command line.
    pub fn execute(self, command: Command) -> Result<()> {
        let context = || format!("can't write the manual to {}", crate::escape::path(&self.directory));
        std::fs::create_dir_all(&self.directory).with_context(context)?;
        clap_mangen::generate_to(command, &self.directory).with_context(context)
    }
}
