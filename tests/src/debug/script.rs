//! A script of `tests/debug/scripts`: what a debugger is told, and what it must answer.
//!
//! The first lines are settings, `name: value`; `tests/debug/README.md` lists them. A line `> COMMAND` is a command. The
//! lines below it are patterns, which must be found in its output, each in a line of its own, in their order: `*` stands
//! for any text, and a pattern needn't cover its line. `! ` comes before a pattern that must not be found, and `[0] `
//! before one that holds for programs of that optimisation level only. `# ` begins a comment.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::programs::case::repository;

/// The debugger that follows a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Debugger {
    Gdb,
    Lldb,
}

/// What a debugger is asked about one program.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// The name of the file, without `.txt`.
    pub name: String,
    /// The name of a file in `tests/programs/modules`.
    pub module: String,
    pub debugger: Debugger,
    /// What `wasm-aot build -O` is given.
    pub levels: Vec<String>,
    /// Targets; those of other processors by an emulator's gdb server.
    pub targets: Vec<String>,
    /// More flags for `wasm-aot build`.
    pub flags: Vec<String>,
    /// Whether the debugger reads the compiler's script for it.
    pub with_compilers_script: bool,
    /// The source file whose lines are sampled, and the number of values that there must be.
    pub sample: Option<(String, usize)>,
    pub steps: Vec<Step>,
}

/// A command, and what its output must be like.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub command: String,
    pub patterns: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub text: String,
    /// Whether it must not be found.
    pub is_forbidden: bool,
    /// The only optimisation level for which it holds.
    pub level: Option<String>,
}

impl Script {
    /// Reads a script; `name` is for messages.
    fn parse(name: &str, text: &str) -> Result<Script> {
        let mut script = Script {
            name: name.to_owned(),
            module: String::new(),
            debugger: Debugger::Gdb,
            levels: vec!["0".into(), "2".into()],
            targets: vec!["x86_64-linux".into()],
            flags: Vec::new(),
            with_compilers_script: true,
            sample: None,
            steps: Vec::new(),
        };
        for line in text.lines() {
            let line = line.trim();
            if line.is_empty() || line == "#" || line.starts_with("# ") {
            } else if let Some(command) = line.strip_prefix("> ") {
                script.steps.push(Step { command: command.to_owned(), patterns: Vec::new() });
            } else if let Some(step) = script.steps.last_mut() {
                step.patterns.push(Pattern::parse(line));
            } else {
                script.set(line).with_context(|| format!("`{line}`"))?;
            }
        }
        ensure!(!script.module.is_empty(), "there is no `module: NAME`");
        ensure!(
            script.steps.is_empty() == script.sample.is_some(),
            "either commands or `sample: FILE COUNT`"
        );
        Ok(script)
    }

    fn set(&mut self, line: &str) -> Result<()> {
        let (name, value) = line.split_once(": ").context("isn't `name: value`")?;
        let words = || value.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        match name {
            "module" => self.module = value.to_owned(),
            "debugger" => {
                self.debugger = match value {
                    "gdb" => Debugger::Gdb,
                    "lldb" => Debugger::Lldb,
                    _ => bail!("there is no debugger `{value}`"),
                }
            }
            "levels" => self.levels = words(),
            "targets" => self.targets = words(),
            "flags" => self.flags = words(),
            "script" => self.with_compilers_script = value != "no",
            "sample" => {
                let (file, count) = value.split_once(' ').context("isn't `FILE COUNT`")?;
                self.sample = Some((file.to_owned(), count.parse()?));
            }
            _ => bail!("there is no setting `{name}`"),
        }
        Ok(())
    }
}

impl Pattern {
    fn parse(line: &str) -> Pattern {
        let (level, line) = match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            Some((level, rest)) if level.len() == 1 => (Some(level.to_owned()), rest),
            _ => (None, line),
        };
        let (is_forbidden, line) = match line.strip_prefix("! ") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        Pattern { text: line.to_owned(), is_forbidden, level }
    }

    /// Whether a line of output has it.
    fn is_in(&self, line: &str) -> bool {
        let mut rest = line;
        self.text.split('*').all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    }
}

impl Step {
    /// Compares the output of the command with what it must be like, for a program of this level.
    pub fn check(&self, output: &str, level: &str) -> Result<()> {
        let mut lines = output.lines();
        for pattern in &self.patterns {
            if pattern.level.as_deref().is_some_and(|only| only != level) {
                continue;
            }
            let found = if pattern.is_forbidden {
                !output.lines().any(|line| pattern.is_in(line))
            } else {
                lines.any(|line| pattern.is_in(line))
            };
            let verb = if pattern.is_forbidden { "has" } else { "lacks" };
            ensure!(found, "the answer to `{}` {verb} `{}`:\n{output}", self.command, pattern.text);
        }
        Ok(())
    }
}

/// All scripts, in the order of their names.
pub fn load() -> Result<Vec<Script>> {
    let directory = repository().join("tests/debug/scripts");
    let mut scripts = Vec::new();
    for entry in std::fs::read_dir(&directory).with_context(|| directory.display().to_string())? {
        scripts.push(read(&entry?.path())?);
    }
    scripts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(scripts)
}

fn read(path: &Path) -> Result<Script> {
    let name = path.file_stem().context("a file has a name")?.to_string_lossy();
    let text = std::fs::read_to_string(path)?;
    Script::parse(&name, &text).with_context(|| format!("in {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_of_the_repository_can_be_read() {
        for script in load().unwrap() {
            let module = repository().join(format!("tests/programs/modules/{}.toml", script.module));
            assert!(module.is_file(), "{}: there is no {}", script.name, module.display());
        }
    }

    #[test]
    fn commands_and_patterns() {
        let text = "module: m\nlevels: 2\n# Why.\n> print x\n$* = 1\n[2] end\n! wrong\n";
        let script = Script::parse("name", text).unwrap();
        let [step] = &*script.steps else { panic!("there is one command") };
        step.check("$1 = 1\nthe end\n", "2").unwrap();
        step.check("$1 = 1\n", "0").unwrap();
        step.check("$1 = 1\n", "2").unwrap_err();
        step.check("the end\n$1 = 1\n", "2").unwrap_err();
        step.check("$1 = 1\nthe wrong end\n", "2").unwrap_err();
    }

    #[test]
    fn mistakes_are_errors() {
        for text in ["module: m\n", "> print x\n", "module: m\nlevel: 1\n> x\n", "module: m\nsample: a\n"] {
            assert!(Script::parse("name", text).is_err(), "{text}");
        }
    }
}
