//! Links a dylib. What its embedder defines stays undefined, and the system looks for it in all images of the process, as
//! for libraries that Apple's linker makes with `-undefined dynamic_lookup`.

use anyhow::{Context, Result};
use wasm_aot_runtimes::MACOS_LIBRARY;

use super::super::inputs::{Inputs, Shared};
use super::image::{self, Purpose};
use super::layout::Layout;
use super::library::Library;
use super::{exports, input, live, relocate};

/// A library has no page zero, and the system slides it as a whole.
const BASE: u64 = 0;

/// Links, and returns the bytes of the library.
///
/// # Errors
/// If symbols are missing or an input isn't what our compiler and the runtime's compiler produce.
pub fn link(inputs: &Inputs, shared: &Shared<'_>) -> Result<Vec<u8>> {
    // The names of C functions begin with an underscore.
    let symbol = |name: &str| [b"_", name.as_bytes()].concat();
    let undefined: Vec<Vec<u8>> = shared.imports.iter().map(|import| symbol(&import.name)).collect();
    let mut names: Vec<Vec<u8>> = shared.exports.iter().map(|name| symbol(name)).collect();
    names.sort_unstable();
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let linked = || {
        let machine = input::machine(&inputs.object)?;
        let library = Library::parse(MACOS_LIBRARY, machine.stub_target)?;
        let mut objects = input::read(&inputs.object, &inputs.runtime, machine, &library)?;
        objects.undefined = undefined.iter().map(Vec::as_slice).collect();
        let live = live::find(&objects, &names)?;
        let layout = Layout::new(&objects, live, BASE)?;
        let relocated = relocate::apply(&objects, &layout)?;
        let exports = exports::of_library(&objects, &layout, &names)?;
        let install_name = format!("@rpath/{}", shared.name);
        let purpose = Purpose::Library { exports: &exports, install_name: &install_name };
        image::write(&objects, &layout, relocated, purpose, shared.strip)
    };
    linked().context("linking failed")
}
