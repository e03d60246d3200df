//! Static libraries: archives of one object.

use std::io::Cursor;

use anyhow::{Context, Result};
use ar_archive_writer::{ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, write_archive_to_stream};

use crate::targets::{Format, Target};

/// Makes an archive of an object, with an index of its global symbols. It says nothing of when and by whom it was
/// made.
///
/// # Errors
/// If the object can't be read.
pub fn archive(target: &Target, member: &str, object: &[u8]) -> Result<Vec<u8>> {
    let kind = match target.format {
        Format::Elf(_) => ArchiveKind::Gnu,
        Format::Pe => ArchiveKind::Coff,
        Format::MachO => ArchiveKind::Darwin,
    };
    let members = [NewArchiveMember::new(object, &DEFAULT_OBJECT_READER, member.to_owned())];
    let mut written = Cursor::new(Vec::with_capacity(object.len() + (object.len() >> 4)));
    write_archive_to_stream(&mut written, &members, kind, false, None)
        .context("writing the archive failed")?;
    Ok(written.into_inner())
}
