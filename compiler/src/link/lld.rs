//! Finds an lld on this machine: every Rust toolchain has one, and so do LLVM's packages.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

/// A program, and the arguments that precede all others.
pub struct Program {
    pub path: PathBuf,
    pub arguments: &'static [&'static str],
}

/// `rust-lld` contains the flavours for all platforms in one program.
const RUST_LLD: &str = "rust-lld";
const RUST_ARGUMENTS: &[&str] = &["-flavor", "gnu"];
const LLD: &str = "ld.lld";

/// Finds the first of these: `rust-lld` on the PATH, that of the toolchain behind `rustc`, `ld.lld` on the
/// PATH, and the newest `ld.lld-NN` on the PATH.
///
/// # Errors
/// If there is none; the error says what to install.
pub fn find() -> Result<Program> {
    let paths: Vec<PathBuf> =
        std::env::var_os("PATH").map(|paths| std::env::split_paths(&paths).collect()).unwrap_or_default();
    if let Some(path) = in_paths(&paths, RUST_LLD).or_else(|| in_toolchain(&paths)) {
        return Ok(Program { path, arguments: RUST_ARGUMENTS });
    }
    if let Some(path) = in_paths(&paths, LLD).or_else(|| newest(&paths)) {
        return Ok(Program { path, arguments: &[] });
    }
    bail!(
        "no lld on this machine: there is neither `{RUST_LLD}` (part of every Rust toolchain), nor \
         `{LLD}` or `{LLD}-NN` on the PATH; install the package `lld`, or name a linker with --linker PATH"
    )
}

fn in_paths(paths: &[PathBuf], name: &str) -> Option<PathBuf> {
    paths.iter().map(|directory| directory.join(executable(name))).find(|path| path.is_file())
}

/// The file name of a program on this machine.
fn executable(name: &str) -> String {
    format!("{name}{EXE_SUFFIX}")
}

/// `SYSROOT/lib/rustlib/HOST/bin/rust-lld`.
fn in_toolchain(paths: &[PathBuf]) -> Option<PathBuf> {
    let rustc = in_paths(paths, "rustc")?;
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let sysroot = String::from_utf8(output.stdout).ok()?;
    let hosts = Path::new(sysroot.trim_end()).join("lib/rustlib");
    entries(&hosts)
        .map(|host| hosts.join(host).join("bin").join(executable(RUST_LLD)))
        .find(|path| path.is_file())
}

fn newest(paths: &[PathBuf]) -> Option<PathBuf> {
    let versions = paths.iter().flat_map(|directory| {
        entries(directory).filter_map(move |name| {
            let version = name.to_str()?.strip_suffix(EXE_SUFFIX)?;
            let version: u32 = version.strip_prefix(LLD)?.strip_prefix('-')?.parse().ok()?;
            Some((version, directory.join(name)))
        })
    });
    versions.max_by_key(|(version, _)| *version).map(|(_, path)| path)
}

/// The names in a directory; none if it can't be read.
fn entries(directory: &Path) -> impl Iterator<Item = OsString> + use<> {
    std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name())
}
