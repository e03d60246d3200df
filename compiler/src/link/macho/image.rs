//! Writes the image: the header and load commands, the segments, and after them what only the system and debuggers
//! read (`__LINKEDIT`), which ends with the signature.

use anyhow::{Result, bail};
use object::macho;

use super::super::debug::Debug;
use super::super::inputs::Executable;
use super::commands::{Commands, MINIMUM_SYSTEM};
use super::debug::{self, DebugSection, DebugSegment};
use super::dsym;
use super::exports::{self, Export};
use super::extent::{Extent, HEADERS_BYTES};
use super::fixups;
use super::input::{Definition, Objects};
use super::layout::{Layout, Output, Segment};
use super::machine::Machine;
use super::relocate::Relocated;
use super::signature::{self, Hashes};
use super::symbols::{SYMBOL_BYTES, Tables};

const DYNAMIC_LINKER: &str = "/usr/lib/dyld";

/// What the image is.
#[derive(Clone, Copy)]
pub enum Purpose<'a> {
    /// A program, with the symbol of its entry.
    Program { entry: &'a [u8] },
    /// A library, with its exported symbols, in the order of their names, and the name by which it is found.
    Library { exports: &'a [Export<'a>], install_name: &'a str },
}

impl Purpose<'_> {
    fn is_program(&self) -> bool {
        matches!(self, Purpose::Program { .. })
    }

    fn cpu_subtype(&self, machine: &Machine) -> u32 {
        if self.is_program() { machine.cpu_subtype } else { machine.library_subtype }
    }
}

/// Bytes to reserve for the header and the load commands of an image for which this is wanted.
pub fn headers_bytes(objects: &Objects<'_>, wanted: &Debug) -> u64 {
    let is_in_image = !wanted.strip && wanted.file.is_none();
    HEADERS_BYTES + if is_in_image { debug::command_bytes(objects) } else { 0 }
}

/// Writes the image, and what debuggers are to have apart from it.
pub fn write_parts(
    objects: &Objects<'_>,
    layout: &Layout<'_>,
    relocated: Relocated,
    purpose: Purpose<'_>,
    wanted: &Debug,
) -> Result<Executable> {
    let of_executable = [exports::of_executable(layout)];
    let exports = match purpose {
        Purpose::Program { .. } => &of_executable,
        Purpose::Library { exports, .. } => exports,
    };
    let tables = Tables::new(objects, layout, exports, wanted.strip);
    let sections = match wanted.strip && wanted.file.is_none() {
        true => Vec::new(),
        false => debug::sections(objects, layout)?,
    };
    if wanted.file.is_none() {
        let (bytes, _) = write(objects, layout, relocated, purpose, tables, &sections)?;
        return Ok(Executable { bytes, debug_file: None });
    }
    let all = Tables::new(objects, layout, exports, false);
    let (bytes, uuid) = write(objects, layout, relocated, purpose, tables, &[])?;
    let subtype = purpose.cpu_subtype(objects.machine);
    let debug_file = dsym::write(objects.machine, subtype, layout, &all, uuid, &sections);
    Ok(Executable { bytes, debug_file: Some(debug_file) })
}

/// Writes the image; returns its UUID, too.
fn write(
    objects: &Objects<'_>,
    layout: &Layout<'_>,
    mut relocated: Relocated,
    purpose: Purpose<'_>,
    tables: Tables,
    sections: &[DebugSection<'_>],
) -> Result<(Vec<u8>, [u8; 16])> {
    let last = layout.segment(Segment::Data);
    let debug = DebugSegment::new(
        sections,
        last.address + last.bytes,
        last.file_offset + last.file_bytes,
        objects.machine.page,
    );
    // Page zero is a segment, too, and behind ours may be debug information, and is the one that holds these tables.
    let (before, behind) = (usize::from(purpose.is_program()), usize::from(!sections.is_empty()) + 1);
    let fixups = fixups::chain(objects, layout, &mut relocated, before, behind)?;
    let edit = LinkEdit::new(debug.extent, fixups, tables);
    if edit.file_offset + edit.bytes() > u32::MAX.into() {
        bail!("the image would be larger than 4 GiB");
    }
    let commands = commands(objects, layout, &debug, &edit, purpose)?;
    if commands.bytes.len() as u64 > layout.headers {
        bail!("the load commands need more room");
    }
    let mut image = commands.bytes;
    image.resize(edit.file_offset as usize, 0);
    for output in layout.outputs().filter(|output| *output != Output::Zeroes) {
        let contents = &relocated.contents[output as usize];
        image[layout.section(output).file_offset as usize..][..contents.len()].copy_from_slice(contents);
    }
    debug.write(&mut image);
    for (_, part) in edit.parts() {
        image.extend_from_slice(part);
    }
    image.resize(edit.signature_at() as usize, 0);
    let mut hashes = Hashes::new(&image);
    let uuid = hashes.uuid();
    image[commands.uuid_at..][..uuid.len()].copy_from_slice(&uuid);
    hashes.update_first(&image);
    let text_bytes = layout.segment(Segment::Text).file_bytes;
    image.extend(hashes.sign(&image, uuid, text_bytes, purpose.is_program()));
    Ok((image, uuid))
}

/// The last segment.
struct LinkEdit {
    file_offset: u64,
    address: u64,
    fixups: Vec<u8>,
    tables: Tables,
}

/// A part of the last segment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Fixups,
    Exports,
    FunctionStarts,
    Symbols,
    Indirect,
    Strings,
}

impl LinkEdit {
    /// `last` is the part of the image before it.
    fn new(last: Extent, fixups: Vec<u8>, tables: Tables) -> LinkEdit {
        LinkEdit {
            file_offset: last.file_offset + last.file_bytes,
            address: last.address + last.bytes,
            fixups,
            tables,
        }
    }

    /// In the order of the file. The size of each is a multiple of 8.
    fn parts(&self) -> [(Part, &[u8]); 6] {
        let tables = &self.tables;
        [
            (Part::Fixups, &self.fixups),
            (Part::Exports, &tables.exports),
            (Part::FunctionStarts, &tables.function_starts),
            (Part::Symbols, &tables.symbols),
            (Part::Indirect, &tables.indirect),
            (Part::Strings, &tables.strings),
        ]
    }

    /// The offset of a part in the file, and its bytes.
    fn place(&self, part: Part) -> [u32; 2] {
        let mut at = self.file_offset;
        for (other, bytes) in self.parts() {
            if other == part {
                return [at as u32, bytes.len() as u32];
            }
            at += bytes.len() as u64;
        }
        unreachable!("every part is listed")
    }

    fn signature_at(&self) -> u64 {
        let bytes: usize = self.parts().iter().map(|(_, bytes)| bytes.len()).sum();
        (self.file_offset + bytes as u64).next_multiple_of(signature::ALIGNMENT as u64)
    }

    fn signature_bytes(&self) -> u64 {
        signature::bytes(self.signature_at() as usize) as u64
    }

    fn bytes(&self) -> u64 {
        self.signature_at() + self.signature_bytes() - self.file_offset
    }
}

fn commands(
    objects: &Objects<'_>,
    layout: &Layout<'_>,
    debug: &DebugSegment<'_, '_>,
    edit: &LinkEdit,
    purpose: Purpose<'_>,
) -> Result<Commands> {
    let (machine, library) = (objects.machine, objects.library);
    let mut commands = Commands::new();
    if purpose.is_program() {
        commands.page_zero(layout);
    }
    segments(&mut commands, machine, layout, debug, edit);
    let text_at = |words: usize| (8 + 4 * words) as u32;
    if let Purpose::Library { install_name, .. } = purpose {
        // A meaningless timestamp comes before the current and the compatible version, of which there are none.
        commands.add(macho::LC_ID_DYLIB, &[text_at(4), 1, 0, 0], install_name);
    }
    link_edit(&mut commands, edit);
    if purpose.is_program() {
        commands.add(macho::LC_LOAD_DYLINKER, &[text_at(1)], DYNAMIC_LINKER);
    }
    commands.uuid_at = commands.bytes.len() + 8;
    commands.add(macho::LC_UUID, &[0; 4], "");
    commands.add(macho::LC_BUILD_VERSION, &[macho::PLATFORM_MACOS, MINIMUM_SYSTEM, MINIMUM_SYSTEM, 0], "");
    if let Purpose::Program { entry } = purpose {
        let entry = entry_address(objects, layout, entry)?;
        // The offset in the file, and the size of the stack, where 0 means the default: 64 bits each.
        commands.add(macho::LC_MAIN, &[(entry - layout.base) as u32, 0, 0, 0], "");
    }
    let versions = [library.current_version, library.compatibility_version];
    // A meaningless timestamp comes before the versions.
    commands.add(macho::LC_LOAD_DYLIB, &[text_at(4), 2, versions[0], versions[1]], library.install_name);
    let (kind, flags) = match purpose {
        Purpose::Program { .. } => (macho::MH_EXECUTE, macho::MH_NOUNDEFS | macho::MH_PIE),
        Purpose::Library { .. } => {
            let undefined = layout.imports.iter().any(|import| objects.undefined.contains(import));
            let flags = if undefined { 0 } else { macho::MH_NOUNDEFS };
            (macho::MH_DYLIB, flags | macho::MH_NO_REEXPORTED_DYLIBS)
        }
    };
    let flags = flags | macho::MH_DYLDLINK | macho::MH_TWOLEVEL;
    commands.set_header(machine.cpu_type, purpose.cpu_subtype(machine), kind, flags);
    Ok(commands)
}

/// The address of the entry function.
fn entry_address(objects: &Objects<'_>, layout: &Layout<'_>, entry: &[u8]) -> Result<u64> {
    match objects.named(entry)? {
        Definition::Place(atom, offset) if layout.places[&atom].0 == Output::Code => {
            Ok(layout.places[&atom].1 + offset)
        }
        _ => bail!("the entry isn't code"),
    }
}

fn segments(
    commands: &mut Commands,
    machine: &Machine,
    layout: &Layout<'_>,
    debug: &DebugSegment<'_, '_>,
    edit: &LinkEdit,
) {
    for segment in Segment::ALL {
        let outputs: Vec<Output> = layout.outputs().filter(|output| output.segment() == segment).collect();
        let start = commands.bytes.len();
        let (protection, flags) = (segment.protection(), segment.flags());
        commands.segment(segment.name(), layout.segment(segment), protection, outputs.len() as u32, flags);
        for output in outputs {
            let file_offset = if output == Output::Zeroes { 0 } else { layout.section(output).file_offset };
            commands.section(layout, machine, output, file_offset);
        }
        commands.finish(start);
    }
    debug.add_to(commands);
    let extent = Extent {
        address: edit.address,
        bytes: edit.bytes().next_multiple_of(machine.page),
        file_bytes: edit.bytes(),
        file_offset: edit.file_offset,
        alignment: machine.page,
    };
    let start = commands.bytes.len();
    commands.segment("__LINKEDIT", extent, macho::VM_PROT_READ, 0, 0);
    commands.finish(start);
}

fn link_edit(commands: &mut Commands, edit: &LinkEdit) {
    commands.add(macho::LC_DYLD_CHAINED_FIXUPS, &edit.place(Part::Fixups), "");
    commands.add(macho::LC_DYLD_EXPORTS_TRIE, &edit.place(Part::Exports), "");
    let tables = &edit.tables;
    let [symbols_at, symbols_bytes] = edit.place(Part::Symbols);
    let [strings_at, strings_bytes] = edit.place(Part::Strings);
    let symbol_count = symbols_bytes / SYMBOL_BYTES as u32;
    commands.add(macho::LC_SYMTAB, &[symbols_at, symbol_count, strings_at, strings_bytes], "");
    // Index of the first and number of local symbols, exported symbols and imports; then tables that only libraries
    // have, and the indirect symbol table.
    let mut words = [0; 18];
    words[1] = tables.local_count;
    words[2..4].copy_from_slice(&[tables.local_count, tables.exported_count]);
    words[4..6].copy_from_slice(&[tables.local_count + tables.exported_count, tables.import_count]);
    let [indirect_at, _] = edit.place(Part::Indirect);
    words[12..14].copy_from_slice(&[indirect_at, tables.indirect_count]);
    commands.add(macho::LC_DYSYMTAB, &words, "");
    commands.add(macho::LC_FUNCTION_STARTS, &edit.place(Part::FunctionStarts), "");
    let signature = [edit.signature_at() as u32, edit.signature_bytes() as u32];
    commands.add(macho::LC_CODE_SIGNATURE, &signature, "");
}
