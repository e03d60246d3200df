//! Object and runtime archive to an executable.

mod embedded;
mod external;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::target::Target;

/// Which linker to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linker {
    /// libwild, in this process and in memory.
    Embedded,
    /// LLVM's `ld.lld`, found on the PATH.
    Lld,
    /// A linker that takes the options of GNU ld.
    Path(PathBuf),
}

/// What goes into an executable.
pub struct Inputs {
    pub object: Vec<u8>,
    /// The runtime-support archive of the target.
    pub runtime: &'static [u8],
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

    /// Links an executable and returns its bytes.
    ///
    /// # Errors
    /// With the linker's own words.
    pub fn link(&self, target: &Target, inputs: Inputs, strip: bool) -> Result<Vec<u8>> {
        match self {
            Linker::Embedded => embedded::link(target, inputs, strip),
            Linker::Lld => match ["ld.lld", "ld.lld-22", "ld.lld-19"].iter().find(|name| on_path(name)) {
                Some(program) => external::link(Path::new(program), target, &inputs, strip),
                None => bail!("no `ld.lld` on the PATH; install lld, or use --linker embedded"),
            },
            Linker::Path(program) => external::link(program, target, &inputs, strip),
        }
    }
}

/// Options that all linkers with GNU ld's command line understand.
fn options(target: &Target, strip: bool) -> Vec<String> {
    let mut options = vec!["-m", target.emulation];
    options.extend([
        "-static",
        "-pie",
        "--no-dynamic-linker",
        "--gc-sections",
        "-e",
        "_start",
        "--build-id=none",
        "-z",
        "noexecstack",
        "-z",
        "pack-relative-relocs",
        "-z",
        "max-page-size=4096",
        if strip { "--strip-all" } else { "--strip-debug" },
    ]);
    options.into_iter().map(str::to_owned).collect()
}

fn on_path(name: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|dir| dir.join(name).is_file())
}
