//! Leaves out of the runtime's archive what no executable has use for.
//!
//! Members that nothing reaches: the archive brings all of `compiler_builtins`. And sections: `core` was
//! compiled with line tables, and they come into the runtime with its code. The name of the compiler goes, too. Unwind tables
//! stay, for programs with debug information: the compiler leaves them out of others.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::io::Cursor;

use ar_archive_writer::{ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, write_archive_to_stream};
use object::elf::{FileHeader64, SectionHeader64};
use object::read::archive::ArchiveFile;
use object::read::elf::FileHeader;
use object::{Endianness, Object, ObjectSymbol, slice_from_bytes_mut};

/// What compiled code calls beside the functions of the runtime.
const CALLED: [&str; 4] = ["memcmp", "memcpy", "memmove", "memset"];

/// The archive with those members only that the runtime's own (those whose names begin with `prefix`) or compiled
/// code may need, and with a new index.
pub fn drop_members(archive: &[u8], prefix: &str, kind: ArchiveKind) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut members = Vec::new();
    for member in ArchiveFile::parse(archive)?.members() {
        let member = member?;
        members.push((str::from_utf8(member.name())?, member.data(archive)?));
    }
    let mut needed = Vec::new();
    let mut definitions: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, (name, data)) in members.iter().enumerate() {
        // What isn't an object describes an import of Windows.
        let Ok(object) = object::File::parse(*data) else {
            needed.push(index);
            continue;
        };
        if name.starts_with(prefix) {
            needed.push(index);
        }
        for symbol in object.symbols().filter(|symbol| symbol.is_global() && symbol.is_definition()) {
            definitions.entry(symbol.name()?.to_owned()).or_default().push(index);
        }
    }
    let prefixed = |name: &str| [name.to_owned(), format!("_{name}")];
    needed.extend(
        CALLED.iter().flat_map(|name| prefixed(name)).filter_map(|name| definitions.get(&name)).flatten(),
    );
    let mut kept = HashSet::new();
    while let Some(index) = needed.pop() {
        if kept.insert(index)
            && let Ok(object) = object::File::parse(members[index].1)
        {
            for symbol in object.symbols().filter(|symbol| symbol.is_undefined()) {
                needed.extend(definitions.get(symbol.name()?).into_iter().flatten());
            }
        }
    }
    let kept: Vec<NewArchiveMember<'_>> = members
        .iter()
        .enumerate()
        .filter(|(index, _)| kept.contains(index))
        .map(|(_, (name, data))| NewArchiveMember::new(*data, &DEFAULT_OBJECT_READER, (*name).to_owned()))
        .collect();
    let mut written = Cursor::new(Vec::new());
    write_archive_to_stream(&mut written, &kept, kind, false, None)?;
    Ok(written.into_inner())
}

/// Makes empty sections, which linkers pass over, of the debug information and the comments in an archive of 64-bit ELF objects, in place. Other objects stay as they are.
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
    name == b".comment" || name.starts_with(b".debug_")
}
