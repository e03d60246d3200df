//! The four ways to make a program from a module, and how each result is started.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::measure::Invocation;
use super::program::Program;
use super::results::Pauses;
use crate::programs::fetch::{Fetched, Native};

/// What made a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    WasmAot,
    Wasmtime,
    Clang,
    Gcc,
    /// A program that was built elsewhere: see `interpreter`.
    Native,
}

impl Engine {
    pub const ALL: [Engine; 5] =
        [Engine::WasmAot, Engine::Wasmtime, Engine::Clang, Engine::Gcc, Engine::Native];

    pub fn name(self) -> &'static str {
        match self {
            Engine::WasmAot => "wasm-aot",
            Engine::Wasmtime => "wasmtime",
            Engine::Clang => "clang -O3",
            Engine::Gcc => "gcc -O2",
            Engine::Native => "native",
        }
    }
}

/// The tools, and where their results go.
pub struct Builder {
    pub compiler: PathBuf,
    pub fetched: Fetched,
    pub threads: usize,
    /// `--cpu` of wasm-aot.
    pub cpu: Option<String>,
    pub directory: tempfile::TempDir,
}

impl Builder {
    /// The path of a build's result.
    pub fn output(&self, engine: Engine, module: &str) -> PathBuf {
        let extension = match engine {
            Engine::WasmAot => "exe",
            Engine::Wasmtime => "cwasm",
            Engine::Clang => "clang",
            Engine::Gcc => "gcc",
            Engine::Native => "native",
        };
        self.directory.path().join(format!("{module}.{extension}"))
    }

    /// How an engine that takes Wasm compiles a module.
    pub fn compile(&self, engine: Engine, module: &str) -> Result<Invocation> {
        let input = self.fetched.module(module)?;
        let output = self.output(engine, module);
        let threads = self.threads.to_string();
        let invocation = match engine {
            Engine::WasmAot => Invocation::new(&self.compiler)
                .args(["build"])
                .path(&input)
                .args(["-o"])
                .path(&output)
                .args(["-j", &threads, "-q"])
                .args(self.cpu.iter().flat_map(|cpu| ["--cpu", cpu])),
            Engine::Wasmtime => {
                let mut invocation = Invocation::new(self.fetched.tool("wasmtime")?)
                    .args(["compile", "-o"])
                    .path(&output)
                    .path(&input);
                invocation.env.push(("RAYON_NUM_THREADS", threads));
                invocation
            }
            Engine::Clang | Engine::Gcc | Engine::Native => anyhow::bail!("{} takes no Wasm", engine.name()),
        };
        Ok(invocation)
    }

    /// Compiles a module's C for the host, if it is all C: there may be no C++ library. Without measuring it.
    pub fn compile_native(&self, engine: Engine, module: &str, more: &[&str]) -> Result<bool> {
        let Some(native) = self.fetched.native(module) else {
            return Ok(false);
        };
        if !native.sources.iter().all(|source| Path::new(source).extension().is_some_and(|name| name == "c"))
        {
            return Ok(false);
        }
        let (program, level) = match engine {
            Engine::Clang => (self.fetched.tool("clang")?, "-O3"),
            _ => ("gcc".into(), "-O2"),
        };
        native_build(&program, level, native, more, &self.output(engine, module))?;
        Ok(true)
    }

    /// Runs a program that wasm-aot built with reports of its collections.
    pub fn pauses(&self, program: &Program) -> Result<Pauses> {
        let output = self.directory.path().join(format!("{}.traced", program.module));
        let status = Command::new(&self.compiler)
            .arg("build")
            .arg(self.fetched.module(&program.module)?)
            .arg("-o")
            .arg(&output)
            .args(["--trace", "-q"])
            .status()?;
        ensure!(status.success(), "wasm-aot build --trace: {status}");
        let told = Command::new(&output)
            .args(&program.args)
            .stdin(File::open(program.input())?)
            .env("WASM_AOT_TRACE", "gc")
            .output()?;
        ensure!(told.status.success(), "it ended with {}", told.status);
        Pauses::read(&program.name, &String::from_utf8_lossy(&told.stderr))
    }

    /// Builds our program once more, with its code moved by a number of bytes. The result is how that is started.
    pub fn shifted(&self, program: &Program, offset: u32) -> Result<Invocation> {
        let output = self.directory.path().join(format!("{}.{offset}", program.module));
        let status = Command::new(&self.compiler)
            .arg("build")
            .arg(self.fetched.module(&program.module)?)
            .arg("-o")
            .arg(&output)
            .args(["-q", "--code-offset", &offset.to_string()])
            .args(self.cpu.iter().flat_map(|cpu| ["--cpu", cpu]))
            .status()?;
        ensure!(status.success(), "wasm-aot build --code-offset {offset}: {status}");
        Ok(self.invocation(Invocation::new(output), program))
    }

    /// How a built program is started.
    pub fn start(&self, engine: Engine, program: &Program) -> Result<Invocation> {
        let output = self.output(engine, &program.module);
        let invocation = match engine {
            Engine::Wasmtime => Invocation::new(self.fetched.tool("wasmtime")?)
                .args(["run", "--allow-precompiled"])
                .path(&output),
            _ => Invocation::new(output),
        };
        Ok(self.invocation(invocation, program))
    }

    fn invocation(&self, mut invocation: Invocation, program: &Program) -> Invocation {
        invocation.input = program.input();
        invocation.args(program.args.clone())
    }
}

fn native_build(program: &Path, level: &str, native: &Native, more: &[&str], output: &Path) -> Result<()> {
    let status = Command::new(program)
        // Without contraction the results are the same to the last bit.
        .args([level, "-ffp-contract=off"])
        .args(more)
        .args(&native.flags)
        .args(&native.sources)
        .args(["-lm", "-o"])
        .arg(output)
        .status()
        .with_context(|| format!("can't start {}", program.display()))?;
    ensure!(status.success(), "{} failed: {status}", program.display());
    Ok(())
}
