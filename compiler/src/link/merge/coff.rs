//! Reads COFF objects (Microsoft's "PE Format"), and which functions of the system import objects stand for.

use anyhow::{Context, Result, bail};
use object::read::coff::{CoffFile, ImageSymbol as _, ImportFile, ImportName};
use object::read::{File, Section};
use object::{FileKind, LittleEndian as LE, Object as _, ObjectSection as _, SectionFlags, SectionIndex, pe};

use super::input::{Inputs, PieceIndex, Place, Source};
use super::sections::{self, Read, Style};

/// What the writer sets by itself: alignment, whether the linker chooses one of several sections, and whether there are
/// more than 65535 relocations.
const OWN_FLAGS: u32 = pe::IMAGE_SCN_ALIGN_MASK | pe::IMAGE_SCN_LNK_COMDAT | pe::IMAGE_SCN_LNK_NRELOC_OVFL;

pub fn read<'d>(inputs: &mut Inputs<'d>, data: &'d [u8], source: Source) -> Result<()> {
    if FileKind::parse(data)? == FileKind::CoffImport {
        return add_import(inputs, &ImportFile::parse(data)?);
    }
    let file = File::parse(data)?;
    let File::Coff(coff) = &file else { bail!("it isn't a COFF object") };
    let read = sections::read(inputs, &file, |section| style(section, source))?;
    add_fallbacks(inputs, coff, &read)?;
    if source == Source::Runtime {
        add_associated(inputs, coff, &read)?;
        add_unwound(inputs, coff, &read)?;
    }
    Ok(())
}

fn add_import<'d>(inputs: &mut Inputs<'d>, file: &ImportFile<'d>) -> Result<()> {
    let ImportName::Name(name) = file.import() else {
        bail!("the runtime imports a function by number");
    };
    inputs.imports.insert(name);
    Ok(())
}

fn style<'d>(section: &Section<'d, '_>, source: Source) -> Result<Option<Style<'d>>> {
    let SectionFlags::Coff { characteristics } = section.flags() else { bail!("it isn't a COFF object") };
    let is_removed = characteristics & pe::IMAGE_SCN_LNK_REMOVE != 0;
    if source == Source::Runtime && is_removed {
        return Ok(None);
    }
    let mut name = section.name_bytes()?;
    // What follows only orders sections.
    if source == Source::Runtime
        && let Some(end) = name.iter().position(|byte| *byte == b'$')
    {
        name = &name[..end];
    }
    let flags = SectionFlags::Coff { characteristics: characteristics & !OWN_FLAGS };
    Ok(Some(Style { name, kind: section.kind(), flags }))
}

/// Notes what weak symbols stand for if nothing defines them.
fn add_fallbacks(inputs: &mut Inputs<'_>, file: &CoffFile<'_>, read: &Read) -> Result<()> {
    let table = file.coff_symbol_table();
    for (index, symbol) in table.iter() {
        if symbol.storage_class() == pe::IMAGE_SYM_CLASS_WEAK_EXTERNAL
            && let Some(weak) = read.symbol(index)
        {
            let fallback = read.symbol(table.aux_weak_external(index)?.default_symbol());
            inputs.symbols[weak].place = Place::Alias(fallback.context("a weak symbol stands for nothing")?);
        }
    }
    Ok(())
}

/// Notes which sections are needed where others are: they say so.
fn add_associated(inputs: &mut Inputs<'_>, file: &CoffFile<'_>, read: &Read) -> Result<()> {
    let table = file.coff_symbol_table();
    for (index, symbol) in table.iter() {
        if !symbol.has_aux_section() {
            continue;
        }
        let auxiliary = table.aux_section(index)?;
        if auxiliary.selection != pe::IMAGE_COMDAT_SELECT_ASSOCIATIVE {
            continue;
        }
        let other = u32::from(auxiliary.number.get(LE)) | u32::from(auxiliary.high_number.get(LE)) << 16;
        let piece = |number: u32| read.piece(SectionIndex(number as usize));
        if let (Some(piece), Some(other)) = (piece(symbol.section_number() as u32), piece(other)) {
            inputs.pieces[other].companions.push(piece);
        }
    }
    Ok(())
}

/// Notes that functions need the tables by which the system unwinds them, where the tables don't say so.
fn add_unwound(inputs: &mut Inputs<'_>, file: &CoffFile<'_>, read: &Read) -> Result<()> {
    for section in file.sections() {
        let Some(table) = read.piece(section.index()).filter(|_| section.name_bytes() == Ok(b".pdata"))
        else {
            continue;
        };
        let functions: Vec<PieceIndex> = inputs.pieces[table]
            .relocations
            .iter()
            .filter_map(|relocation| match inputs.symbols[relocation.symbol].place {
                Place::Piece(piece, _) if is_code(inputs, piece) => Some(piece),
                _ => None,
            })
            .collect();
        for function in functions {
            let companions = &mut inputs.pieces[function].companions;
            if !companions.contains(&table) {
                companions.push(table);
            }
        }
    }
    Ok(())
}

fn is_code(inputs: &Inputs<'_>, piece: PieceIndex) -> bool {
    matches!(inputs.pieces[piece].flags, SectionFlags::Coff { characteristics } if characteristics & pe::IMAGE_SCN_CNT_CODE != 0)
}
