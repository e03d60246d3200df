//! The symbols that the system's libraries and linkers define.

use std::collections::HashSet;

use anyhow::Result;
use object::{Architecture, BinaryFormat};
use wasm_aot_runtimes::MACOS_LIBRARY;

use super::super::macho::{ARM64, Library, X86_64};
use super::input::Header;

/// Of ELF, those that linkers define: the header of the program, and its dynamic section and global offset table.
const ELF: [&[u8]; 3] = [b"__ehdr_start", b"_DYNAMIC", b"_GLOBAL_OFFSET_TABLE_"];

/// What the name of the pointer to a function of a library begins with, on Windows.
const IMPORTED: &[u8] = b"__imp_";

/// The header of the program, on Windows.
const IMAGE_BASE: &[u8] = b"__ImageBase";

/// What a target's system and linkers define.
pub enum System {
    Elf,
    Windows,
    MacOs(Library<'static>),
}

impl System {
    /// What the system that an object is for defines.
    pub fn of(header: &Header) -> Result<System> {
        let machine = if header.architecture == Architecture::Aarch64 { &ARM64 } else { &X86_64 };
        Ok(match header.format {
            BinaryFormat::MachO => System::MacOs(Library::parse(MACOS_LIBRARY, machine.stub_target)?),
            BinaryFormat::Coff => System::Windows,
            _ => System::Elf,
        })
    }

    /// Whether a symbol is defined. `imports`: the functions that are known to be in libraries of Windows.
    pub fn defines(&self, symbol: &[u8], imports: &HashSet<&[u8]>) -> bool {
        match self {
            System::Elf => ELF.contains(&symbol),
            System::Windows => {
                let imported = symbol.strip_prefix(IMPORTED);
                symbol == IMAGE_BASE || imported.is_some_and(|function| imports.contains(function))
            }
            System::MacOs(library) => library.find(symbol).is_some(),
        }
    }
}
