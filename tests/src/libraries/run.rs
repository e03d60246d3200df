//! Runs a test in one way: builds the libraries, links the host program with them, runs it, and looks at what it prints.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::case::{Case, Language, Library};
use super::link::{Kind, Linking, Way, succeed};
use crate::harness::Skipped;
use crate::programs::fetch::Fetched;
use crate::programs::process::{self, Ending};
use crate::programs::targets::Target;

const LIMIT: Duration = Duration::from_secs(120);

/// What every test needs to know.
pub struct Suite {
    pub compiler: PathBuf,
    pub fetched: Fetched,
}

impl Suite {
    /// Runs a test in an empty directory.
    pub fn run(&self, case: &Case, target: &Target, way: Way, scratch: &Path) -> Result<()> {
        if let Some(reason) = case.left_out.get(target.name) {
            return Err(Skipped(reason.clone()).into());
        }
        let missing = |error: anyhow::Error| anyhow::Error::from(Skipped(format!("{error:#}")));
        let modules = case.modules().map(|module| self.fetched.module(module).map(drop));
        let tools = way.tools().iter().map(|tool| self.fetched.tool(tool).map(drop));
        modules.chain(tools).collect::<Result<()>>().map_err(missing)?;
        let mut runner = Vec::new();
        if !target.is_host() {
            self.fetched.tool(target.emulator).map_err(missing)?;
            runner = target.runner();
            if way.kind == Kind::Shared && target.name.ends_with("-linux") {
                runner.extend(["-L".into(), self.sysroot(target).map_err(missing)?]);
            }
        }
        let libraries =
            case.libraries.iter().map(|library| self.build(case, library, target, way.kind, scratch));
        let libraries = libraries.collect::<Result<Vec<_>>>()?;
        let program =
            Linking { case, target, way, fetched: &self.fetched, directory: scratch }.link(&libraries)?;
        for directory in &case.directories {
            std::fs::create_dir(scratch.join(directory))?;
        }
        runner.push(program.to_string_lossy().into_owned());
        let mut command = Command::new(&runner[0]);
        command.args(&runner[1..]).args(&case.args).current_dir(scratch);
        let outcome = process::run(&mut command, case.input()?, LIMIT)?;
        let (stdout, stderr) =
            (String::from_utf8_lossy(&outcome.stdout), String::from_utf8_lossy(&outcome.stderr));
        ensure!(
            outcome.ending == Ending::Code(0),
            "the program ended with {}: {stdout}{stderr}",
            outcome.ending
        );
        for part in &case.stdout_has {
            ensure!(stdout.contains(part), "the program didn't print `{part}`, but {stdout}");
        }
        Ok(())
    }

    /// Where the dynamic linker and the C library of another architecture are.
    fn sysroot(&self, target: &Target) -> Result<String> {
        let loader = self.fetched.tool(&format!("loader-{}", target.name))?;
        let root = loader.ancestors().nth(2).context("a loader in a sysroot")?;
        Ok(root.display().to_string())
    }

    /// Builds a library, with its header or its Rust module beside it; returns what the program is linked with.
    fn build(
        &self,
        case: &Case,
        library: &Library,
        target: &Target,
        kind: Kind,
        scratch: &Path,
    ) -> Result<PathBuf> {
        let prefix = &library.prefix;
        let is_windows = target.name.ends_with("-windows");
        let (what, file) = match (kind, is_windows) {
            (Kind::Static, true) => ("staticlib", format!("{prefix}.lib")),
            (Kind::Static, false) => ("staticlib", format!("lib{prefix}.a")),
            (Kind::Shared, true) => ("cdylib", format!("{prefix}.dll")),
            (Kind::Shared, false) => ("cdylib", format!("lib{prefix}.so")),
        };
        let emit = |emit: &str, output: &Path| {
            let mut command = Command::new(&self.compiler);
            command.arg("build").arg(self.fetched.module(&library.module)?);
            command.args(["--emit", emit, "--target", target.name, "--prefix", prefix, "-q"]);
            succeed(command.args(&library.flags).arg("-o").arg(output))
        };
        emit(what, &scratch.join(&file))?;
        if case.language() == Language::Rust {
            emit("rust", &scratch.join(format!("{prefix}.rs")))?;
        }
        let linked = if kind == Kind::Shared && is_windows { format!("{prefix}.lib") } else { file };
        Ok(scratch.join(linked))
    }
}
