//! The formats of executables, and what follows from each.

use std::ffi::{OsStr, OsString};

use object::BinaryFormat;

/// The format of executables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Elf(Elf),
    Pe,
    MachO,
}

/// What linkers must know of ELF on a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elf {
    /// `-m`.
    pub emulation: &'static str,
    /// Whether the embedded linker, libwild, links for it.
    pub embedded_linker: bool,
    /// Size in bytes of the largest pages that kernels use: segments must not share pages.
    pub largest_page: u64,
}

impl Format {
    /// The file format of objects and executables.
    pub fn binary(self) -> BinaryFormat {
        match self {
            Format::Elf(_) => BinaryFormat::Elf,
            Format::Pe => BinaryFormat::Pe,
            Format::MachO => BinaryFormat::MachO,
        }
    }

    /// Whether systems with this format can move pages of the executable into a memory.
    pub fn moves_pages(self) -> bool {
        matches!(self, Format::Elf(_))
    }

    /// Whether linking needs no other program.
    pub fn has_embedded_linker(self) -> bool {
        match self {
            Format::Elf(elf) => elf.embedded_linker,
            Format::Pe | Format::MachO => true,
        }
    }

    /// Whether executables can have build IDs.
    pub fn has_build_ids(self) -> bool {
        matches!(self, Format::Elf(_))
    }

    /// Whether debug information that is apart is in a bundle.
    pub fn has_debug_bundles(self) -> bool {
        matches!(self, Format::MachO)
    }

    /// The names of executables.
    pub fn executable(self) -> Affixes {
        match self {
            Format::Elf(_) | Format::MachO => Affixes("", ""),
            Format::Pe => Affixes("", ".exe"),
        }
    }

    /// The names of static libraries.
    pub fn static_library(self) -> Affixes {
        match self {
            Format::Elf(_) | Format::MachO => Affixes("lib", ".a"),
            Format::Pe => Affixes("", ".lib"),
        }
    }

    /// The names of shared libraries.
    pub fn shared_library(self) -> Affixes {
        match self {
            Format::Elf(_) => Affixes("lib", ".so"),
            Format::Pe => Affixes("", ".dll"),
            Format::MachO => Affixes("lib", ".dylib"),
        }
    }
}

/// How the names of a kind of file begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affixes(pub &'static str, pub &'static str);

impl Affixes {
    /// The name of the file that is called so.
    pub fn around(self, name: impl AsRef<OsStr>) -> OsString {
        let mut file = OsString::from(self.0);
        file.push(name);
        file.push(self.1);
        file
    }
}
