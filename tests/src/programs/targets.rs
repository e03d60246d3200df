//! The targets whose programs can be run here, and how much of the tests each runs.

use std::path::PathBuf;
use std::sync::LazyLock;

use anyhow::{Result, bail};
use serde::Deserialize;

/// A target of the compiler whose programs can be run, as `compiler/targets.toml` has it.
#[derive(Clone, Debug)]
pub struct Target {
    /// The name that `--target` takes.
    pub name: &'static str,
    /// The architecture and the system in Rust's words.
    arch: &'static str,
    os: &'static str,
    /// The emulator for another host: the fetcher's name, which is the command's but where that is given.
    pub emulator: &'static str,
    /// The command that stands for the emulator: a script of the tests.
    command: Option<&'static str>,
    /// The options that make the emulator provide everything that programs are built for.
    pub emulator_arguments: Vec<&'static str>,
    /// Programs are this many times slower than on the host, for time limits.
    pub slowness: u32,
}

/// All targets that aren't only built for.
pub static TARGETS: LazyLock<Vec<Target>> = LazyLock::new(|| {
    let table: Table =
        toml::from_str(include_str!("../../../compiler/targets.toml")).expect("the compiler's build read it");
    table.target.into_iter().filter_map(Row::run).collect()
});

#[derive(Deserialize)]
struct Table {
    target: Vec<Row>,
}

/// What the tests need from a target's row.
#[derive(Deserialize)]
struct Row {
    name: String,
    architecture: String,
    tests: Option<Run>,
}

/// How programs are run.
#[derive(Deserialize)]
struct Run {
    emulator: String,
    command: Option<String>,
    #[serde(default)]
    arguments: Vec<String>,
}

impl Row {
    fn run(self) -> Option<Target> {
        let run = self.tests?;
        // There are few, and they are wanted until the process ends.
        let name: &'static str = self.name.leak();
        let (_, os) = name.rsplit_once('-').expect("names are ARCHITECTURE-SYSTEM");
        let script = |script| &*format!("{}/{script}", env!("CARGO_MANIFEST_DIR")).leak();
        Some(Target {
            name,
            arch: self.architecture.leak(),
            os,
            emulator: run.emulator.leak(),
            command: run.command.map(script),
            emulator_arguments: run.arguments.into_iter().map(|argument| &*argument.leak()).collect(),
            slowness: 20,
        })
    }
}

impl Target {
    /// What starts its programs here: nothing, or an emulator and its arguments.
    pub fn runner(&self) -> Vec<String> {
        let command = self.command.unwrap_or(self.emulator);
        let command = std::iter::once(&command).chain(&self.emulator_arguments);
        if self.is_host() { Vec::new() } else { command.map(|word| (*word).to_owned()).collect() }
    }

    /// Whether its programs run without an emulator.
    pub fn is_host(&self) -> bool {
        self.arch == std::env::consts::ARCH && self.os == std::env::consts::OS
    }
}

/// A target and whether all tests are run on it, or only the quick ones.
#[derive(Clone, Copy, Debug)]
pub struct Selected {
    pub target: &'static Target,
    pub all: bool,
}

/// The targets to test. `WASM_AOT_TEST_TARGETS` names them, separated by commas, or is `all`;
/// without it the host's runs everything and the others what is quick.
pub fn selected() -> Result<Vec<Selected>> {
    let chosen = std::env::var("WASM_AOT_TEST_TARGETS").unwrap_or_default();
    match chosen.as_str() {
        "" => Ok(TARGETS.iter().map(|target| Selected { target, all: target.is_host() }).collect()),
        "all" => Ok(TARGETS.iter().map(|target| Selected { target, all: true }).collect()),
        names => names
            .split(',')
            .map(|name| match TARGETS.iter().find(|target| target.name == name) {
                Some(target) => Ok(Selected { target, all: true }),
                None => bail!("WASM_AOT_TEST_TARGETS: there is no target `{name}`"),
            })
            .collect(),
    }
}

/// The compiler that is tested: `$WASM_AOT`, or the one beside the running program's directory.
pub fn compiler() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("WASM_AOT") {
        return Ok(path.into());
    }
    let this = std::env::current_exe()?;
    for directory in this.ancestors().skip(1).take(2) {
        let path = directory.join("wasm-aot");
        if path.is_file() {
            return Ok(path);
        }
    }
    bail!("there is no wasm-aot near {}: build it first, with the same profile", this.display())
}
