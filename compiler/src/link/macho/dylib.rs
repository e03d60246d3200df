//! Links a dylib. What its embedder defines stays undefined, and the system looks for it in all images of the process, as
//! for libraries that Apple's linker makes with `-undefined dynamic_lookup`.

use anyhow::{Context, Result};
use wasm_aot_runtimes::MACOS_LIBRARY;

use super::super::inputs::{Executable, Inputs, Shared, SharedLibrary};
use super::image::{self, Purpose};
use super::layout::Layout;
use super::library::Library;
use super::{exports, input, live, relocate};

/// A library has no page zero, and the system slides it as a whole.
const BASE: u64 = 0;

/// Links a library.
///
/// # Errors
/// If symbols are missing or an input isn't what our compiler and the runtime's compiler produce.
pub fn link(inputs: &Inputs, shared: &Shared<'_>) -> Result<SharedLibrary> {
    // The names of C functions begin with an underscore.
    let symbol = |name: &str| [b"_", name.as_bytes()].concat();
    let undefined: Vec<Vec<u8>> = shared.imports.iter().map(|import| symbol(&import.name)).collect();
    let mut names: Vec<Vec<u8>> = shared.exports.iter().map(|name| symbol(name)).collect();
    names.sort_unstable();
    names.dedup();
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let linked = || -> Result<SharedLibrary> {
        let machine = input::machine(&inputs.object)?;
        let library = Library::parse(MACOS_LIBRARY, machine.stub_target)?;
        let mut objects = input::read(&inputs.object, &inputs.runtime, machine, &library)?;
        objects.undefined = undefined.iter().map(Vec::as_slice).collect();
        let live = live::find(&objects, &names)?;
        let headers = image::headers_bytes(&objects, shared.debug);
        let layout = Layout::new(&objects, live, BASE, headers)?;
        let relocated = relocate::apply(&objects, &layout)?;
        let exports = exports::of_library(&objects, &layout, &names)?;
        let install_name = format!("@rpath/{}", shared.name);
        let purpose = Purpose::Library { exports: &exports, install_name: &install_name };
        let linked = image::write_parts(&objects, &layout, relocated, purpose, shared.debug)?;
        let Executable { bytes: library, debug_file } = linked;
        Ok(SharedLibrary { library, import_library: None, debug_file })
    };
    linked().context("linking failed")
}
