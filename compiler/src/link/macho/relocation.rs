//! Relocations of Mach-O objects (`mach-o/x86_64/reloc.h`, `mach-o/arm64/reloc.h`), in one form for both instruction
//! sets. Addends, which are in instructions, in words or in relocations of their own, become separate values.

use std::ops::Range;

use anyhow::{Context, Result, bail};
use object::{LittleEndian as LE, macho};

use super::machine::Machine;

/// A place in a section that depends on where something is.
#[derive(Clone, Copy, Debug)]
pub struct Relocation {
    /// Its offset in the section.
    pub offset: u64,
    pub kind: Kind,
    pub target: Target,
    pub addend: i64,
    /// What is subtracted.
    pub minus: Option<Target>,
}

/// What is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The address, or the difference, as this many bytes.
    Word(u8),
    /// x86-64: the distance from the end of the instruction, which is this many bytes after the end of the
    /// 4-byte field.
    Relative(u8),
    /// x86-64: the same for a call or a jump.
    Branch32,
    /// The distance to the pointer in the global offset table, from the field's end or, on arm64, its start.
    GotRelative,
    /// arm64: the distance of a call or a jump.
    Branch26,
    /// arm64: the distance in pages, and the offset in the page.
    Page21,
    PageOffset12,
    /// arm64: the same for the pointer in the global offset table.
    GotPage21,
    GotPageOffset12,
}

impl Kind {
    /// Whether it needs a pointer in the global offset table.
    pub fn uses_got(self) -> bool {
        matches!(self, Kind::GotRelative | Kind::GotPage21 | Kind::GotPageOffset12)
    }

    pub fn is_branch(self) -> bool {
        matches!(self, Kind::Branch26 | Kind::Branch32)
    }
}

/// What a relocation refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// A symbol, by its index in the object.
    Symbol(u32),
    /// The index of a section of the object, and an offset in it.
    Section(usize, u64),
}

/// A section with relocations.
pub struct Place<'a> {
    pub address: u64,
    pub data: &'a [u8],
    /// The places of all sections of the object.
    pub sections: &'a [Range<u64>],
}

/// Decodes the relocations of a section, and returns them in the order of their offsets.
pub fn decode(
    machine: &Machine,
    place: &Place<'_>,
    raw: &[macho::Relocation<LE>],
) -> Result<Vec<Relocation>> {
    let mut relocations = Vec::with_capacity(raw.len());
    let mut minus = None;
    let mut addend = 0;
    for raw in raw {
        if raw.r_scattered(LE, machine.cpu_type) {
            bail!("a scattered relocation");
        }
        let info = raw.info(LE);
        if info.r_address as usize >= place.data.len() {
            bail!("a relocation is outside of its section");
        }
        let decoded = match machine.is_arm() {
            true if info.r_type == macho::ARM64_RELOC_ADDEND => {
                // A signed 24-bit number.
                addend = i64::from((info.r_symbolnum << 8) as i32 >> 8);
                continue;
            }
            // It has the same number on both instruction sets.
            _ if info.r_type == macho::ARM64_RELOC_SUBTRACTOR && machine.is_arm()
                || info.r_type == macho::X86_64_RELOC_SUBTRACTOR && !machine.is_arm() =>
            {
                if !info.r_extern {
                    bail!("a difference to a section");
                }
                minus = Some(Target::Symbol(info.r_symbolnum));
                continue;
            }
            true => arm64(place, &info, addend)?,
            false => amd64(place, &info)?,
        };
        relocations.push(Relocation { minus: minus.take(), ..decoded });
        addend = 0;
    }
    relocations.sort_by_key(|relocation| relocation.offset);
    Ok(relocations)
}

impl Place<'_> {
    fn field<const N: usize>(&self, info: &macho::RelocationInfo) -> Result<[u8; N]> {
        let field = self.data.get(info.r_address as usize..).and_then(|data| data.first_chunk());
        field.copied().context("a relocation is outside of its section")
    }

    fn field32(&self, info: &macho::RelocationInfo) -> Result<i64> {
        Ok(i32::from_le_bytes(self.field(info)?).into())
    }

    /// The target and the addend, both of which come from the field: `value` is the addend for a symbol, and
    /// `address` the target's address in the object if it is in a section.
    fn target(&self, info: &macho::RelocationInfo, value: i64, address: u64) -> Result<(Target, i64)> {
        if info.r_extern {
            return Ok((Target::Symbol(info.r_symbolnum), value));
        }
        let index = (info.r_symbolnum as usize).wrapping_sub(1);
        let section = self.sections.get(index).context("a relocation refers to no section")?;
        if address < section.start || address > section.end {
            bail!("a relocation refers to what is outside of its section");
        }
        Ok((Target::Section(index, address - section.start), 0))
    }

    /// A relocation of an absolute word.
    fn word(&self, info: &macho::RelocationInfo) -> Result<Relocation> {
        let (value, bytes) = match info.r_length {
            3 => (i64::from_le_bytes(self.field(info)?), 8),
            2 => (self.field32(info)?, 4),
            other => bail!("a word of 2^{other} bytes"),
        };
        let (target, addend) = self.target(info, value, value as u64)?;
        Ok(Relocation { offset: info.r_address.into(), kind: Kind::Word(bytes), target, addend, minus: None })
    }
}

fn amd64(place: &Place<'_>, info: &macho::RelocationInfo) -> Result<Relocation> {
    let (kind, after) = match info.r_type {
        macho::X86_64_RELOC_UNSIGNED => return place.word(info),
        macho::X86_64_RELOC_SIGNED => (Kind::Relative(0), 0),
        macho::X86_64_RELOC_SIGNED_1 => (Kind::Relative(1), 1),
        macho::X86_64_RELOC_SIGNED_2 => (Kind::Relative(2), 2),
        macho::X86_64_RELOC_SIGNED_4 => (Kind::Relative(4), 4),
        macho::X86_64_RELOC_BRANCH => (Kind::Branch32, 0),
        macho::X86_64_RELOC_GOT_LOAD | macho::X86_64_RELOC_GOT => (Kind::GotRelative, 0),
        other => bail!("relocation {other} isn't known"),
    };
    if info.r_length != 2 {
        bail!("relocation {} of 2^{} bytes", info.r_type, info.r_length);
    }
    // The field counts from the end of the instruction in the object.
    let value = place.field32(info)? + after;
    let end = place.address.wrapping_add(u64::from(info.r_address) + 4);
    let (target, addend) = place.target(info, value, end.wrapping_add_signed(value))?;
    Ok(Relocation { offset: info.r_address.into(), kind, target, addend, minus: None })
}

fn arm64(place: &Place<'_>, info: &macho::RelocationInfo, addend: i64) -> Result<Relocation> {
    let kind = match info.r_type {
        macho::ARM64_RELOC_UNSIGNED => return place.word(info),
        macho::ARM64_RELOC_BRANCH26 => Kind::Branch26,
        macho::ARM64_RELOC_PAGE21 => Kind::Page21,
        macho::ARM64_RELOC_PAGEOFF12 => Kind::PageOffset12,
        macho::ARM64_RELOC_GOT_LOAD_PAGE21 => Kind::GotPage21,
        macho::ARM64_RELOC_GOT_LOAD_PAGEOFF12 => Kind::GotPageOffset12,
        macho::ARM64_RELOC_POINTER_TO_GOT if info.r_pcrel && info.r_length == 2 => Kind::GotRelative,
        other => bail!("relocation {other} isn't known"),
    };
    if !info.r_extern {
        bail!("an instruction refers to a section instead of a symbol");
    }
    Ok(Relocation {
        offset: info.r_address.into(),
        kind,
        target: Target::Symbol(info.r_symbolnum),
        addend,
        minus: None,
    })
}
