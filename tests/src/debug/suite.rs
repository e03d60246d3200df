//! Builds a program for a target at an optimisation level, and does what a script says.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::debugger::Session;
use super::samples::{self, Comparison};
use super::script::{Debugger, Script};
use crate::harness::Skipped;
use crate::programs::fetch::Fetched;
use crate::programs::targets::{TARGETS, Target};

/// The least share of values, in percent, that a debugger must know in programs that their producer hasn't optimised.
fn least_share(level: &str) -> usize {
    if level == "0" { 95 } else { 80 }
}

/// What every test needs to know.
pub struct Suite {
    pub compiler: PathBuf,
    pub fetched: Fetched,
}

/// One way of following a script.
#[derive(Clone, Debug)]
pub struct Way {
    pub level: String,
    pub target: &'static Target,
}

impl Way {
    /// All that a script names.
    pub fn of(script: &Script) -> Result<Vec<Way>> {
        let mut ways = Vec::new();
        for name in &script.targets {
            let target = TARGETS.iter().find(|target| target.name == name);
            let target = target.with_context(|| format!("{}: there is no target `{name}`", script.name))?;
            ways.extend(script.levels.iter().map(|level| Way { level: level.clone(), target }));
        }
        Ok(ways)
    }

    /// The tools that it takes, by the fetcher's names.
    pub fn tools(&self, debugger: Debugger) -> Vec<&'static str> {
        match debugger {
            Debugger::Lldb => vec!["lldb"],
            Debugger::Gdb if self.target.is_host() => vec!["gdb"],
            Debugger::Gdb => vec!["gdb-multiarch", self.target.emulator],
        }
    }
}

impl Suite {
    /// Follows a script in an empty directory.
    pub fn run(&self, script: &Script, way: &Way, scratch: &Path) -> Result<()> {
        let missing = |error: anyhow::Error| anyhow::Error::from(Skipped(format!("{error:#}")));
        let tools = way.tools(script.debugger).into_iter().map(|tool| self.fetched.tool(tool));
        let tools = tools.collect::<Result<Vec<_>>>().map_err(missing)?;
        let module = self.fetched.module(&script.module).map_err(missing)?;
        let program = scratch.join("program");
        let mut build = Command::new(&self.compiler);
        build.arg("build").arg(&module).args(["-q", "-O", &way.level, "--target", way.target.name]);
        self.succeed(build.args(&script.flags).arg("-o").arg(&program))?;
        if let Some((source, least)) = &script.sample {
            let host = self.fetched.host(&script.module)?;
            let host = samples::take(&tools[0], &host, source, scratch)?;
            let ours = samples::take(&tools[0], &program, source, scratch)?;
            return Comparison::new(&host, &ours).check(*least, least_share(&way.level));
        }
        let compilers = match script.with_compilers_script {
            true => Some(self.compilers_script(script.debugger, scratch)?),
            false => None,
        };
        let session = Session {
            debugger: script.debugger,
            command: &tools[0],
            target: way.target,
            program: &program,
            script: compilers.as_deref(),
        };
        let commands: Vec<&str> = script.steps.iter().map(|step| step.command.as_str()).collect();
        let answers = session.run(&commands)?;
        let mut steps = script.steps.iter().zip(&answers);
        steps.try_for_each(|(step, answer)| step.check(answer, &way.level))
    }

    /// Writes the compiler's script for a debugger.
    fn compilers_script(&self, debugger: Debugger, scratch: &Path) -> Result<PathBuf> {
        let name = if debugger == Debugger::Gdb { "gdb" } else { "lldb" };
        let text = self.succeed(Command::new(&self.compiler).args(["debugger-script", name]))?;
        let path = scratch.join(format!("wasm_aot_{name}.py"));
        std::fs::write(&path, text)?;
        Ok(path)
    }

    fn succeed(&self, command: &mut Command) -> Result<Vec<u8>> {
        let output = command.output().with_context(|| format!("can't start {}", self.compiler.display()))?;
        if !output.status.success() {
            bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(output.stdout)
    }
}
