//! Debug sections in the object, in the form that the linkers of each format expect. What refers to another debug section is
//! relocated in ELF and COFF, where linkers put the sections of all objects one behind the other. It is a plain number in
//! Mach-O, whose linkers take the sections of an object as a whole, and where no other object has debug information: each such
//! relocation would be six times as large as what it relocates, and most of an object's are for the names of entries.

use anyhow::{Result, bail};
use object::macho::{ARM64_RELOC_UNSIGNED, S_ATTR_DEBUG, X86_64_RELOC_UNSIGNED};
use object::write::{Object, Relocation, SectionId, SymbolId};
use object::{Architecture, BinaryFormat, RelocationEncoding, RelocationFlags, RelocationKind, SectionFlags};
use object::{SectionKind, pe};

use super::Written;
use crate::debug::sections::{self as debug, Name, Section, Sections};

/// Adds debug sections to an object. `alone`: whether no other object that it is linked with has debug information.
pub fn add(written: &mut Written, sections: Sections, alone: bool) -> Result<()> {
    let object = &mut written.product.object;
    let all: Vec<(Name, SectionId, Section)> =
        sections.into_all().map(|(name, contents)| (name, section(object, name), contents)).collect();
    let symbols: Vec<(Name, SymbolId)> = match object.format() {
        BinaryFormat::MachO => Vec::new(),
        _ if alone => Vec::new(),
        _ => all.iter().map(|(name, id, _)| (*name, object.section_symbol(*id))).collect(),
    };
    for (_, id, contents) in all {
        fill(written, id, contents, &symbols)?;
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
fn fill(written: &mut Written, id: SectionId, contents: Section, symbols: &[(Name, SymbolId)]) -> Result<()> {
    let Section { mut bytes, relocations, references, big_endian } = contents;
    let object = &written.product.object;
    let is_implicit = object.format() != BinaryFormat::Elf;
    let mut added =
        Vec::with_capacity(relocations.len() + if symbols.is_empty() { 0 } else { references.len() });
    let flags = address(object)?;
    for debug::Relocation { offset, symbol, mut addend } in relocations {
        // If nothing else refers to it, it isn't there.
        let Some(symbol) = written.symbols.get(symbol) else { continue };
        if is_implicit {
            let place = &mut bytes[offset as usize..][..8];
            place.copy_from_slice(&if big_endian { addend.to_be_bytes() } else { addend.to_le_bytes() });
            addend = 0;
        }
        added.push(Relocation { offset: u64::from(offset), symbol, addend, flags });
    }
    let flags = offset(object);
    for (at, name) in references {
        let Some((_, symbol)) = symbols.iter().find(|(other, _)| *other == name) else { continue };
        let place = bytes[at as usize..].first_chunk_mut::<4>().expect("a word is there");
        let mut addend = 0;
        if !is_implicit {
            addend = if big_endian { u32::from_be_bytes(*place) } else { u32::from_le_bytes(*place) };
            *place = [0; 4];
        }
        added.push(Relocation { offset: at.into(), symbol: *symbol, addend: addend.into(), flags });
    }
    let object = &mut written.product.object;
    object.set_section_data(id, bytes, 1);
    for relocation in added {
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
