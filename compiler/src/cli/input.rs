//! Reads modules: from a file or standard input, in the binary or the text format.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::escape::{self, escape};
use crate::output::STANDARD;

fn is_standard(path: &Path) -> bool {
    path == Path::new(STANDARD)
}

/// The name of an input, for diagnostics.
pub fn name(path: &Path) -> String {
    if is_standard(path) { "standard input".to_owned() } else { escape::path(path) }
}

/// Reads a module in the binary or the text format, and returns it in the binary one. Other files are returned
/// unchanged.
pub fn read_module(path: &Path) -> Result<Vec<u8>> {
    to_binary(path, read(path)?)
}

/// Reads a file unchanged.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes = if is_standard(path) { read_standard() } else { std::fs::read(path) };
    bytes.with_context(|| format!("can't read {}", name(path)))
}

/// Whether a module with this file name may be in the text format.
pub fn may_be_text(path: &Path) -> bool {
    is_standard(path) || path.extension().is_some_and(|extension| extension == "wat")
}

/// Converts a module in either format to the binary one. Files in the text format end in `.wat`; on standard input
/// that format is recognised by its opening parenthesis.
pub fn to_binary(path: &Path, module: Vec<u8>) -> Result<Vec<u8>> {
    let is_text = match is_standard(path) {
        true => wat::Detect::from_bytes(&module) == wat::Detect::WasmText,
        false => !module.starts_with(b"\0asm") && may_be_text(path),
    };
    if !is_text {
        return Ok(module);
    }
    let text = String::from_utf8(module).with_context(|| format!("can't read {}", name(path)))?;
    Ok(assemble(&text).map_err(|error| {
        // Names in the message may contain line feeds, which are escaped; those between the error's lines are
        // kept.
        let mut escaped = wast::Error::new(error.span(), escape(&error.message()).into_owned());
        escaped.set_path(Path::new(&name(path)));
        escaped.set_text(&text);
        escaped
    })?)
}

fn read_standard() -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Converts the text format to the binary format.
fn assemble(text: &str) -> Result<Vec<u8>, wast::Error> {
    let buffer = wast::parser::ParseBuffer::new(text)?;
    wast::parser::parse::<wast::Wat<'_>>(&buffer)?.encode()
}
