//! The description of one program of the benchmark, from `tests/bench/programs/NAME.toml`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::programs::case::repository;

/// A module and how to run it, so that it takes 0.3 to 1.5 seconds natively.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Program {
    /// The name of the file, without `.toml`.
    #[serde(skip)]
    pub name: String,
    /// The name of a file in `tests/programs/modules`.
    pub module: String,
    #[serde(default)]
    pub args: Vec<String>,
    /// The arguments with which instructions are counted, if there are to be fewer: under an emulator the program takes ten
    /// times as long.
    pub count_args: Option<Vec<String>>,
    /// The command of the same program for the host, if the module is an interpreter.
    pub native: Option<String>,
    /// What it reads from standard input, relative to the root of the repository.
    pub stdin_file: Option<PathBuf>,
    /// Whether it has objects of the garbage-collected heap: its pauses are reported, and these programs have a
    /// mean of their own.
    #[serde(default)]
    pub collected: bool,
}

impl Program {
    pub fn input(&self) -> PathBuf {
        self.stdin_file.as_ref().map_or("/dev/null".into(), |path| repository().join(path))
    }
}

/// All programs whose name contains `filter`, in the order of their names.
pub fn load(filter: &str) -> Result<Vec<Program>> {
    let directory = repository().join("tests/bench/programs");
    let mut programs = Vec::new();
    for entry in
        std::fs::read_dir(&directory).with_context(|| format!("can't list {}", directory.display()))?
    {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix(".toml"))
        else {
            continue;
        };
        if name.contains(filter) {
            let text = std::fs::read_to_string(&path)?;
            let mut program: Program =
                toml::from_str(&text).with_context(|| format!("in {}", path.display()))?;
            program.name = name.to_string();
            programs.push(program);
        }
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_of_the_repository_can_be_read() {
        let programs = load("").unwrap();
        assert!(programs.len() >= 14);
        for program in programs {
            assert!(program.input().exists());
            let module = repository().join(format!("tests/programs/modules/{}.toml", program.module));
            assert!(module.is_file(), "{}: there is no {}", program.name, module.display());
        }
    }
}
