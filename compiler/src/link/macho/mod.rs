//! Links a Mach-O executable or a dylib for macOS 11 or later (Apple's `mach-o/loader.h`): our own object and the runtime's
//! archive, and nothing else.
//!
//! The phases: `input` reads the objects, cuts their sections into atoms and finds out what each symbol is
//! (`relocation` decodes what refers to it), `live` finds the atoms that the entry needs, `layout` gives each a place,
//! `relocate` computes what depends on places, and `image` writes, with `fixups`, `exports`, `symbols`, `unwind` and
//! `signature` for what the system and debuggers read. `debug` has what only debuggers read, which is in the image or,
//! written by `dsym`, apart. `library` knows what an undefined symbol may be: a function of
//! libSystem. `dylib` says what is different in a library.

mod commands;
mod debug;
mod dsym;
mod dylib;
mod exports;
mod extent;
mod fixups;
mod image;
mod input;
mod layout;
mod library;
mod live;
mod machine;
mod relocate;
mod relocation;
mod signature;
mod symbols;
#[cfg(test)]
mod tests;
mod unwind;

use anyhow::{Context, Result};

use super::debug::Debug;
use super::inputs::{Executable, Inputs};
pub use dylib::link as link_shared;
use extent::EXECUTABLE_BASE;
use image::Purpose;
use layout::Layout;
pub use library::Library;
pub use machine::{ARM64, X86_64};
use wasm_aot_runtimes::MACOS_LIBRARY;

/// The symbol of the entry function.
const ENTRY: &[u8] = b"_main";

/// Links an executable.
///
/// # Errors
/// If symbols are missing or an input isn't what our compiler and the runtime's compiler produce.
pub fn link(inputs: &Inputs, debug: &Debug) -> Result<Executable> {
    let linked = || {
        let machine = input::machine(&inputs.object)?;
        let library = Library::parse(MACOS_LIBRARY, machine.stub_target)?;
        let objects = input::read(&inputs.object, &inputs.runtime, machine, &library)?;
        let live = live::find(&objects, &[ENTRY])?;
        let layout = Layout::new(&objects, live, EXECUTABLE_BASE, image::headers_bytes(&objects, debug))?;
        let relocated = relocate::apply(&objects, &layout)?;
        image::write_parts(&objects, &layout, relocated, Purpose::Program { entry: ENTRY }, debug)
    };
    linked().context("linking failed")
}
