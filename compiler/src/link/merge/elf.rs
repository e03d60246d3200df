//! Reads ELF objects (System V ABI, "Object Files").

use anyhow::{Result, bail};
use object::elf;
use object::read::{File, Section};
use object::{ObjectSection as _, SectionFlags, SectionKind};

use super::input::{Inputs, Source};
use super::sections::{self, Style};

/// Beginnings of the names of sections, one for each function or variable of the runtime, and what these are named
/// here.
const NAMES: [(&[u8], &[u8]); 5] = [
    (b".text.", b".text"),
    (b".rodata.", b".rodata"),
    (b".data.rel.ro.", b".data.rel.ro"),
    (b".data.", b".data"),
    (b".bss.", b".bss"),
];

pub fn read<'d>(inputs: &mut Inputs<'d>, data: &'d [u8], source: Source) -> Result<()> {
    let file = File::parse(data)?;
    sections::read(inputs, &file, |section| style(section, source))?;
    Ok(())
}

fn style<'d>(section: &Section<'d, '_>, source: Source) -> Result<Option<Style<'d>>> {
    let SectionFlags::Elf { sh_flags } = section.flags() else { bail!("it isn't an ELF object") };
    let flag = |flag: u32| sh_flags & u64::from(flag) != 0;
    let is_loaded = flag(elf::SHF_ALLOC);
    let mut name = section.name_bytes()?;
    let kind = match section.kind() {
        // Symbols, relocations, groups.
        SectionKind::Metadata => return Ok(None),
        // Only the object's own sections are for others than the program; one such is always written.
        _ if !is_loaded && source == Source::Runtime || name == b".note.GNU-stack" => return Ok(None),
        // One table for all functions, which would keep them.
        _ if name == b".eh_frame" && source == Source::Runtime => return Ok(None),
        SectionKind::ReadOnlyString => SectionKind::ReadOnlyData,
        kind => kind,
    };
    if flag(elf::SHF_LINK_ORDER) || flag(elf::SHF_TLS) {
        let name = String::from_utf8_lossy(name);
        bail!("the section `{name}` is ordered like another, or has thread-local variables");
    }
    if source == Source::Runtime
        && let Some((_, common)) = NAMES.iter().find(|(prefix, _)| name.starts_with(prefix))
    {
        name = common;
    }
    // Nothing is in a group any more. That equal constants may be merged isn't kept, since it takes the size of an
    // element.
    let dropped = elf::SHF_GROUP | elf::SHF_MERGE | elf::SHF_STRINGS;
    Ok(Some(Style { name, kind, flags: SectionFlags::Elf { sh_flags: sh_flags & !u64::from(dropped) } }))
}
