//! What follows the program in the file: the tables of `__LINKEDIT`, as dyld (`Image::validStructureLinkedit`) and
//! the tools that sign and strip require them.

use anyhow::{Context, Result, ensure};
use object::macho;

use super::image::{Image, long, word};

/// The parts are in the order that Apple's tools demand of what they change, aligned, and don't overlap.
pub fn parts(image: &Image<'_>) -> Result<()> {
    let segment = image.segments.last().context("no segment")?;
    let data = |number: u32, alignment: usize| -> Result<[usize; 3]> {
        let command = image.command(number)?;
        Ok([word(command, 8)? as usize, word(command, 12)? as usize, alignment])
    };
    let table = image.command(macho::LC_SYMTAB)?;
    let indirect = image.command(macho::LC_DYSYMTAB)?;
    let word = |command, at| word(command, at).map(|word| word as usize);
    let parts = [
        ("fixups", data(macho::LC_DYLD_CHAINED_FIXUPS, 8)?),
        ("exports", data(macho::LC_DYLD_EXPORTS_TRIE, 8)?),
        ("starts of functions", data(macho::LC_FUNCTION_STARTS, 8)?),
        ("symbols", [word(table, 8)?, 16 * word(table, 12)?, 8]),
        ("indirect symbols", [word(indirect, 56)?, 4 * word(indirect, 60)?, 4]),
        ("strings", [word(table, 16)?, word(table, 20)?, 1]),
        ("signature", data(macho::LC_CODE_SIGNATURE, 16)?),
    ];
    let mut end = segment.file_offset as usize;
    for (name, [at, size, alignment]) in parts {
        ensure!(at >= end && size > 0, "{name}: {size} bytes at {at:#x}, after {end:#x}");
        // Nothing but zeroes that align is between them.
        ensure!(at - end < 16 && image.bytes[end..at].iter().all(|byte| *byte == 0), "a hole before {name}");
        ensure!(at % alignment == 0, "{name} aren't aligned");
        end = at + size;
    }
    ensure!(end == segment.file_offset as usize + segment.data.len(), "the end of the segment");
    Ok(())
}

/// Local symbols come first, then exported ones, then imports, and are where they say.
pub fn symbols(image: &Image<'_>) -> Result<()> {
    let table = image.command(macho::LC_DYSYMTAB)?;
    let mut start = 0;
    for (index, kind) in [macho::N_SECT, macho::N_SECT | macho::N_EXT, macho::N_EXT].into_iter().enumerate() {
        let (first, count) = (word(table, 8 + 8 * index)? as usize, word(table, 12 + 8 * index)? as usize);
        ensure!(first == start, "symbols of kind {kind} start at {first} instead of {start}");
        let symbols = image.symbols.get(first..first + count).context("more symbols than there are")?;
        for symbol in symbols {
            ensure!(symbol.kind == kind, "{} is of kind {} instead of {kind}", symbol.name, symbol.kind);
            let section = usize::from(symbol.section).checked_sub(1).map(|index| image.sections.get(index));
            match section {
                None => ensure!(kind == macho::N_EXT, "{} is in no section", symbol.name),
                // The header is before the code.
                _ if kind != macho::N_SECT => {}
                Some(section) => {
                    let section = section.with_context(|| format!("the section of {}", symbol.name))?;
                    let place = section.address..=section.address + section.size;
                    ensure!(place.contains(&symbol.address), "{} isn't in {}", symbol.name, section.name);
                }
            }
        }
        start += count;
    }
    ensure!(start == image.symbols.len(), "{start} symbols of {}", image.symbols.len());
    // All other tables of the command are empty.
    ensure!(table[32..56].iter().chain(&table[64..]).all(|byte| *byte == 0), "tables of libraries");
    Ok(())
}

/// They ascend from the start of the code, and all symbols in it are among them.
pub fn function_starts(image: &Image<'_>) -> Result<()> {
    let code = image.section("__TEXT", "__text")?;
    let mut address = image.segments[1].address;
    let mut starts = Vec::new();
    let (mut distance, mut shift) = (0, 0);
    for byte in image.linked_data(macho::LC_FUNCTION_STARTS)? {
        distance |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            if distance == 0 {
                break;
            }
            address += distance;
            starts.push(address);
            (distance, shift) = (0, 0);
        }
    }
    ensure!(starts.first() == Some(&code.address), "the first one is {:#x?}", starts.first());
    ensure!(starts.last().is_some_and(|last| *last < code.address + code.size), "the last one isn't code");
    let mut symbols = image.symbols.iter().filter(|symbol| {
        symbol.kind == macho::N_SECT && (code.address..code.address + code.size).contains(&symbol.address)
    });
    let missing = symbols.find(|symbol| starts.binary_search(&symbol.address).is_err());
    ensure!(missing.is_none(), "{} isn't among them", missing.map_or("", |symbol| &symbol.name));
    // The entry is one of them without symbols, too.
    let entry = image.segments[1].address + long(image.command(macho::LC_MAIN)?, 8)?;
    ensure!(starts.binary_search(&entry).is_ok(), "the entry isn't among them");
    Ok(())
}
