//! Options about debug information, and the files in which it is.

use std::path::Path;

use clap::Args;

use crate::debug::{DebugFile, referred};
use crate::driver::DebugPlan;
use crate::output::STANDARD;

#[derive(Args)]
pub struct DebugOptions {
    /// Warn if the module has no debug information. If it has some, it is kept in any case.
    #[arg(short = 'g')]
    requested: bool,
    /// Leave out debug information, but keep the symbol table.
    #[arg(long, conflicts_with = "requested")]
    strip_debug: bool,
}

impl DebugOptions {
    pub fn plan(&self) -> DebugPlan {
        DebugPlan { keep: !self.strip_debug, requested: self.requested, files: Vec::new() }
    }
}

/// The files to which a module refers for debug information, as far as they are beside it. One that can't be read isn't
/// there.
pub fn files(module: &Path, wasm: &[u8]) -> Vec<DebugFile> {
    if module == Path::new(STANDARD) {
        return Vec::new();
    }
    let directory = module.parent().unwrap_or(Path::new(""));
    let read = |name: String| {
        let path = directory.join(&name);
        // Anything else might never end.
        let bytes = if path.is_file() { std::fs::read(path).ok()? } else { return None };
        Some(DebugFile { name, bytes: bytes.into() })
    };
    referred(wasm).into_iter().filter_map(read).collect()
}
