//! The inputs of linkers, the options for executables and libraries, and what a library is.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use flate2::read::ZlibDecoder;

use super::debug::Debug;

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
#[derive(Clone)]
pub struct Style {
    /// Whether the system may load the executable at any address.
    pub pie: bool,
    pub debug: Debug,
}

/// An executable, as the contents of files.
pub struct Executable {
    pub bytes: Vec<u8>,
    /// What debuggers read, if that is apart.
    pub debug_file: Option<Vec<u8>>,
}

/// What a shared library is.
pub struct Shared<'a> {
    /// The name by which programs look for it: soname, name of the DLL, last part of the install name.
    pub name: &'a str,
    /// C names of the functions that it exports. The object defines them.
    pub exports: &'a [String],
    /// The functions that the embedder defines.
    pub imports: &'a [Import],
    /// C name of a function that is called in the place of an import that hasn't been set. Only Windows needs it, and
    /// only if there are imports.
    pub unset: &'a str,
    pub debug: &'a Debug,
}

/// A function that the embedder defines.
pub struct Import {
    /// C name under which the object refers to it. On ELF and Mach-O it stays undefined: the program that loads the
    /// library exports it, or another library does.
    pub name: String,
    /// C name of the function that the library exports on Windows, where nothing can stay undefined:
    /// `void setter(function pointer)`.
    pub setter: String,
}

/// A shared library, as the contents of files.
pub struct SharedLibrary {
    pub library: Vec<u8>,
    /// What programs link with on Windows.
    pub import_library: Option<Vec<u8>>,
    /// What debuggers read, if that is apart.
    pub debug_file: Option<Vec<u8>>,
}
