//! Links a PE executable or a DLL (Microsoft's "PE Format"): our own object and the runtime's archive, and nothing else.
//!
//! The phases: `input` reads the objects and finds out what each symbol is, `live` finds the sections that the
//! entry needs, `layout` gives each a place, `relocate` computes what depends on places, `image` writes, with
//! `debug` for what debuggers read. System
//! functions come from the archive, too, as import objects. `dll` says what is different in a library.

mod debug;
mod dll;
mod exports;
mod image;
mod imports;
mod input;
mod layout;
mod live;
mod own;
mod relocate;
mod slots;
#[cfg(test)]
mod tests;

use anyhow::{Context, Result};

use super::debug::Debug;
use super::inputs::{Executable, Inputs};
pub use dll::link as link_shared;
use image::Purpose;
use layout::Layout;

/// The symbol of the entry function.
const ENTRY: &str = "_start";

/// Links an executable.
///
/// # Errors
/// If symbols are missing or an input isn't what our compiler and the runtime's compiler produce.
pub fn link(inputs: &Inputs, debug: &Debug) -> Result<Executable> {
    let linked = || {
        let objects = input::read(&inputs.object, &inputs.runtime, None)?;
        let live = live::find(&objects, ENTRY)?;
        let layout = Layout::new(&objects, live)?;
        let relocated = relocate::apply(&objects, &layout)?;
        let purpose = Purpose::Program { entry: ENTRY, stack_size: inputs.stack_size };
        image::write_parts(&objects, &layout, &relocated, purpose, debug)
    };
    linked().context("linking failed")
}
