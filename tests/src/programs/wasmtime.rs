//! Programs under wasmtime, the reference. A module is compiled once for all tests that use it.

use std::collections::BTreeMap;
use std::fmt;
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

/// Once a thread has tried: the compiled module, or the reason why it can't be compiled.
type Compilation = Arc<OnceLock<Result<Compiled, String>>>;

/// A compiled module.
#[derive(Clone)]
struct Compiled {
    path: PathBuf,
    flags: &'static [&'static str],
    /// Why Winch didn't compile it, if so.
    refusal: Option<String>,
}

/// What compiled the modules of a run.
#[derive(Default)]
pub struct Compilers {
    /// How many modules Winch compiled.
    winch: usize,
    /// The modules that Cranelift compiled, with the reason.
    cranelift: Vec<(String, String)>,
}

impl Compilers {
    /// Whether Cranelift was the reference of so many modules that it's no matter of a module's features any more: of all
    /// tests' it is three, which have tail calls or garbage collection.
    pub fn are_mostly_cranelift(&self) -> bool {
        self.cranelift.len() >= 5 && self.cranelift.len() >= self.winch
    }
}

impl fmt::Display for Compilers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reference: Winch compiled {} modules, Cranelift {}", self.winch, self.cranelift.len())?;
        self.cranelift.iter().try_for_each(|(name, reason)| write!(f, "\n  {name} by Cranelift: {reason}"))
    }
}

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
        let Compiled { path, flags, .. } = compiled.clone().map_err(|error| anyhow!("{error}"))?;
        let mut command = Command::new(&self.command);
        command.args(["run", "--allow-precompiled"]).args(flags);
        Ok((command, path))
    }

    /// What compiled the modules that were run so far.
    pub fn compilers(&self) -> Compilers {
        let mut compilers = Compilers::default();
        for (name, compilation) in self.modules.lock().expect("nothing panics here").iter() {
            match compilation.get() {
                Some(Ok(Compiled { refusal: Some(reason), .. })) => {
                    compilers.cranelift.push((name.clone(), reason.clone()));
                }
                Some(Ok(_)) => compilers.winch += 1,
                // Its tests have failed.
                Some(Err(_)) | None => {}
            }
        }
        compilers
    }

    fn compile(&self, name: &str, module: &Path) -> Result<Compiled> {
        let path = self.directory.path().join(format!("{name}.cwasm"));
        let (mut refusal, mut reason) = (None, String::new());
        for flags in COMPILERS {
            let mut command = Command::new(&self.command);
            command.arg("compile").args(flags).arg(module).arg("-o").arg(&path);
            let outcome = process::run(&mut command, Vec::new(), COMPILE_LIMIT)?;
            if outcome.ending == Ending::Code(0) {
                return Ok(Compiled { path, flags, refusal });
            }
            let stderr = String::from_utf8_lossy(&outcome.stderr);
            refusal.get_or_insert_with(|| format!("{}: {}", outcome.ending, cause(&stderr)));
            reason = format!("{}: {stderr}", outcome.ending);
        }
        anyhow::bail!("wasmtime can't compile {name}: {reason}");
    }
}

/// The innermost cause of an error that wasmtime prints: the last line before a backtrace.
fn cause(stderr: &str) -> &str {
    let lines = stderr.lines().map(str::trim).take_while(|line| *line != "Stack backtrace:");
    lines.filter(|line| !line.is_empty()).last().unwrap_or("it said nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_cause_is_shown() {
        let stderr = "Error: failed to compile: wasm[0]\n\nCaused by:\n    tail calls are off\nStack backtrace:\n   0: x\n";
        assert_eq!(cause(stderr), "tail calls are off");
        assert_eq!(cause("Error: flat\n"), "Error: flat");
        assert_eq!(cause(""), "it said nothing");
    }

    #[test]
    fn few_modules_may_be_cranelifts() {
        let compilers = |winch, cranelift| Compilers {
            winch,
            cranelift: vec![("module".to_owned(), "reason".to_owned()); cranelift],
        };
        assert!(compilers(0, 5).are_mostly_cranelift());
        assert!(compilers(20, 20).are_mostly_cranelift());
        assert!(!compilers(40, 5).are_mostly_cranelift());
        assert!(!compilers(0, 4).are_mostly_cranelift());
    }
}
