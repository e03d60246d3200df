//! Counts the instructions that a program executes, by the plug-in of `tests/bench/count` for qemu's user-mode emulator.
//! Counts are the same in each run, whatever else the machine does.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::measure::Invocation;
use crate::programs::case::repository;

/// The emulator, and the compiled plug-in.
pub struct Counter {
    emulator: String,
    plugin: PathBuf,
    directory: tempfile::TempDir,
}

impl Counter {
    /// Compiles the plug-in, and tries it.
    ///
    /// # Errors
    /// Say what is missing.
    pub fn new() -> Result<Counter> {
        let directory = tempfile::tempdir()?;
        let plugin = directory.path().join("blocks.so");
        let source = repository().join("tests/bench/count/blocks.c");
        let flags = ["-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-o"];
        let status = Command::new("gcc").args(flags).arg(&plugin).arg(source).status();
        ensure!(status.context("can't start gcc")?.success(), "gcc can't compile tests/bench/count/blocks.c");
        let emulator = format!("qemu-{}", std::env::consts::ARCH);
        let counter = Counter { emulator, plugin, directory };
        counter.count(&Invocation::new("/bin/true"))?;
        Ok(counter)
    }

    /// The number of instructions that a native program executes.
    ///
    /// # Errors
    /// If it fails, or can't be counted.
    pub fn count(&self, invocation: &Invocation) -> Result<u64> {
        let told = self.directory.path().join("told");
        let mut command = Command::new(&self.emulator);
        if self.emulator == "qemu-x86_64" {
            command.args(["-cpu", "max"]);
        }
        let output = command
            .arg("-plugin")
            .arg(format!("{},out={},text=off", self.plugin.display(), told.display()))
            .arg(&invocation.program)
            .args(&invocation.args)
            .stdin(File::open(&invocation.input)?)
            .stdout(Stdio::null())
            .output()
            .with_context(|| format!("can't start {} (Debian's package qemu-user)", self.emulator))?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{} ended with {}: {stderr}", self.emulator, output.status);
        total(&told)
    }
}

/// What the plug-in has written as the number of instructions.
fn total(told: &Path) -> Result<u64> {
    let text = std::fs::read_to_string(told).context("the plug-in has written nothing")?;
    let number = text.lines().next().and_then(|line| line.strip_prefix("total "));
    Ok(number.with_context(|| format!("the plug-in has written {text:?}"))?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn counts_are_exact() {
        let counter = match Counter::new() {
            Ok(counter) => counter,
            Err(reason) => {
                assert!(std::env::var_os("CI").is_none(), "{reason:#}");
                println!("skipped: {reason:#}");
                return;
            }
        };
        let assembly = counter.directory.path().join("program.s");
        let program = counter.directory.path().join("program");
        // 4 + 2 * 1000 + 2 (`rep` with what it repeats counts once) + 3 instructions.
        let text = ".globl _start\n_start: mov $1000, %ecx\nmov $0, %eax\nlea buffer(%rip), %rdi\nnop\n\
                    again: dec %ecx\njnz again\nmov $64, %ecx\nrep stosb\n\
                    mov $60, %eax\nxor %edi, %edi\nsyscall\n.bss\nbuffer: .skip 64\n";
        std::fs::write(&assembly, text).unwrap();
        let built =
            Command::new("gcc").args(["-nostdlib", "-static", "-o"]).arg(&program).arg(&assembly).status();
        assert!(built.unwrap().success());
        assert_eq!(counter.count(&Invocation::new(&program)).unwrap(), 4 + 2 * 1000 + 2 + 3);
        assert!(counter.count(&Invocation::new("/bin/false")).is_err());
    }
}
