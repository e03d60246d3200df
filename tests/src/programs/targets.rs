//! The targets whose programs can be run here, and how much of the tests each runs.

use std::path::PathBuf;

use anyhow::{Result, bail};

/// A target of the compiler, as a row of data.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name that `--target` takes.
    pub name: &'static str,
    /// The architecture and the system in Rust's words.
    arch: &'static str,
    os: &'static str,
    /// The emulator for another host: the fetcher's name, which is the command's but where that is given.
    pub emulator: &'static str,
    command: Option<&'static str>,
    /// What the emulator must be told, so that it has all that programs are built for.
    pub emulator_arguments: &'static [&'static str],
    /// Programs are this many times slower than on the host, for time limits.
    pub slowness: u32,
}

pub const TARGETS: &[Target] = &[
    target("x86_64-linux", "x86_64", "qemu-x86_64", &[]),
    target("aarch64-linux", "aarch64", "qemu-aarch64", &[]),
    target("riscv64-linux", "riscv64", "qemu-riscv64", RISCV_VECTORS),
    target("s390x-linux", "s390x", "qemu-s390x", &[]),
    Target { os: "windows", command: Some(WINE), ..target("x86_64-windows", "x86_64", "wine", &[]) },
    Target { os: "macos", command: Some(MACHO), ..target("x86_64-macos", "x86_64", "macho-x86_64", &[]) },
    Target { os: "macos", command: Some(MACHO), ..target("aarch64-macos", "aarch64", "macho-aarch64", &[]) },
];

/// The script that runs programs for Windows.
const WINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/wine.sh");

/// The script that runs programs for macOS on Linux.
const MACHO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/macho/run.sh");

const RISCV_VECTORS: &[&str] = &["-cpu", "rv64,v=true,vext_spec=v1.0"];

const fn target(
    name: &'static str,
    arch: &'static str,
    emulator: &'static str,
    emulator_arguments: &'static [&'static str],
) -> Target {
    Target { name, arch, os: "linux", emulator, command: None, emulator_arguments, slowness: 20 }
}

impl Target {
    /// What starts its programs here: nothing, or an emulator and its arguments.
    pub fn runner(&self) -> Vec<String> {
        let command = self.command.unwrap_or(self.emulator);
        let command = [&[command], self.emulator_arguments].concat();
        if self.is_host() { Vec::new() } else { command.into_iter().map(str::to_owned).collect() }
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
