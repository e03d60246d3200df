//! Options about debug information, and the files in which it is.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::component::is_component;
use crate::debug::{DebugFile, Text, referred};
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
        DebugPlan { keep: !self.strip_debug, requested: self.requested, files: Vec::new(), text: None }
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
