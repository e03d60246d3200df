//! Runs a linker of this machine, on files in a temporary directory.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::inputs::Inputs;
use crate::escape;
use crate::output::TemporaryDirectory;

/// A file that tells the linker more than its options.
pub enum Script {
    /// A linker script that supplements the linker's own.
    Layout(&'static str),
    /// A version script.
    Versions(String),
}

impl Script {
    /// The option that precedes its name, and its contents.
    fn parts(&self) -> (&'static str, &[u8]) {
        match self {
            Script::Layout(text) => ("-T", text.as_bytes()),
            Script::Versions(text) => ("--version-script", text.as_bytes()),
        }
    }
}

/// `arguments` come before `options`, those of the link.
pub fn link(
    program: &Path,
    arguments: &[&str],
    script: Option<&Script>,
    options: Vec<String>,
    inputs: &Inputs,
) -> Result<Vec<u8>> {
    let directory = TemporaryDirectory::new().context("can't make a temporary directory for the linker")?;
    let file = |name: &str| directory.path().join(name);
    let mut files = vec![("program.o", &inputs.object[..]), ("runtime.a", &inputs.runtime[..])];
    let script = script.map(Script::parts);
    files.extend(script.map(|(_, text)| ("script.ld", text)));
    for (name, bytes) in files {
        std::fs::write(file(name), bytes)
            .with_context(|| format!("can't write {}", escape::path(&file(name))))?;
    }
    let result = Command::new(program)
        .args(arguments)
        .args(options)
        .arg("-o")
        .args([file("output"), file("program.o"), file("runtime.a")])
        .args(
            script
                .map(|(option, _)| [OsString::from(option), file("script.ld").into()])
                .into_iter()
                .flatten(),
        )
        .output()
        .with_context(|| format!("the linker {} can't be started", escape::path(program)))?;
    if !result.status.success() {
        let words = String::from_utf8_lossy(&result.stderr);
        bail!("{} failed ({}):\n{}", escape::path(program), result.status, words.trim_end());
    }
    std::fs::read(file("output")).with_context(|| format!("{} wrote nothing", escape::path(program)))
}
