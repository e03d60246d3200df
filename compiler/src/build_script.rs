//! For build scripts of cargo: a module becomes a static library that is linked into the package, and a Rust module.
//!
//! ```no_run
//! // In build.rs, with `wasm-aot = { version = "0.1", default-features = false }` among [build-dependencies].
//! wasm_aot::build_script::library("codec.wasm");
//! ```
//!
//! The program includes the Rust module, which says what it offers:
//!
//! ```ignore
//! mod codec {
//!     include!(concat!(env!("OUT_DIR"), "/codec.rs"));
//! }
//! ```

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::driver::Emit;
use crate::error::{Error, ErrorKind, Result};
use crate::targets::Target;
use crate::{Compiler, library as interface, output};

/// Compiles a module, in the binary format, for the target of the package, with the options of the command line's defaults;
/// what its symbols begin with, and what its files are called, is the name of the module's file. The path is relative to
/// the package.
///
/// If it fails, the build script ends with a message and the exit code 1; [`try_library`] returns the error.
pub fn library(module: impl AsRef<Path>) {
    let module = module.as_ref();
    let stem = module.file_stem().unwrap_or_default().to_string_lossy();
    let built = target().and_then(|target| {
        let compiler = Compiler::new(target).prefix(interface::prefix(&stem));
        try_library(compiler, module)
    });
    if let Err(error) = built {
        eprintln!("error: can't build {}: {error}", crate::escape::path(module));
        std::process::exit(1);
    }
}

/// The target that cargo builds the package for, from the environment of the build script.
///
/// # Errors
/// If it isn't the compiler's, or this is no build script.
pub fn target() -> Result<&'static Target> {
    Target::find(&variable("TARGET")?)
}

/// Compiles a module as [`library`] does, with the options of a compiler. Its [prefix](Compiler::prefix) is the name of the
/// files, too.
///
/// # Errors
/// As for [`Compiler::compile`]; if a file can't be read or written; if this is no build script.
pub fn try_library(compiler: Compiler, module: impl AsRef<Path>) -> Result<()> {
    let module = module.as_ref();
    let directory = PathBuf::from(variable("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", module.display());
    let wasm = std::fs::read(module)
        .with_context(|| format!("can't read {}", crate::escape::path(module)))
        .map_err(|error| Error::classify(error, ErrorKind::Io))?;
    let prefix = compiler.plan().library.prefix.clone();
    let compiler = compiler.emit(Emit::StaticLibrary);
    let archive = compiler.compile(&wasm)?;
    for warning in archive.warnings() {
        println!("cargo:warning={}", warning.replace('\n', " "));
    }
    // The name that rustc finds for every target.
    archive.write_to(directory.join(format!("lib{prefix}.a")))?;
    let text = compiler.emit(Emit::Rust).compile(&wasm)?;
    output::write(&directory.join(format!("{prefix}.rs")), text.bytes(), false)
        .map_err(|error| Error::classify(error, ErrorKind::Io))?;
    println!("cargo:rustc-link-search=native={}", directory.display());
    println!("cargo:rustc-link-lib=static={prefix}");
    Ok(())
}

/// A variable that cargo sets for build scripts.
fn variable(name: &str) -> Result<String> {
    std::env::var(name).map_err(|_| {
        Error::new(ErrorKind::Target, format!("{name} isn't set, as it is for build scripts of cargo"))
    })
}
