//! The formats of executables, and what follows from each.

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

    /// The file name of an executable.
    pub fn executable(self, name: &str) -> String {
        match self {
            Format::Elf(_) | Format::MachO => name.to_owned(),
            Format::Pe => format!("{name}.exe"),
        }
    }

    /// The file name of a static library.
    pub fn static_library(self, name: &str) -> String {
        match self {
            Format::Elf(_) | Format::MachO => format!("lib{name}.a"),
            Format::Pe => format!("{name}.lib"),
        }
    }

    /// The file name of a shared library.
    pub fn shared_library(self, name: &str) -> String {
        match self {
            Format::Elf(_) => format!("lib{name}.so"),
            Format::Pe => format!("{name}.dll"),
            Format::MachO => format!("lib{name}.dylib"),
        }
    }
}
