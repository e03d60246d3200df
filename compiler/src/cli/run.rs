//! `wasm-aot run`: builds into a content-addressed cache and replaces itself with the program.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use sha2::{Digest, Sha256};
use wasm_aot_abi::policy::{TRACE_GC, TRACE_WASI, USER_TRACE};

use super::options::CompileOptions;
use crate::build;
use crate::target::Target;

#[derive(Args)]
pub struct Run {
    /// The module, in the binary or (as `.wat`) the text format.
    input: PathBuf,
    #[command(flatten)]
    compile: CompileOptions,
    /// Arguments of the program.
    #[arg(last = true, value_name = "ARGS")]
    arguments: Vec<OsString>,
}

impl Run {
    pub fn execute(self) -> Result<()> {
        let target = Target::host()?;
        let mut plan = self.compile.plan(target)?;
        plan.policy.trace |= wants_trace()?;
        let wasm = super::read_module(&self.input)?;
        let cached = cache_directory()?.join(key(&wasm, &plan));
        if !cached.is_file() {
            let directory = cached.parent().expect("has the cache directory");
            std::fs::create_dir_all(directory)
                .with_context(|| format!("can't create the cache directory {}", directory.display()))?;
            let report = build::build(&wasm, &cached, &plan)
                .with_context(|| format!("can't build {}", self.input.display()))?;
            report.warnings.iter().for_each(|warning| super::warn(warning));
        }
        drop(wasm);
        let name = self.input.file_name().unwrap_or(self.input.as_os_str());
        let error = Command::new(&cached).arg0(name).args(&self.arguments).exec();
        Err(error).with_context(|| format!("can't run {}", cached.display()))
    }
}

/// Does the environment ask for something to be traced?
fn wants_trace() -> Result<bool> {
    match std::env::var_os(USER_TRACE) {
        Some(value) if !value.is_empty() => {
            let known = |item: &[u8]| item == TRACE_WASI || item == TRACE_GC;
            if !value.as_encoded_bytes().split(|byte| *byte == b',').all(known) {
                bail!("{USER_TRACE} takes `wasi`, `gc` or `wasi,gc`, not `{}`", value.display());
            }
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// `$XDG_CACHE_HOME/wasm-aot`, or `~/.cache/wasm-aot` (XDG Base Directory Specification).
fn cache_directory() -> Result<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    let base =
        base.ok_or_else(|| anyhow!("no place for the cache: neither XDG_CACHE_HOME nor HOME is set"))?;
    Ok(base.join("wasm-aot"))
}

/// Name of the cached program: a hash of everything that decides what is built.
fn key(wasm: &[u8], plan: &build::BuildPlan) -> PathBuf {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    for archive in [plan.target.runtime.unwrap_or_default(), wasm] {
        hash.update((archive.len() as u64).to_le_bytes());
        hash.update(archive);
    }
    hash.update(compiler_identity());
    hash.update(format!("{plan:?}"));
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Path::new(&hex[..2]).join(&hex[2..])
}

/// Tells builds of the compiler apart that have the same version: size and time of its file.
fn compiler_identity() -> String {
    let metadata = std::env::current_exe().and_then(|path| path.metadata());
    metadata.map(|m| format!("{} {:?}", m.len(), m.modified().ok())).unwrap_or_default()
}
