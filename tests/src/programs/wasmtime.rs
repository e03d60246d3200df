//! Programs under wasmtime, which says what is right. A module is compiled once for all tests that use it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;

use super::process::{self, Ending};

const COMPILE_LIMIT: Duration = Duration::from_secs(900);

/// The `wasmtime` command, with a directory of the modules that it compiled.
pub struct Wasmtime {
    command: PathBuf,
    compiled: TempDir,
}

impl Wasmtime {
    pub fn new(command: PathBuf) -> Result<Self> {
        Ok(Wasmtime { command, compiled: tempfile::tempdir()? })
    }

    /// A command that runs a module, without its grants and arguments; the caller adds grants,
    /// then the path that comes with it, then arguments.
    pub fn run(&self, name: &str, module: &Path) -> Result<(Command, PathBuf)> {
        let compiled = self.compiled.path().join(format!("{name}.cwasm"));
        if !compiled.is_file() {
            let mut command = Command::new(&self.command);
            command.arg("compile").arg(module).arg("-o").arg(&compiled);
            let outcome = process::run(&mut command, Vec::new(), COMPILE_LIMIT)?;
            if outcome.ending != Ending::Code(0) {
                let stderr = String::from_utf8_lossy(&outcome.stderr);
                anyhow::bail!("wasmtime can't compile {name}: {}: {stderr}", outcome.ending);
            }
        }
        let mut command = Command::new(&self.command);
        command.args(["run", "--allow-precompiled"]);
        Ok((command, compiled))
    }
}
