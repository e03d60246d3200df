//! Leaves out of the runtime's archive what no executable has use for. `core` was compiled with line
//! tables, and they come into the runtime with its code; with them comes an unwind table for every
//! function, which would be a sixteenth of the smallest executable.

use object::elf::{FileHeader64, SHT_NULL, SectionHeader64};
use object::read::archive::ArchiveFile;
use object::read::elf::FileHeader;
use object::{Endianness, U32, U64, slice_from_bytes_mut};

/// Makes empty sections of no type (which linkers pass over) of the unwind tables, the debug information and
/// the compiler's name in an archive of 64-bit ELF objects, in place.
pub fn drop_tables(archive: &mut [u8]) -> object::Result<()> {
    let members = ArchiveFile::parse(&*archive)?
        .members()
        .map(|member| Ok(member?.file_range()))
        .collect::<object::Result<Vec<(u64, u64)>>>()?;
    for (start, length) in members {
        drop_tables_of_object(&mut archive[start as usize..][..length as usize])?;
    }
    Ok(())
}

fn drop_tables_of_object(object: &mut [u8]) -> object::Result<()> {
    let header = FileHeader64::<Endianness>::parse(&*object)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, &*object)?;
    let dropped = sections
        .iter()
        .map(|section| Ok(is_table(sections.section_name(endian, section)?)))
        .collect::<object::Result<Vec<bool>>>()?;
    let first = header.e_shoff.get(endian) as usize;
    let (headers, _) =
        slice_from_bytes_mut::<SectionHeader64<Endianness>>(&mut object[first..], dropped.len()).unwrap();
    for (header, _) in headers.iter_mut().zip(dropped).filter(|(_, dropped)| *dropped) {
        header.sh_type = U32::new(endian, SHT_NULL);
        header.sh_size = U64::new(endian, 0);
    }
    Ok(())
}

fn is_table(section: &[u8]) -> bool {
    let name = section.strip_prefix(b".rela").unwrap_or(section);
    name == b".eh_frame" || name == b".comment" || name.starts_with(b".debug_")
}
