//! Links a DLL, and the import library that programs link with.
//!
//! What a DLL has and an executable doesn't is an object that is made here and linked like the others: the export
//! tables (`exports`), which refer to all that is needed, and the functions that stand for what the embedder defines
//! (`slots`).

use std::io::Cursor;

use anyhow::{Context, Result};
use ar_archive_writer::{COFFShortExport, MachineTypes, write_import_library};
use object::pe;

use super::super::inputs::{Executable, Inputs, Shared, SharedLibrary};
use super::image::{self, Purpose};
use super::layout::Layout;
use super::own::{Machine, OwnObject};
use super::{exports, input, live, relocate, slots};

/// Links, and returns the library and its import library.
///
/// # Errors
/// If symbols are missing or an input isn't what our compiler and the runtime's compiler produce.
pub fn link(inputs: &Inputs, shared: &Shared<'_>) -> Result<SharedLibrary> {
    let linked = || -> Result<SharedLibrary> {
        let machine = Machine::of(input::machine(&inputs.object)?)?;
        let mut own = OwnObject::new(machine);
        slots::define(&mut own, shared);
        let names = exports::define(&mut own, shared)?;
        let own = own.object.write().context("the object of the export tables")?;
        let objects = input::read(&inputs.object, &inputs.runtime, Some(&own))?;
        let live = live::find(&objects, exports::SYMBOL)?;
        let layout = Layout::new(&objects, live)?;
        let relocated = relocate::apply(&objects, &layout)?;
        let linked = image::write_parts(&objects, &layout, &relocated, Purpose::Library, shared.debug)?;
        let Executable { bytes: library, debug_file } = linked;
        let import_library = import_library(machine, shared.name, &names)?;
        Ok(SharedLibrary { library, import_library: Some(import_library), debug_file })
    };
    linked().context("linking failed")
}

impl From<&Machine> for MachineTypes {
    fn from(machine: &Machine) -> MachineTypes {
        if machine.number == pe::IMAGE_FILE_MACHINE_ARM64 { MachineTypes::ARM64 } else { MachineTypes::AMD64 }
    }
}

/// An archive of import objects (Microsoft's "PE Format", "Import Library Format").
fn import_library(machine: &Machine, library: &str, names: &[&str]) -> Result<Vec<u8>> {
    let export = |name: &&str| COFFShortExport {
        name: (*name).to_owned(),
        ext_name: None,
        symbol_name: None,
        import_name: None,
        export_as: None,
        ordinal: 0,
        noname: false,
        data: false,
        private: false,
        constant: false,
    };
    let exports: Vec<COFFShortExport> = names.iter().map(export).collect();
    let mut bytes = Cursor::new(Vec::new());
    write_import_library(&mut bytes, library, &exports, MachineTypes::from(machine), false, false, &[])
        .context("the import library")?;
    Ok(bytes.into_inner())
}
