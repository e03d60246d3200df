//! What the format of the file says by other means than the names of sections: headers, PE's directories, and what Mach-O has
//! in its last segment.

use object::read::elf::FileHeader as _;
use object::read::macho::MachHeader as _;
use object::{File, LittleEndian as LE, macho, pe};

use super::claims::Claims;
use crate::sizes::{Kind, Part};

/// Claims the headers, and the rest of what the format has outside of sections.
pub fn claim(bytes: &[u8], file: &File<'_>, claims: &mut Claims) {
    match file {
        File::Elf64(file) => elf(file, claims),
        File::Pe64(file) => windows(bytes, file, claims),
        File::MachO64(_) => macos(bytes, claims),
        _ => {}
    }
}

/// Claims bytes of the file.
fn part(claims: &mut Claims, start: u64, bytes: u64, kind: Kind, name: &str) {
    claims.ranges.claim(start..start.saturating_add(bytes), Part::new(kind, name));
}

fn elf(file: &object::read::elf::ElfFile64<'_>, claims: &mut Claims) {
    let (header, endian) = (file.elf_header(), file.endian());
    part(claims, 0, header.e_ehsize(endian).into(), Kind::Headers, "file header");
    let segments = u64::from(header.e_phnum(endian)) * u64::from(header.e_phentsize(endian));
    part(claims, header.e_phoff(endian), segments, Kind::Headers, "segment headers");
    let sections = u64::from(header.e_shnum(endian)) * u64::from(header.e_shentsize(endian));
    part(claims, header.e_shoff(endian), sections, Kind::Headers, "section headers");
}

/// What PE's data directories say where it is.
const DIRECTORIES: [(usize, Kind, &str); 4] = [
    (pe::IMAGE_DIRECTORY_ENTRY_EXPORT, Kind::Headers, "dynamic linking"),
    (pe::IMAGE_DIRECTORY_ENTRY_IMPORT, Kind::Headers, "dynamic linking"),
    (pe::IMAGE_DIRECTORY_ENTRY_IAT, Kind::Headers, "dynamic linking"),
    (pe::IMAGE_DIRECTORY_ENTRY_EXCEPTION, Kind::Metadata, "unwind tables"),
];

fn windows(bytes: &[u8], file: &object::read::pe::PeFile64<'_>, claims: &mut Claims) {
    let headers = file.nt_headers();
    let start = u64::from(file.dos_header().nt_headers_offset());
    let file_header = &headers.file_header;
    // A signature, then the header, the optional one, and those of the sections.
    let optional = start + 4 + size_of::<pe::ImageFileHeader>() as u64;
    let end = optional + u64::from(file_header.size_of_optional_header.get(LE));
    part(claims, 0, end, Kind::Headers, "file header");
    let sections = u64::from(file_header.number_of_sections.get(LE));
    part(
        claims,
        end,
        sections * size_of::<pe::ImageSectionHeader>() as u64,
        Kind::Headers,
        "section headers",
    );
    let base = headers.optional_header.image_base.get(LE);
    for (index, kind, name) in DIRECTORIES {
        if let Some(directory) = file.data_directories().get(index) {
            let (address, bytes) = directory.address_range();
            let start = base.saturating_add(address.into());
            claims.claim(start..start.saturating_add(bytes.into()), Part::new(kind, name));
        }
    }
    let at = u64::from(file_header.pointer_to_symbol_table.get(LE));
    if at != 0 {
        let symbols = u64::from(file_header.number_of_symbols.get(LE)) * pe::IMAGE_SIZEOF_SYMBOL as u64;
        part(claims, at, symbols, Kind::Debug, "symbols");
        let strings = usize::try_from(at + symbols).ok().and_then(|at| bytes.get(at..)?.first_chunk());
        let strings = strings.map_or(0, |bytes| u32::from_le_bytes(*bytes));
        part(claims, at + symbols, strings.into(), Kind::Debug, "names of symbols");
    }
}

/// Load commands that say where something is in the file, and what that is.
const LINK_EDIT: [(u32, Kind, &str); 4] = [
    (macho::LC_DYLD_CHAINED_FIXUPS, Kind::Headers, "relocations"),
    (macho::LC_DYLD_EXPORTS_TRIE, Kind::Headers, "dynamic linking"),
    (macho::LC_FUNCTION_STARTS, Kind::Debug, "starts of functions"),
    (macho::LC_CODE_SIGNATURE, Kind::Headers, "signature"),
];

fn macos(bytes: &[u8], claims: &mut Claims) {
    let Ok(header) = macho::MachHeader64::<LE>::parse(bytes, 0) else { return };
    part(claims, 0, size_of_val(header) as u64, Kind::Headers, "file header");
    let commands = header.sizeofcmds.get(LE).into();
    part(claims, size_of_val(header) as u64, commands, Kind::Headers, "load commands");
    let Ok(mut commands) = header.load_commands(LE, bytes, 0) else { return };
    while let Ok(Some(command)) = commands.next() {
        if let Ok(Some(table)) = command.symtab() {
            let symbols = u64::from(table.nsyms.get(LE)) * size_of::<macho::Nlist64<LE>>() as u64;
            part(claims, table.symoff.get(LE).into(), symbols, Kind::Debug, "symbols");
            part(
                claims,
                table.stroff.get(LE).into(),
                table.strsize.get(LE).into(),
                Kind::Debug,
                "names of symbols",
            );
        } else if let Ok(Some(table)) = command.dysymtab() {
            let words = u64::from(table.nindirectsyms.get(LE)) * 4;
            part(claims, table.indirectsymoff.get(LE).into(), words, Kind::Headers, "dynamic linking");
        } else if let Some((_, kind, name)) = LINK_EDIT.iter().find(|(number, ..)| *number == command.cmd())
            && let Ok(place) = command.data::<macho::LinkeditDataCommand<LE>>()
        {
            part(claims, place.dataoff.get(LE).into(), place.datasize.get(LE).into(), *kind, name);
        }
    }
}
