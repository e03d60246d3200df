//! What the writers of Mach-O objects don't do the way we need it.

use anyhow::{Context as _, Result, bail};
use object::endian::U32;
use object::macho::{
    MH_SUBSECTIONS_VIA_SYMBOLS, MachHeader64, N_SECT, N_TYPE, Relocation, S_ATTR_DEBUG, Section64,
    X86_64_RELOC_UNSIGNED,
};
use object::read::macho::{MachHeader as _, Nlist as _, Section as _, Segment as _};
use object::write::{Object, SectionId, Symbol, SymbolId, SymbolSection};
use object::{LittleEndian as LE, SymbolFlags, SymbolKind, SymbolScope, bytes_of, from_bytes_mut};

/// Marks an object so that linkers don't take its sections apart: tables contain offsets into the code.
pub fn keep_whole(object: &mut [u8]) -> Result<()> {
    let Ok((header, _)) = from_bytes_mut::<MachHeader64<LE>>(object) else {
        bail!("the object has no header");
    };
    let flags = header.flags.get(LE) & !MH_SUBSECTIONS_VIA_SYMBOLS;
    header.flags = U32::new(LE, flags);
    Ok(())
}

/// Has the words of debug information hold the addresses that are theirs in the object, with relocations by section, as
/// assemblers write them: debuggers that find an object through a program's debug map apply no relocations to it.
///
/// # Errors
/// If the object is damaged.
pub fn place_debug(object: &mut [u8]) -> Result<()> {
    let edits = debug_words(object).context("the Mach-O object")?;
    for (at, bytes) in edits {
        object.get_mut(at..at + 8).context("a relocation is outside of its section")?.copy_from_slice(&bytes);
    }
    Ok(())
}

/// Where bytes of the object change, and to what: words of sections, and relocations.
fn debug_words(object: &[u8]) -> Result<Vec<(usize, [u8; 8])>> {
    let header = MachHeader64::<LE>::parse(object, 0)?;
    let (mut debug_sections, mut symbols) = (Vec::<&Section64<LE>>::new(), None);
    let mut commands = header.load_commands(LE, object, 0)?;
    while let Some(command) = commands.next()? {
        if let Some((segment, sections)) = command.segment_64()? {
            let sections = segment.sections(LE, sections)?;
            debug_sections.extend(sections.iter().filter(|section| section.flags(LE) & S_ATTR_DEBUG != 0));
        } else if let Some(table) = command.symtab()? {
            symbols = Some(table.symbols::<MachHeader64<LE>, _>(LE, object)?);
        }
    }
    let Some(symbols) = symbols else { return Ok(Vec::new()) };
    let mut edits = Vec::new();
    for section in debug_sections {
        for (index, relocation) in section.relocations(LE, object)?.iter().enumerate() {
            let mut info = relocation.info(LE);
            // The type of an address has the same number on both instruction sets.
            if !info.r_extern || info.r_type != X86_64_RELOC_UNSIGNED || info.r_length != 3 {
                continue;
            }
            let symbol = symbols.symbol(object::SymbolIndex(info.r_symbolnum as usize))?;
            if symbol.n_type() & N_TYPE != N_SECT {
                continue;
            }
            let at = section.offset(LE) as usize + info.r_address as usize;
            let word = object.get(at..).and_then(|bytes| bytes.first_chunk());
            let word = u64::from_le_bytes(*word.context("a relocation is outside of its section")?);
            edits.push((at, word.wrapping_add(symbol.n_value(LE)).to_le_bytes()));
            info.r_extern = false;
            info.r_symbolnum = symbol.n_sect().into();
            let at = section.reloff(LE) as usize + index * size_of::<Relocation<LE>>();
            let relocation = info.relocation(LE);
            edits.push((at, *bytes_of(&relocation).first_chunk().context("its size")?));
        }
    }
    Ok(edits)
}

/// Adds a symbol for the start of a section. (The `object` crate writes relocations that refer to a section itself
/// without the section's address.)
pub fn section_symbol(object: &mut Object<'static>, section: SectionId) -> SymbolId {
    // Linkers leave symbols that begin with an `l` out of executables.
    let place = object.section(section);
    let name = format!("l_{},{}", place.segment().unwrap_or(""), place.name().unwrap_or("")).into_bytes();
    if let Some(symbol) = object.symbol_id(&name) {
        return symbol;
    }
    let symbol = object.add_symbol(Symbol {
        name: name.clone(),
        value: 0,
        size: 0,
        kind: SymbolKind::Data,
        scope: SymbolScope::Compilation,
        weak: false,
        section: SymbolSection::Section(section),
        flags: SymbolFlags::None,
    });
    object.symbol_mut(symbol).name = name;
    symbol
}
