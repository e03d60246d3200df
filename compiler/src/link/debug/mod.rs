//! What debuggers read of the output of a link: how much of it there is, and where. `build_id` names an ELF file by its
//! contents; `elf` takes a file apart, into one that runs and one for debuggers. The linkers of PE and Mach-O, which
//! are ours, write the two by themselves.

mod build_id;
pub mod bundle;
mod elf;

use anyhow::{Context, Result};
use flate2::Crc;
use object::{Object as _, ObjectSection as _};

pub use build_id::BuildId;
pub use elf::{Split, split};

/// Beginnings of the names of sections with debug information: in ELF and PE, and in Mach-O.
const PREFIXES: [&[u8]; 2] = [b".debug_", b"__debug_"];

/// The section of an executable that names the file with its debug information.
pub const LINK_SECTION: &str = ".gnu_debuglink";

/// What debuggers are to get.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debug {
    /// Whether the executable or library has neither symbols nor debug information.
    pub strip: bool,
    /// The name of a separate file for the debug information, if there is to be one. Symbols are in both, unless the
    /// executable is stripped.
    pub file: Option<String>,
    /// How ELF files are identified; by default they have a build ID if there is debug information in them or
    /// beside them.
    pub build_id: Option<BuildId>,
}

/// What a linker is to leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strip {
    Nothing,
    /// Debug information.
    Debug,
    /// Debug information and symbols.
    All,
}

impl Debug {
    /// What the linker is to leave out of a link of this object.
    ///
    /// # Errors
    /// If the object can't be read.
    pub fn strip(&self, object: &[u8]) -> Result<Strip> {
        let is_kept = self.file.is_some() || !self.strip;
        Ok(match () {
            () if !is_kept => Strip::All,
            () if has_information(object)? => Strip::Nothing,
            () => Strip::Debug,
        })
    }

    /// The build ID of the output of a link, from which this is left out.
    pub fn build_id(&self, strip: Strip) -> BuildId {
        let default =
            if strip == Strip::Nothing || self.file.is_some() { BuildId::Hash } else { BuildId::None };
        self.build_id.clone().unwrap_or(default)
    }
}

/// Whether an object has debug information.
fn has_information(object: &[u8]) -> Result<bool> {
    let file = object::File::parse(object).context("the program's object")?;
    Ok(file.sections().any(|section| section.name_bytes().is_ok_and(is_information)))
}

/// Whether a section with this name is debug information.
pub fn is_information(name: &[u8]) -> bool {
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The contents of [`LINK_SECTION`]: the file's name, padded to 4 bytes, and the CRC-32 of its contents in the byte
/// order of the target (GDB's manual, "Debugging Information in Separate Files").
pub fn link_section(name: &str, file: &[u8], big_endian: bool) -> Vec<u8> {
    let mut contents = name.as_bytes().to_vec();
    contents.push(0);
    contents.resize(contents.len().next_multiple_of(4), 0);
    let mut crc = Crc::new();
    crc.update(file);
    let sum = crc.sum();
    contents.extend(if big_endian { sum.to_be_bytes() } else { sum.to_le_bytes() });
    contents
}
