//! The options of libraries, and the files that are written beside one.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use super::destinations::Destinations;
use crate::driver::{Emit, LibraryPlan};
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
    ///
    /// # Errors
    /// If one is given and no library is made.
    pub fn plan(&self, emit: Emit, input: &Path, output: &Path) -> Result<LibraryPlan> {
        let (many, wasi) = (self.instances == Instances::Many, self.wasi == Wasi::Runtime);
        let given = [(self.prefix.is_some(), "--prefix"), (many, "--instances"), (!wasi, "--wasi")];
        if let Some((_, option)) = given.iter().find(|(given, _)| *given && !emit.is_library()) {
            bail!("{option} is for libraries: --emit staticlib, cdylib, obj, header or rust");
        }
        let stem = || input.file_stem().map_or("module".into(), |stem| stem.to_string_lossy());
        let file_name = output.file_name().and_then(|name| name.to_str());
        Ok(LibraryPlan {
            prefix: self.prefix.clone().unwrap_or_else(|| library::prefix(&stem())),
            file_name: file_name.map(str::to_owned),
            many,
            wasi,
        })
    }
}

/// The files that go with a library, and where they are to be written: into the directory of the output. Beside standard
/// output, a device, a FIFO or a link nobody looks for them, so there are none.
///
/// # Errors
/// If one of them would replace the library, another file that is written, or an input.
pub fn companions<'a>(
    artifact: &'a Artifact,
    output: &Path,
    destinations: &mut Destinations,
) -> Result<Vec<(PathBuf, &'a [u8])>> {
    let is_file = output.symlink_metadata().map_or(true, |data| data.is_file());
    if output == Path::new(output::STANDARD) || !is_file {
        return Ok(Vec::new());
    }
    let mut placed = Vec::new();
    for companion in artifact.companions() {
        let path = output.with_file_name(&companion.name);
        if path == output {
            let name = output::name(&path);
            bail!("{name} would be the library and a file that goes with it; name another output with -o");
        }
        destinations.write(format!("{}, which goes with the library", output::name(&path)), &path)?;
        placed.push((path, &*companion.bytes));
    }
    Ok(placed)
}
