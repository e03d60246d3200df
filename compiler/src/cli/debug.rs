//! Options about debug information, and the files in which it is.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::component::is_component;
use crate::debug::{DebugFile, Text, referred};
use crate::driver::DebugPlan;
use crate::output::STANDARD;

/// How large the files to which a module refers can be together.
const MAX_BYTES: u64 = 1 << 30;

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
        DebugPlan { keep: !self.strip_debug, requested: self.requested, files: Vec::new(), text: None }
    }
}

/// The files to which a module refers for debug information, with their paths, as far as they are beside it. One that can't
/// be read isn't there, nor is one with which they would be larger than [`MAX_BYTES`].
pub fn files(module: &Path, wasm: &[u8]) -> Vec<(PathBuf, DebugFile)> {
    if module == Path::new(STANDARD) {
        return Vec::new();
    }
    let directory = module.parent().unwrap_or(Path::new(""));
    let mut left = MAX_BYTES;
    // By path, since modules can have different names for one file.
    let mut read: HashMap<PathBuf, Option<Arc<[u8]>>> = HashMap::new();
    let file = |name: String| {
        let inside = Path::new(&name).components().filter(|component| *component != Component::CurDir);
        let path = directory.join(inside.collect::<PathBuf>());
        let bytes = read.entry(path.clone()).or_insert_with(|| {
            // Anything else might never end.
            let is_read = path.metadata().is_ok_and(|data| data.is_file() && data.len() <= left);
            let bytes = is_read.then(|| std::fs::read(&path).ok()).flatten()?;
            left = left.saturating_sub(bytes.len() as u64);
            Some(bytes.into())
        });
        Some((path, DebugFile { name, bytes: bytes.clone()? }))
    };
    referred(wasm).into_iter().filter_map(file).collect()
}

#[derive(Args)]
pub struct TextOptions {
    /// Write the module in the text format, as the source that debuggers show of functions of which nothing else is known.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["link", "link_shared", "strip", "strip_debug"])]
    debug_wat: Option<PathBuf>,
}

impl TextOptions {
    /// The file to write.
    pub fn file(&self) -> Option<&Path> {
        self.debug_wat.as_deref()
    }

    /// The text of a module, and what is in which line of it; none if it isn't asked for.
    ///
    /// # Errors
    /// If the module can't be read.
    pub fn text(&self, wasm: &[u8]) -> Result<Option<(String, Text)>> {
        let Some(file) = &self.debug_wat else { return Ok(None) };
        if is_component(wasm) {
            bail!("--debug-wat is for modules, and this is a component");
        }
        let mut text = String::new();
        let printed = wasmprinter::Config::new();
        let lines = printed.offsets_and_lines(wasm, &mut text).context("--debug-wat")?;
        let lines = (1..).zip(lines).filter_map(|(line, (offset, _))| Some((offset?, line)));
        let mut lines: Vec<(u64, u32)> = lines.collect();
        lines.sort_unstable();
        let path = std::path::absolute(file)?.to_string_lossy().into_owned();
        Ok(Some((text, Text { path, lines: lines.into() })))
    }
}
