//! Programs under wasmtime, the reference. A module is compiled once for all tests that use it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use anyhow::{Result, anyhow};
use tempfile::TempDir;

use super::process::{self, Ending};

const COMPILE_LIMIT: Duration = Duration::from_secs(900);

/// How a module is compiled: the first that can. Winch takes a fraction of the time, and shares no code generator with
/// us; it refuses modules with features that it lacks.
const COMPILERS: [&[&str]; 2] = [&["-C", "compiler=winch"], &[]];

/// The `wasmtime` command, with a directory of the modules that it compiled.
pub struct Wasmtime {
    command: PathBuf,
    directory: TempDir,
    modules: Mutex<BTreeMap<String, Compilation>>,
}

/// Once a thread has tried: the compiled module and the flags that it takes, or the reason why it can't be compiled.
type Compilation = Arc<OnceLock<Result<(PathBuf, &'static [&'static str]), String>>>;

impl Wasmtime {
    pub fn new(command: PathBuf) -> Result<Self> {
        Ok(Wasmtime { command, directory: tempfile::tempdir()?, modules: Mutex::default() })
    }

    /// A command that runs a module, without its grants and arguments; the caller adds grants,
    /// then the path that comes with it, then arguments.
    pub fn run(&self, name: &str, module: &Path) -> Result<(Command, PathBuf)> {
        let compilation = {
            let mut modules = self.modules.lock().expect("nothing panics here");
            Arc::clone(modules.entry(name.to_owned()).or_default())
        };
        let compiled = compilation.get_or_init(|| self.compile(name, module).map_err(|e| format!("{e:#}")));
        let (compiled, flags) = compiled.clone().map_err(|error| anyhow!("{error}"))?;
        let mut command = Command::new(&self.command);
        command.args(["run", "--allow-precompiled"]).args(flags);
        Ok((command, compiled))
    }

    fn compile(&self, name: &str, module: &Path) -> Result<(PathBuf, &'static [&'static str])> {
        let compiled = self.directory.path().join(format!("{name}.cwasm"));
        let mut reason = String::new();
        for flags in COMPILERS {
            let mut command = Command::new(&self.command);
            command.arg("compile").args(flags).arg(module).arg("-o").arg(&compiled);
            let outcome = process::run(&mut command, Vec::new(), COMPILE_LIMIT)?;
            if outcome.ending == Ending::Code(0) {
                return Ok((compiled, flags));
            }
            reason = format!("{}: {}", outcome.ending, String::from_utf8_lossy(&outcome.stderr));
        }
        anyhow::bail!("wasmtime can't compile {name}: {reason}");
    }
}
