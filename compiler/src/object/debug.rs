//! Debug sections in the object, in the form that the linkers of each format expect: in ELF and COFF, what refers to another
//! debug section is relocated; in Mach-O it is a plain number, since linkers take the sections of an object as a whole.

use anyhow::{Result, bail};
use object::macho::{ARM64_RELOC_UNSIGNED, S_ATTR_DEBUG, X86_64_RELOC_UNSIGNED};
use object::write::{Object, Relocation, SectionId, SymbolId};
use object::{Architecture, BinaryFormat, RelocationEncoding, RelocationFlags, RelocationKind, SectionFlags};
use object::{SectionKind, pe};

use super::Written;
use crate::debug::sections::{Name, Section, Sections, Target};

/// Adds debug sections to an object.
pub fn add(written: &mut Written, sections: Sections) -> Result<()> {
    let all: Vec<(Name, SectionId)> =
        sections.all().map(|(name, _)| (name, section(&mut written.product.object, name))).collect();
    let symbols: Vec<(Name, SymbolId)> = match written.product.object.format() {
        BinaryFormat::MachO => Vec::new(),
        _ => all.iter().map(|(name, id)| (*name, written.product.object.section_symbol(*id))).collect(),
    };
    for ((_, contents), (_, id)) in sections.all().zip(&all) {
        fill(written, *id, contents, &symbols)?;
    }
    Ok(())
}

fn section(object: &mut Object<'static>, name: Name) -> SectionId {
    let name = name.text();
    if object.format() != BinaryFormat::MachO {
        return object.add_section(Vec::new(), name.as_bytes().to_vec(), SectionKind::Debug);
    }
    // Names have 16 bytes at most: `__debug_str_offs`.
    let name = format!("__{}", &name[1..]);
    let id = object.add_section(b"__DWARF".to_vec(), name.into_bytes(), SectionKind::Debug);
    object.section_mut(id).flags = SectionFlags::MachO { flags: S_ATTR_DEBUG };
    id
}

/// Writes the contents of a section, and its relocations.
fn fill(
    written: &mut Written,
    id: SectionId,
    contents: &Section,
    symbols: &[(Name, SymbolId)],
) -> Result<()> {
    let mut bytes = contents.bytes.clone();
    let mut relocations = Vec::with_capacity(contents.relocations.len());
    let object = &written.product.object;
    let is_implicit = object.format() != BinaryFormat::Elf;
    for relocation in &contents.relocations {
        let at = relocation.offset as usize;
        let (symbol, flags, size) = match relocation.target {
            Target::Symbol(symbol) => match written.symbols.get(symbol) {
                Some(symbol) => (Some(symbol), address(object)?, 8),
                // Nothing else refers to it, so it isn't there.
                None => continue,
            },
            Target::Section(name) => {
                let symbol = symbols.iter().find(|(other, _)| *other == name).map(|(_, symbol)| *symbol);
                (symbol, offset(object), 4)
            }
        };
        let mut addend = relocation.addend;
        if is_implicit || symbol.is_none() {
            let place = &mut bytes[at..at + size];
            place.copy_from_slice(&addend.to_le_bytes()[..size]);
        }
        let Some(symbol) = symbol else { continue };
        if is_implicit {
            addend = 0;
        }
        relocations.push(Relocation { offset: u64::from(relocation.offset), symbol, addend, flags });
    }
    let object = &mut written.product.object;
    object.set_section_data(id, bytes, 1);
    for relocation in relocations {
        object.add_relocation(id, relocation)?;
    }
    Ok(())
}

/// The relocation of an address of 8 bytes.
fn address(object: &Object<'_>) -> Result<RelocationFlags> {
    let generic = RelocationFlags::Generic {
        kind: RelocationKind::Absolute,
        encoding: RelocationEncoding::Generic,
        size: 64,
    };
    Ok(match (object.format(), object.architecture()) {
        (BinaryFormat::Elf, _) => generic,
        (BinaryFormat::Coff, Architecture::X86_64) => {
            RelocationFlags::Coff { typ: pe::IMAGE_REL_AMD64_ADDR64 }
        }
        (BinaryFormat::Coff, Architecture::Aarch64) => {
            RelocationFlags::Coff { typ: pe::IMAGE_REL_ARM64_ADDR64 }
        }
        (BinaryFormat::MachO, architecture) => RelocationFlags::MachO {
            r_type: match architecture {
                Architecture::X86_64 => X86_64_RELOC_UNSIGNED,
                _ => ARM64_RELOC_UNSIGNED,
            },
            r_pcrel: false,
            r_length: 3,
        },
        (format, architecture) => {
            bail!("debug information for {architecture:?} in {format:?} isn't supported")
        }
    })
}

/// The relocation of an offset of 4 bytes in another section.
fn offset(object: &Object<'_>) -> RelocationFlags {
    match (object.format(), object.architecture()) {
        (BinaryFormat::Coff, Architecture::X86_64) => {
            RelocationFlags::Coff { typ: pe::IMAGE_REL_AMD64_SECREL }
        }
        (BinaryFormat::Coff, _) => RelocationFlags::Coff { typ: pe::IMAGE_REL_ARM64_SECREL },
        _ => RelocationFlags::Generic {
            kind: RelocationKind::Absolute,
            encoding: RelocationEncoding::Generic,
            size: 32,
        },
    }
}
