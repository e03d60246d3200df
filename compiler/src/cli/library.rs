//! The options of libraries, and the files that are written beside one.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::driver::LibraryPlan;
use crate::{Artifact, library, output};

#[derive(Args)]
#[command(next_help_heading = "Libraries (--emit obj, staticlib, cdylib, header, rust)")]
pub struct LibraryOptions {
    /// What the library's symbols begin with; by default the name of the module's file.
    #[arg(long, value_name = "NAME")]
    prefix: Option<String>,
    /// How many instances of the library there can be at a time.
    #[arg(long, value_name = "HOW", default_value = "one")]
    instances: Instances,
    /// Who provides the functions of WASI.
    #[arg(long, value_name = "WHO", default_value = "runtime")]
    wasi: Wasi,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Instances {
    /// One, in static memory.
    One,
    /// Any number; each function takes the instance as its first parameter.
    Many,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Wasi {
    /// The library itself, as far as its policy and the options of the instance grant it.
    Runtime,
    /// Nobody: they are imports as all others are.
    None,
}

impl LibraryOptions {
    /// What the options say of a library that is made of `input` and written to `output`.
    pub fn plan(&self, input: &Path, output: &Path) -> Result<LibraryPlan> {
        let stem = || input.file_stem().map_or("module".into(), |stem| stem.to_string_lossy());
        let file_name = output.file_name().and_then(|name| name.to_str());
        Ok(LibraryPlan {
            prefix: self.prefix.clone().unwrap_or_else(|| library::prefix(&stem())),
            file_name: file_name.map(str::to_owned),
            many: self.instances == Instances::Many,
            wasi: self.wasi == Wasi::Runtime,
        })
    }
}

/// Writes the files that go with a library into the directory that it was written to; returns their paths. Beside standard
/// output, a device, a FIFO or a link nobody looks for them, so none are written.
pub fn write_companions(artifact: &Artifact, output: &Path) -> Result<Vec<PathBuf>> {
    let is_file = output.symlink_metadata().is_ok_and(|data| data.is_file());
    if output == Path::new(output::STANDARD) || !is_file {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for companion in artifact.companions() {
        let path = output.with_file_name(&companion.name);
        output::write(&path, &companion.bytes, false)?;
        paths.push(path);
    }
    Ok(paths)
}
