//! The file with debug information in a dSYM bundle, as `dsymutil` writes it: the UUID, the symbols and the places of all
//! sections of an image, and the contents of those with debug information.

use object::macho;

use super::commands::{Commands, MINIMUM_SYSTEM};
use super::debug::{DebugSection, DebugSegment};
use super::extent::Extent;
use super::layout::{Layout, Output, Segment};
use super::machine::Machine;
use super::symbols::{SYMBOL_BYTES, Tables};

/// Where the contents begin: load commands are before.
const START: usize = 0x1000;

/// `subtype` is that of the image.
pub fn write(
    machine: &Machine,
    subtype: u32,
    layout: &Layout<'_>,
    tables: &Tables,
    uuid: [u8; 16],
    sections: &[DebugSection<'_>],
) -> Vec<u8> {
    let symbol_bytes = tables.symbols.len() + tables.strings.len();
    let last = layout.segment(Segment::Data);
    let page = machine.page;
    let edit = Extent {
        address: last.address + last.bytes,
        bytes: (symbol_bytes as u64).next_multiple_of(page),
        file_bytes: symbol_bytes as u64,
        file_offset: START as u64,
        alignment: page,
    };
    let debug_at = (START + symbol_bytes).next_multiple_of(START);
    let debug = DebugSegment::new(sections, edit.address + edit.bytes, debug_at as u64, page);

    let mut commands = Commands::new();
    let words = uuid.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word));
    commands.add(macho::LC_UUID, &words.collect::<Vec<_>>(), "");
    commands.add(macho::LC_BUILD_VERSION, &[macho::PLATFORM_MACOS, MINIMUM_SYSTEM, MINIMUM_SYSTEM, 0], "");
    let strings_at = START + tables.symbols.len();
    let count = tables.symbols.len() / SYMBOL_BYTES;
    let table = [START, count, strings_at, tables.strings.len()];
    commands.add(macho::LC_SYMTAB, &table.map(|word| word as u32), "");
    if layout.base > 0 {
        commands.page_zero(layout);
    }
    for segment in Segment::ALL {
        let outputs: Vec<Output> = layout.outputs().filter(|output| output.segment() == segment).collect();
        let start = commands.len();
        let extent = Extent { file_bytes: 0, file_offset: 0, ..layout.segment(segment) };
        let (protection, flags) = (segment.protection(), segment.flags());
        commands.segment(segment.name(), extent, protection, outputs.len() as u32, flags);
        for output in outputs {
            commands.section(layout, machine, output, 0);
        }
        commands.finish(start);
    }
    let start = commands.len();
    commands.segment("__LINKEDIT", edit, macho::VM_PROT_READ, 0, 0);
    commands.finish(start);
    debug.add_to(&mut commands);

    let mut file = commands.with_header(machine.cpu_type, subtype, macho::MH_DSYM, 0);
    file.resize(START, 0);
    file.extend_from_slice(&tables.symbols);
    file.extend_from_slice(&tables.strings);
    file.resize((debug.extent.file_offset + debug.extent.file_bytes) as usize, 0);
    debug.write(&mut file);
    file
}
