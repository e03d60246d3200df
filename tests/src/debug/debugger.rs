//! Runs a debugger on a program: gdb and lldb where the program runs without an emulator, else gdb-multiarch with the
//! gdb server of qemu.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::script::Debugger;
use crate::programs::case::repository;
use crate::programs::process::{self, Ending};
use crate::programs::targets::Target;

const LIMIT: Duration = Duration::from_secs(100);
/// What is printed between the outputs of commands, with a number.
const MARK: &str = "=====";

/// A program to be debugged, and how.
pub struct Session<'a> {
    pub debugger: Debugger,
    /// The path of the debugger.
    pub command: &'a Path,
    pub target: &'static Target,
    pub program: &'a Path,
    /// The compiler's script for the debugger.
    pub script: Option<&'a Path>,
}

impl Session<'_> {
    /// What the debugger answers to each command.
    pub fn run(&self, commands: &[&str]) -> Result<Vec<String>> {
        let server = if self.target.is_host() { None } else { Some(Server::start(self)?) };
        // Errors are part of the answers.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$@\" 2>&1", "sh"]).arg(self.command);
        match self.debugger {
            Debugger::Gdb => self.gdb(&mut command, commands, server.as_ref()),
            Debugger::Lldb => self.lldb(&mut command, commands),
        }
        command.current_dir(self.program.parent().context("a program is in a directory")?);
        let outcome = process::run(&mut command, Vec::new(), LIMIT)?;
        let output = String::from_utf8_lossy(&outcome.stdout).into_owned();
        ensure!(outcome.ending == Ending::Code(0), "the debugger ended with {}:\n{output}", outcome.ending);
        (0..commands.len()).map(|number| answer(&output, number)).collect()
    }

    fn gdb(&self, command: &mut Command, commands: &[&str], server: Option<&Server>) {
        command.args(["-nx", "-batch"]);
        let mut execute = |text: &OsStr| {
            command.arg("-ex").arg(text);
        };
        for setting in ["width 0", "pagination off", "confirm off", "debuginfod enabled off"] {
            execute(format!("set {setting}").as_ref());
        }
        execute(format!("directory {}", repository().join("tests/debug/programs").display()).as_ref());
        if let Some(script) = self.script {
            execute(format!("source {}", script.display()).as_ref());
        }
        if let Some(server) = server {
            execute(format!("target remote {}", server.socket.display()).as_ref());
        }
        for (number, text) in commands.iter().enumerate() {
            execute(format!("echo \\n{MARK}{number}\\n").as_ref());
            execute(if server.is_some() && *text == "run" { "continue" } else { text }.as_ref());
        }
        execute(format!("echo \\n{MARK}{}\\n", commands.len()).as_ref());
        command.arg(self.program);
    }

    fn lldb(&self, command: &mut Command, commands: &[&str]) {
        if let Some(directory) = lldb_python(self.command) {
            command.env("PYTHONPATH", directory);
        }
        command.args(["--no-lldbinit", "--batch", "--no-use-colors"]);
        let mut execute = |text: String| {
            command.args(["-o".into(), text]);
        };
        if let Some(script) = self.script {
            execute(format!("command script import {}", script.display()));
        }
        let programs = repository().join("tests/debug/programs");
        execute(format!("settings set target.source-map . {}", programs.display()));
        for (number, text) in commands.iter().enumerate() {
            execute(format!("script print(\"\\n{MARK}{number}\")"));
            execute((*text).to_owned());
        }
        execute(format!("script print(\"\\n{MARK}{}\")", commands.len()));
        command.arg(self.program);
    }
}

/// What was printed between the marks of a command and the next one.
fn answer(output: &str, number: usize) -> Result<String> {
    let mark = |number| format!("\n{MARK}{number}\n");
    let (_, rest) = output
        .split_once(&mark(number))
        .with_context(|| format!("the debugger stopped before command {number}:\n{output}"))?;
    let (answer, _) = rest
        .split_once(&mark(number + 1))
        .with_context(|| format!("the debugger stopped in command {number}:\n{output}"))?;
    Ok(answer.to_owned())
}

/// Where lldb has its Python modules, if it looks for them in the wrong place: Debian's lldb 14 does.
fn lldb_python(lldb: &Path) -> Option<PathBuf> {
    let root = lldb.canonicalize().ok()?.parent()?.parent()?.join("lib");
    let pythons = std::fs::read_dir(root).ok()?.flatten().map(|entry| entry.path().join("dist-packages"));
    pythons.into_iter().find(|path| path.join("lldb/embedded_interpreter.py").is_file())
}

/// An emulator that waits for a debugger. It ends with this value.
struct Server {
    process: Child,
    socket: PathBuf,
}

impl Server {
    fn start(session: &Session) -> Result<Server> {
        let socket = session.program.with_extension("socket");
        let runner = session.target.runner();
        let mut command = Command::new(&runner[0]);
        command.args(&runner[1..]).arg("-g").arg(&socket).arg(session.program);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().with_context(|| format!("can't start {}", runner[0]))?;
        let server = Server { process, socket };
        let deadline = Instant::now() + LIMIT;
        while !server.socket.exists() {
            ensure!(Instant::now() < deadline, "{} opens no socket for debuggers", runner[0]);
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended with the program.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_between_the_marks() {
        let output = "noise\n\n=====0\none\ntwo\n\n=====1\n\n=====2\n";
        assert_eq!(answer(output, 0).unwrap(), "one\ntwo\n");
        assert_eq!(answer(output, 1).unwrap(), "");
        assert!(answer(output, 2).is_err());
    }
}
