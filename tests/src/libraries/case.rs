//! The description of one test, from `tests/libraries/cases/NAME.toml`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::programs::case::repository;

/// A host program, and the libraries that it is linked with.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Case {
    /// The name of the file, without `.toml`.
    #[serde(skip)]
    pub name: String,
    /// A file in `tests/libraries/hosts`; the ending names its language.
    pub host: String,
    pub libraries: Vec<Library>,
    /// A module whose sources in C are compiled for the host program, too.
    pub native: Option<String>,
    #[serde(default)]
    pub args: Vec<String>,
    /// Empty directories that are there.
    #[serde(default)]
    pub directories: Vec<String>,
    /// What it reads from standard input, relative to the root of the repository.
    pub stdin_file: Option<PathBuf>,
    /// What it must print, at least.
    pub stdout_has: Vec<String>,
    /// Whether it is linked by each linker, and not only by one for each kind of library.
    #[serde(default)]
    pub linkers: bool,
    /// Whether it is also run with the address sanitizer.
    #[serde(default)]
    pub sanitized: bool,
    /// Whether it is also run on targets that only run a part of the tests.
    #[serde(default)]
    pub quick: bool,
    /// Targets on which it isn't run, with the reasons.
    #[serde(default)]
    pub left_out: BTreeMap<String, String>,
}

/// A module that becomes a library.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Library {
    /// The name of a file in `tests/programs/modules`.
    pub module: String,
    /// `--prefix`.
    pub prefix: String,
    /// More flags for `wasm-aot build`.
    #[serde(default)]
    pub flags: Vec<String>,
}

/// The language of a host program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    C,
    Cpp,
    Rust,
}

impl Case {
    pub fn host(&self) -> PathBuf {
        repository().join("tests/libraries/hosts").join(&self.host)
    }

    pub fn language(&self) -> Language {
        match self.host.rsplit_once('.') {
            Some((_, "rs")) => Language::Rust,
            Some((_, "cpp")) => Language::Cpp,
            _ => Language::C,
        }
    }

    /// What it reads from standard input.
    pub fn input(&self) -> Result<Vec<u8>> {
        match &self.stdin_file {
            Some(path) => std::fs::read(repository().join(path)).with_context(|| path.display().to_string()),
            None => Ok(Vec::new()),
        }
    }

    /// The names of all modules that the test needs.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        self.libraries.iter().map(|library| library.module.as_str()).chain(self.native.as_deref())
    }
}

/// All tests, in the order of their names.
pub fn load() -> Result<Vec<Case>> {
    let directory = repository().join("tests/libraries/cases");
    let mut cases = Vec::new();
    for entry in
        std::fs::read_dir(&directory).with_context(|| format!("can't list {}", directory.display()))?
    {
        let path = entry?.path();
        let text = std::fs::read_to_string(&path)?;
        let mut case: Case = toml::from_str(&text).with_context(|| format!("in {}", path.display()))?;
        case.name = path.file_stem().context("a file has a name")?.to_string_lossy().into_owned();
        cases.push(case);
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_the_repository_can_be_read() {
        let cases = load().unwrap();
        assert!(cases.len() > 4);
        for case in cases {
            case.input().unwrap();
            assert!(case.host().is_file(), "{}: there is no {}", case.name, case.host);
            for module in case.modules() {
                let module = repository().join(format!("tests/programs/modules/{module}.toml"));
                assert!(module.is_file(), "{}: there is no {}", case.name, module.display());
            }
        }
    }
}
