//! `make targets`: builds hello, SQLite and CPython for every target, twice each, with nothing on the PATH but
//! an lld, which only s390x needs. Both builds must be byte-identical, and hello within its size limit.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use wasm_aot::targets::{TARGETS, Target};
use wasm_aot_tests::bench::table::{header, layout};
use wasm_aot_tests::cli::find_on_path;
use wasm_aot_tests::harness::exit_code;
use wasm_aot_tests::programs::{fetch, targets};

const HELLO: &str = "hello-write";
const MODULES: [&str; 3] = [HELLO, "sqlite", "python"];

/// The names under which `wasm-aot` looks for lld.
const LLDS: [&str; 4] = ["rust-lld", "ld.lld", "ld.lld-22", "ld.lld-19"];

fn main() -> ExitCode {
    exit_code(run())
}

fn run() -> Result<bool> {
    let fetched = fetch::fetch([], MODULES)?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("path");
    std::fs::create_dir(&path)?;
    if let Some((name, lld)) = LLDS.iter().find_map(|name| Some((name, find_on_path(name)?))) {
        std::os::unix::fs::symlink(lld, path.join(name))?;
    }
    let compiler = targets::compiler()?;
    let mut rows = vec![header(&["program", "target", "bytes", "link, ms", "all, s", "SHA-256"])];
    let mut problems = Vec::new();
    for module in MODULES {
        let wasm = fetched.module(module)?;
        for target in &TARGETS {
            let output = directory.path().join("program");
            let build = || Build::new(&compiler, &path, &wasm, target, &output);
            match build().and_then(|first| Ok((first, build()?))) {
                Ok((first, second)) => {
                    if first.digest != second.digest {
                        problems.push(format!("{module} for {}: two builds differ", target.name));
                    }
                    if module == HELLO && first.bytes > limit(target) {
                        problems.push(format!("{module} for {}: over {} bytes", target.name, limit(target)));
                    }
                    rows.push(second.row(module, target));
                }
                Err(error) => problems.push(format!("{module} for {}: {error:#}", target.name)),
            }
        }
    }
    print!("{}", layout(&rows));
    for problem in &problems {
        println!("{problem}");
    }
    Ok(problems.is_empty())
}

/// The size limit of hello in bytes.
fn limit(target: &Target) -> usize {
    // Segments of Mach-O are multiples of 16 KiB.
    if target.name.ends_with("-macos") { 64 << 10 } else { 12 << 10 }
}

/// One build of a program.
struct Build {
    bytes: usize,
    digest: String,
    /// Milliseconds, as reported by the compiler.
    link: String,
    seconds: f64,
}

impl Build {
    fn new(compiler: &Path, path: &Path, wasm: &Path, target: &Target, output: &Path) -> Result<Build> {
        let start = Instant::now();
        let built = Command::new(compiler)
            .args(["build", "--quiet", "--strip", "--timings", "--target", target.name])
            .arg(wasm)
            .arg("-o")
            .arg(output)
            .env_clear()
            .env("PATH", path)
            .output()?;
        let seconds = start.elapsed().as_secs_f64();
        let words = String::from_utf8_lossy(&built.stderr);
        if !built.status.success() {
            bail!("{}", words.trim_end());
        }
        let link = words.lines().find_map(|line| line.strip_prefix("link ")?.split_whitespace().next());
        let bytes = std::fs::read(output)?;
        ensure!(!bytes.is_empty(), "an empty executable");
        Ok(Build {
            bytes: bytes.len(),
            digest: Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
            link: link.context("no time for the link")?.to_owned(),
            seconds,
        })
    }

    fn row(self, module: &str, target: &Target) -> Vec<String> {
        vec![
            module.to_owned(),
            target.name.to_owned(),
            self.bytes.to_string(),
            self.link,
            format!("{:.2}", self.seconds),
            self.digest[..16].to_owned(),
        ]
    }
}
