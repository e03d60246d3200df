//! The description of one program test, from `tests/programs/cases/NAME.toml`. A mistake in a file (an
//! unknown key, a missing file) is an error that names the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the repository").into()
}

/// A text, given in place or by the path of a file, relative to the root of the repository.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum Text {
    /// The text itself.
    Plain(String),
    /// `{ text = "..." }`
    Inline { text: String },
    /// `{ from = "path" }`
    File { from: PathBuf },
}

impl Text {
    pub fn read(&self) -> Result<Vec<u8>> {
        match self {
            Text::Plain(text) | Text::Inline { text } => Ok(text.clone().into_bytes()),
            Text::File { from } => std::fs::read(repository().join(from))
                .with_context(|| format!("can't read {}", from.display())),
        }
    }
}

/// Something that is in the working directory before the program starts.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum Prepared {
    /// `{ directory = true }`: an empty directory.
    Directory { directory: bool },
    /// `{ beside = "path" }`: a file that the module's package brings, by its path from the module.
    Beside { beside: PathBuf },
    /// A file with this content.
    File(Text),
}

/// Whether the bytes of standard error are compared.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Stderr {
    #[default]
    Compare,
    /// What the engine itself says is in it, such as the report of a trap.
    Ignore,
}

/// A program that is run after the first one, in the same directory and with the same grants.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The name of a file in `tests/programs/modules`.
    pub module: String,
    #[serde(default)]
    pub args: Vec<Text>,
}

/// One test: a module and how to run it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Case {
    /// The name of the file, without `.toml`.
    #[serde(skip)]
    pub name: String,
    /// The name of a file in `tests/programs/modules`.
    pub module: String,
    #[serde(default)]
    pub args: Vec<Text>,
    /// What is run after it, each program only if the one before ended with exit code 0.
    #[serde(default)]
    pub then: Vec<Step>,
    pub stdin: Option<String>,
    pub stdin_file: Option<PathBuf>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Grants, as `--dir` takes them; a relative directory is in the working directory.
    #[serde(default)]
    pub dirs: Vec<String>,
    /// Directory trees in the executable, as `--bundle` takes them, relative to the root of the repository; wasmtime
    /// is granted the directories.
    #[serde(default)]
    pub bundles: Vec<String>,
    /// What the program calls, as `--invoke` takes it: of a component that exports functions and no command.
    pub invoke: Option<String>,
    /// The modules that are linked to it, by the names by which `--link` links them: names of files in
    /// `tests/programs/modules`.
    #[serde(default)]
    pub link: BTreeMap<String, String>,
    /// More flags for `wasm-aot build`: grants that have no key of their own.
    #[serde(default)]
    pub flags: Vec<String>,
    /// More flags for `wasmtime run`, to the same end.
    #[serde(default)]
    pub reference_flags: Vec<String>,
    /// What is in the working directory at the start, by relative path.
    #[serde(default)]
    pub files: BTreeMap<PathBuf, Prepared>,
    /// The exit code, which wasmtime must give as well.
    #[serde(default)]
    pub exit: i32,
    #[serde(default)]
    pub stderr: Stderr,
    /// Texts that must be in the output, so that two engines failing alike don't pass.
    #[serde(default)]
    pub stdout_has: Vec<String>,
    #[serde(default)]
    pub stderr_has: Vec<String>,
    /// All of standard output; needed where there is no reference.
    pub stdout_is: Option<String>,
    /// Whether wasmtime is the reference.
    #[serde(default = "yes")]
    pub reference: bool,
    /// The module that wasmtime runs instead: the same program without what wasmtime can't compile.
    pub reference_module: Option<String>,
    /// Whether it is also run on the targets of which only a part is run by default.
    #[serde(default)]
    pub quick: bool,
    /// Targets for which it makes no sense, with the reason.
    #[serde(default)]
    pub left_out: BTreeMap<String, String>,
    /// The largest size in bytes of the stripped executable, on the host.
    pub max_stripped_size: Option<u64>,
}

fn yes() -> bool {
    true
}

impl Case {
    /// What the program reads from standard input.
    pub fn input(&self) -> Result<Vec<u8>> {
        match (&self.stdin, &self.stdin_file) {
            (Some(text), None) => Ok(text.clone().into_bytes()),
            (None, Some(path)) => Text::File { from: path.clone() }.read(),
            (None, None) => Ok(Vec::new()),
            (Some(_), Some(_)) => bail!("{}: stdin and stdin-file exclude each other", self.name),
        }
    }

    /// The first program and those that follow it.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        let first = Step { module: self.module.clone(), args: self.args.clone() };
        std::iter::once(first).chain(self.then.iter().cloned())
    }

    /// The bundles as arguments, after this option.
    pub fn bundles(&self, option: &str) -> Vec<String> {
        let bundle = |text: &String| [option.to_owned(), format!("{}/{text}", repository().display())];
        self.bundles.iter().flat_map(bundle).collect()
    }

    /// The names of all modules that the test needs.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        let others = self.then.iter().map(|step| step.module.as_str());
        let linked = self.link.values().map(String::as_str);
        std::iter::once(self.module.as_str())
            .chain(others)
            .chain(linked)
            .chain(self.reference_module.as_deref())
    }

    /// The flags that grant something to the program or say what it calls, in the form that `wasm-aot build` and
    /// `wasmtime run` share.
    pub fn grants(&self) -> Vec<String> {
        let mut flags = Vec::new();
        if let Some(invoke) = &self.invoke {
            flags.extend(["--invoke".to_string(), invoke.clone()]);
        }
        for dir in &self.dirs {
            flags.extend(["--dir".to_string(), dir.clone()]);
        }
        for (name, value) in &self.env {
            flags.extend(["--env".to_string(), format!("{name}={value}")]);
        }
        flags
    }
}

impl Step {
    /// The arguments after the name of the program.
    pub fn arguments(&self) -> Result<Vec<String>> {
        self.args
            .iter()
            .map(|argument| String::from_utf8(argument.read()?).context("an argument is not UTF-8"))
            .collect()
    }

    /// The name that the program sees as its own, the same under every engine.
    pub fn argument_zero(&self) -> String {
        format!("{}.wasm", self.module)
    }
}

/// All tests whose name contains `filter`, in the order of their names.
pub fn load(filter: &str) -> Result<Vec<Case>> {
    let directory = repository().join("tests/programs/cases");
    let mut cases = Vec::new();
    for entry in
        std::fs::read_dir(&directory).with_context(|| format!("can't list {}", directory.display()))?
    {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix(".toml"))
        else {
            continue;
        };
        if !name.contains(filter) {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        let mut case: Case = toml::from_str(&text).with_context(|| format!("in {}", path.display()))?;
        case.name = name.to_string();
        if !case.reference && case.stdout_is.is_none() {
            bail!("{}: a test without a reference needs stdout-is", path.display());
        }
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
        let cases = load("").unwrap();
        assert!(cases.len() > 20);
        for case in cases {
            case.input().unwrap();
            for step in case.steps() {
                step.arguments().unwrap();
            }
            for module in case.modules() {
                let module = repository().join(format!("tests/programs/modules/{module}.toml"));
                assert!(module.is_file(), "{}: there is no {}", case.name, module.display());
            }
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(toml::from_str::<Case>("module = \"x\"\nstdot = \"y\"").is_err());
    }
}
