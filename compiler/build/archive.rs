//! Leaves out of the runtime's archive what no executable has use for. `core` was compiled with line
//! tables, and they come into the runtime with its code; with them comes an unwind table for every
//! function, which would be a sixteenth of the smallest executable. The name of the compiler goes, too.

use object::elf::{FileHeader64, SectionHeader64};
use object::read::archive::ArchiveFile;
use object::read::elf::FileHeader;
use object::{Endianness, slice_from_bytes_mut};

/// Makes empty sections, which linkers pass over, of the unwind tables, the debug information and the
/// comments in an archive of 64-bit ELF objects, in place. Other objects stay as they are.
pub fn drop_sections(archive: &mut [u8]) -> object::Result<()> {
    let members = ArchiveFile::parse(&*archive)?
        .members()
        .map(|member| Ok(member?.file_range()))
        .collect::<object::Result<Vec<(u64, u64)>>>()?;
    for (start, length) in members {
        let object = &mut archive[start as usize..][..length as usize];
        if object.starts_with(&object::elf::ELFMAG) {
            drop_in_object(object)?;
        }
    }
    Ok(())
}

fn drop_in_object(object: &mut [u8]) -> object::Result<()> {
    let header = FileHeader64::<Endianness>::parse(&*object)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, &*object)?;
    let dropped = sections
        .iter()
        .map(|section| Ok(is_dropped(sections.section_name(endian, section)?)))
        .collect::<object::Result<Vec<bool>>>()?;
    let first = header.e_shoff.get(endian) as usize;
    let (headers, _) =
        slice_from_bytes_mut::<SectionHeader64<Endianness>>(&mut object[first..], dropped.len()).unwrap();
    // As the first one always is.
    let null = headers[0];
    for (header, _) in headers.iter_mut().zip(dropped).filter(|(_, dropped)| *dropped) {
        *header = null;
    }
    Ok(())
}

fn is_dropped(section: &[u8]) -> bool {
    let name = section.strip_prefix(b".rela").unwrap_or(section);
    name == b".eh_frame" || name == b".comment" || name.starts_with(b".debug_")
}
