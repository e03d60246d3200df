//! Links a PE executable (Microsoft's "PE Format"): our own object and the runtime's archive, and nothing else.
//!
//! The phases: `input` reads the objects and finds out what each symbol is, `live` finds the sections that the
//! entry needs, `layout` gives each a place, `relocate` computes what depends on places, `image` writes. System
//! functions come from the archive, too, as import objects.

mod image;
mod imports;
mod input;
mod layout;
mod live;
mod relocate;
#[cfg(test)]
mod tests;

use anyhow::{Context, Result};

use super::inputs::Inputs;
use layout::Layout;

/// The symbol of the entry function.
const ENTRY: &str = "_start";

/// Links, and returns the bytes of the executable.
///
/// # Errors
/// If symbols are missing or an input isn't what our compiler and the runtime's compiler produce.
pub fn link(inputs: &Inputs) -> Result<Vec<u8>> {
    let linked = || {
        let objects = input::read(&inputs.object, &inputs.runtime)?;
        let live = live::find(&objects, ENTRY)?;
        let layout = Layout::new(&objects, live)?;
        let relocated = relocate::apply(&objects, &layout)?;
        image::write(&objects, &layout, relocated, ENTRY, inputs.stack_size)
    };
    linked().context("linking failed")
}
