//! The runtime's unwind tables (`.eh_frame`), which programs have if their own code has such tables. Otherwise they are left
//! out, since linkers put them into every program.

use anyhow::{Context as _, Result};
use object::elf::{FileHeader64, SectionHeader64};
use object::read::archive::ArchiveFile;
use object::read::elf::FileHeader as _;
use object::{Endianness, Object as _, slice_from_bytes_mut};

use super::inputs::Inputs;

/// The table, and what relocates it.
const SECTIONS: [&[u8]; 2] = [b".eh_frame", b".rela.eh_frame"];

/// The option with which linkers make the sorted table that unwinders look for.
const OPTION: &str = "--eh-frame-hdr";

/// Leaves out the runtime's tables if the object has none. Returns the option that linkers need for tables.
///
/// # Errors
/// If the inputs aren't ELF objects.
pub fn prepare(inputs: &mut Inputs) -> Result<Option<String>> {
    let object = object::File::parse(&*inputs.object).context("the program's object")?;
    if object.section_by_name_bytes(SECTIONS[0]).is_some() {
        return Ok(Some(OPTION.to_owned()));
    }
    drop_tables(&mut inputs.runtime).context("the runtime is damaged")?;
    Ok(None)
}

/// Makes empty sections of the tables in an archive of 64-bit ELF objects, in place. Linkers pass over such sections.
fn drop_tables(archive: &mut [u8]) -> Result<()> {
    let members = ArchiveFile::parse(&*archive)?.members();
    let members = members.map(|member| Ok(member?.file_range())).collect::<Result<Vec<(u64, u64)>>>()?;
    for (start, bytes) in members {
        let member = archive.get_mut(start as usize..).and_then(|rest| rest.get_mut(..bytes as usize));
        let object = member.context("a member is outside of the archive")?;
        let header = FileHeader64::<Endianness>::parse(&*object)?;
        let endian = header.endian()?;
        let sections = header.sections(endian, &*object)?;
        let names = sections.iter().map(|section| sections.section_name(endian, section));
        let dropped = names.map(|name| Ok(SECTIONS.contains(&name?))).collect::<Result<Vec<bool>>>()?;
        let first = header.e_shoff.get(endian) as usize;
        let headers = object.get_mut(first..).context("no section headers")?;
        let (headers, _) = slice_from_bytes_mut::<SectionHeader64<Endianness>>(headers, dropped.len())
            .map_err(|()| anyhow::anyhow!("no section headers"))?;
        // As the first one always is.
        let empty = *headers.first().context("no section headers")?;
        for (header, _) in headers.iter_mut().zip(dropped).filter(|(_, dropped)| *dropped) {
            *header = empty;
        }
    }
    Ok(())
}
