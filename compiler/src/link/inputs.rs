//! The inputs of linkers, and the options for the executable.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use flate2::read::ZlibDecoder;

/// The bytes of a runtime archive, which the compiler has compressed.
///
/// # Errors
/// If it is damaged.
pub fn unpack(runtime: &[u8]) -> Result<Vec<u8>> {
    let mut archive = Vec::new();
    ZlibDecoder::new(runtime).read_to_end(&mut archive).context("the runtime is damaged")?;
    Ok(archive)
}

/// What goes into an executable.
pub struct Inputs {
    pub object: Vec<u8>,
    /// The runtime-support archive of the target.
    pub runtime: Vec<u8>,
    /// Size of the program's stack in bytes, for systems that allocate it.
    pub stack_size: u64,
}

/// The options for the executable.
#[derive(Clone, Copy)]
pub struct Style {
    /// Whether to leave out the symbol table.
    pub strip: bool,
    /// Whether the system may load the executable at any address.
    pub pie: bool,
}
