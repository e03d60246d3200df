//! What the writers of Mach-O objects don't do the way we need it.

use anyhow::{Result, bail};
use object::endian::U32;
use object::macho::{MH_SUBSECTIONS_VIA_SYMBOLS, MachHeader64};
use object::write::{Object, SectionId, Symbol, SymbolId, SymbolSection};
use object::{LittleEndian as LE, SymbolFlags, SymbolKind, SymbolScope, from_bytes_mut};

/// Marks an object so that linkers don't take its sections apart: tables contain offsets into the code.
pub fn keep_whole(object: &mut [u8]) -> Result<()> {
    let Ok((header, _)) = from_bytes_mut::<MachHeader64<LE>>(object) else {
        bail!("the object has no header");
    };
    let flags = header.flags.get(LE) & !MH_SUBSECTIONS_VIA_SYMBOLS;
    header.flags = U32::new(LE, flags);
    Ok(())
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
