//! Runs a linker of this machine, on files in a temporary directory.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::gnu::options;
use super::inputs::{Inputs, Style};
use crate::escape;
use crate::output::TemporaryDirectory;
use crate::targets::Elf;

/// `arguments` come before those of the link. `script` is a linker script that supplements the linker's own.
pub fn link(
    program: &Path,
    arguments: &[&str],
    script: Option<&str>,
    elf: Elf,
    inputs: &Inputs,
    style: Style,
) -> Result<Vec<u8>> {
    let directory = TemporaryDirectory::new().context("can't make a temporary directory for the linker")?;
    let file = |name: &str| directory.path().join(name);
    let mut files = vec![("program.o", &inputs.object[..]), ("runtime.a", &inputs.runtime[..])];
    files.extend(script.map(|script| ("script.ld", script.as_bytes())));
    for (name, bytes) in files {
        std::fs::write(file(name), bytes)
            .with_context(|| format!("can't write {}", escape::path(&file(name))))?;
    }
    let result = Command::new(program)
        .args(arguments)
        .args(options(elf, style))
        .arg("-o")
        .args([file("executable"), file("program.o"), file("runtime.a")])
        .args(script.map(|_| [OsString::from("-T"), file("script.ld").into()]).into_iter().flatten())
        .output()
        .with_context(|| format!("the linker {} can't be started", escape::path(program)))?;
    if !result.status.success() {
        let words = String::from_utf8_lossy(&result.stderr);
        bail!("{} failed ({}):\n{}", escape::path(program), result.status, words.trim_end());
    }
    std::fs::read(file("executable"))
        .with_context(|| format!("{} wrote no executable", escape::path(program)))
}
