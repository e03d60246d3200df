//! Object and runtime archive to an executable.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::target::Target;

/// Which linker to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linker {
    /// libwild, in this process.
    Embedded,
    /// LLVM's `ld.lld`, found on the PATH.
    Lld,
    /// A linker that takes the options of GNU ld.
    Path(PathBuf),
}

impl Linker {
    /// Reads the value of `--linker`.
    pub fn parse(name: &OsStr) -> Linker {
        match name.to_str() {
            Some("embedded") => Linker::Embedded,
            Some("lld") => Linker::Lld,
            _ => Linker::Path(PathBuf::from(name)),
        }
    }

    /// Links `inputs` into `output`.
    ///
    /// # Errors
    /// With the linker's own words.
    pub fn link(
        &self,
        target: &Target,
        inputs: &[&Path],
        output: &Path,
        threads: usize,
        strip: bool,
    ) -> Result<()> {
        match self {
            Linker::Embedded => link_embedded(target, inputs, output, threads, strip),
            Linker::Lld => {
                let found = ["ld.lld", "ld.lld-22", "ld.lld-19"].iter().find(|name| on_path(name));
                let Some(program) = found else {
                    bail!("no `ld.lld` on the PATH; install lld, or use --linker embedded");
                };
                run(Path::new(program), target, inputs, output, strip)
            }
            Linker::Path(program) => run(program, target, inputs, output, strip),
        }
    }
}

/// Options that all linkers with GNU ld's command line understand.
fn options(target: &Target, inputs: &[&Path], output: &Path, strip: bool) -> Result<Vec<String>> {
    let path = |path: &Path| {
        path.to_str().map(str::to_owned).ok_or_else(|| anyhow!("{} is not UTF-8", path.display()))
    };
    let mut options: Vec<String> = [
        "-m",
        target.emulation,
        "-static",
        "-pie",
        "--no-dynamic-linker",
        "--gc-sections",
        "-e",
        "_start",
        "--build-id=none",
        "-z",
        "noexecstack",
        "--strip-debug",
        "-z",
        "pack-relative-relocs",
        "-z",
        "max-page-size=4096",
    ]
    .iter()
    .map(ToString::to_string)
    .collect();
    if strip {
        options.push("--strip-all".to_owned());
    }
    options.push("-o".to_owned());
    options.push(path(output)?);
    for input in inputs {
        options.push(path(input)?);
    }
    Ok(options)
}

fn link_embedded(
    target: &Target,
    inputs: &[&Path],
    output: &Path,
    threads: usize,
    strip: bool,
) -> Result<()> {
    if !target.embedded_linker {
        bail!("the embedded linker can't link for {}; use --linker lld", target.name);
    }
    let mut options = options(target, inputs, output, strip)?;
    options.splice(0..0, ["ld", "-flavor", "gnu"].map(str::to_owned));
    options.push(format!("--threads={threads}"));
    let linked = (|| {
        let mut args = libwild::Args::new(|| options.iter())?;
        args.parse(|| options.iter())?;
        libwild::run(args)
    })();
    linked.map_err(|error| anyhow!("linking failed: {error:?}"))
}

fn run(program: &Path, target: &Target, inputs: &[&Path], output: &Path, strip: bool) -> Result<()> {
    let result = Command::new(program)
        .args(options(target, inputs, output, strip)?)
        .output()
        .with_context(|| format!("the linker {} can't be started", program.display()))?;
    if !result.status.success() {
        let words = String::from_utf8_lossy(&result.stderr);
        bail!("{} failed ({}):\n{}", program.display(), result.status, words.trim_end());
    }
    Ok(())
}

fn on_path(name: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|dir| dir.join(name).is_file())
}
