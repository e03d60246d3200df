//! `wasm-aot completions` and `wasm-aot manual`: what shells and `man` know of the command line.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;

#[derive(Args)]
pub struct Completions {
    shell: Shell,
}

impl Completions {
    pub fn execute(self) -> Result<()> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "wasm-aot", &mut text);
        super::message::print(std::str::from_utf8(&text)?)
    }
}

#[derive(Args)]
pub struct Manual {
    /// Where a page for each command is written.
    directory: PathBuf,
}

impl Manual {
    pub fn execute(self) -> Result<()> {
        let context = || format!("can't write the manual to {}", crate::escape::path(&self.directory));
        std::fs::create_dir_all(&self.directory).with_context(context)?;
        clap_mangen::generate_to(Cli::command(), &self.directory).with_context(context)
    }
}
