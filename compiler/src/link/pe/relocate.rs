//! The contents of the image: the value of each relocation is computed and stored. Words that hold addresses are
//! noted, since the system may load the image elsewhere.

use anyhow::{Result, bail};
use object::{LittleEndian as LE, pe};

use super::input::{Definition, Objects, Section};
use super::layout::{IMAGE_BASE, Layout, Output};
use super::live::{function_entry_bytes, target};

/// The image without headers.
pub struct Relocated {
    /// The contents of the sections, as far as they are in the file, in the order of `Output::ALL`.
    pub contents: Vec<Vec<u8>>,
    /// Addresses of the words that hold addresses, ascending.
    pub words: Vec<u32>,
}

/// Puts the sections together and applies all relocations.
pub fn apply(objects: &Objects<'_>, layout: &Layout) -> Result<Relocated> {
    let mut contents: Vec<Vec<u8>> =
        Output::ALL.iter().map(|output| vec![0; layout.extent(*output).file_bytes as usize]).collect();
    let mut words = Vec::new();
    for output in Output::ALL {
        let start = layout.extent(output).address;
        let own = layout.places.iter().filter(|(_, (of, _))| *of == output);
        for (&section, &(_, address)) in own {
            let data = objects.data(section)?;
            let mut place = Place { objects, layout, section, address };
            let bytes = contents[output as usize].get_mut((address - start) as usize..).unwrap_or_default();
            let Some(bytes) = bytes.get_mut(..data.len()) else { bail!("a section of zeroes has contents") };
            bytes.copy_from_slice(data);
            place.relocate(objects.relocations(section)?, bytes, 0, &mut words)?;
        }
    }
    let start = layout.extent(Output::ReadOnly).address;
    let read_only = &mut contents[Output::ReadOnly as usize];
    let mut put = |at: u32, bytes: Vec<u8>| {
        read_only[(at - start) as usize..][..bytes.len()].copy_from_slice(&bytes);
    };
    put(layout.imports_at, layout.imports.encode(objects, layout.imports_at)?);
    put(layout.functions_at, functions(objects, layout)?);
    words.sort_unstable();
    // The system would relocate a word twice if it were listed twice.
    if words.windows(2).any(|pair| pair[1] - pair[0] < 8) {
        bail!("words that hold addresses overlap");
    }
    Ok(Relocated { contents, words })
}

/// The function table, sorted as the system requires.
fn functions(objects: &Objects<'_>, layout: &Layout) -> Result<Vec<u8>> {
    let bytes = function_entry_bytes(objects.machine) as usize;
    let mut entries = Vec::new();
    for &(section, offset) in &layout.functions {
        let data = objects.data(section)?.get(offset as usize..).and_then(|data| data.get(..bytes));
        let Some(data) = data else { bail!("the function table of the runtime is damaged") };
        let mut entry = data.to_vec();
        let mut place = Place { objects, layout, section, address: 0 };
        // The relocations are in order.
        let relocations = objects.relocations(section)?;
        let before =
            |end: usize| relocations.partition_point(|word| (word.virtual_address.get(LE) as usize) < end);
        let own = &relocations[before(offset as usize)..before(offset as usize + bytes)];
        place.relocate(own, &mut entry, offset, &mut Vec::new())?;
        entries.push(entry);
    }
    entries.sort_by_key(|entry| u32::from_le_bytes([entry[0], entry[1], entry[2], entry[3]]));
    Ok(entries.concat())
}

/// A section that is being relocated.
struct Place<'a, 'd> {
    objects: &'a Objects<'d>,
    layout: &'a Layout,
    section: Section,
    /// Its address in the image.
    address: u32,
}

impl Place<'_, '_> {
    /// Applies relocations to `bytes`, the section's contents from `skip` on.
    fn relocate(
        &mut self,
        relocations: &[pe::ImageRelocation],
        bytes: &mut [u8],
        skip: u32,
        words: &mut Vec<u32>,
    ) -> Result<()> {
        for relocation in relocations {
            let at = relocation.virtual_address.get(LE).checked_sub(skip);
            let Some((at, field)) = at.and_then(|at| Some((at, bytes.get_mut(at as usize..)?))) else {
                bail!("a relocation is outside of its section")
            };
            let definition = target(self.objects, self.section, relocation)?;
            let kind = relocation.typ.get(LE);
            let field = Field { bytes: field, address: self.address + at };
            let is_word = match self.objects.machine {
                pe::IMAGE_FILE_MACHINE_AMD64 => self.amd64(kind, definition, field)?,
                pe::IMAGE_FILE_MACHINE_ARM64 => self.arm64(kind, definition, field)?,
                other => bail!("machine {other:#x} isn't known"),
            };
            if is_word {
                words.push(self.address + at);
            }
        }
        Ok(())
    }

    /// The address of the target, which must not be a number.
    fn address_of(&self, definition: Definition) -> Result<i64> {
        match self.layout.address(definition) {
            Some(address) => Ok(address.into()),
            None => bail!("a relocation refers to a number as if it were an address"),
        }
    }

    /// Applies a relocation; returns whether it is of a word that holds an address.
    fn amd64(&self, kind: u16, definition: Definition, mut field: Field<'_>) -> Result<bool> {
        match kind {
            pe::IMAGE_REL_AMD64_ADDR64 => return self.word(definition, field),
            pe::IMAGE_REL_AMD64_ADDR32NB => field.add32(self.address_of(definition)?)?,
            pe::IMAGE_REL_AMD64_REL32..=pe::IMAGE_REL_AMD64_REL32_5 => {
                // The distance is from the end of the field, plus this many bytes.
                let end = i64::from(field.address) + 4 + i64::from(kind - pe::IMAGE_REL_AMD64_REL32);
                field.add32(self.address_of(definition)? - end)?;
            }
            other => bail!("relocation {other} isn't known"),
        }
        Ok(false)
    }

    /// Like `amd64`. The fields of instructions hold addends.
    fn arm64(&self, kind: u16, definition: Definition, mut field: Field<'_>) -> Result<bool> {
        let target = match kind {
            pe::IMAGE_REL_ARM64_ADDR64 => return self.word(definition, field),
            _ => self.address_of(definition)?,
        };
        let here = i64::from(field.address);
        match kind {
            pe::IMAGE_REL_ARM64_ADDR32NB => field.add32(target)?,
            pe::IMAGE_REL_ARM64_REL32 => field.add32(target - here - 4)?,
            pe::IMAGE_REL_ARM64_BRANCH26 => field.branch(target - here, 26, 0)?,
            pe::IMAGE_REL_ARM64_BRANCH19 => field.branch(target - here, 19, 5)?,
            pe::IMAGE_REL_ARM64_PAGEBASE_REL21 => field.page(target, 12)?,
            pe::IMAGE_REL_ARM64_REL21 => field.page(target, 0)?,
            pe::IMAGE_REL_ARM64_PAGEOFFSET_12A => field.page_offset(target, 0)?,
            pe::IMAGE_REL_ARM64_PAGEOFFSET_12L => {
                let instruction = field.word32()?;
                // The size of the access: two bits, and one more for vectors of 16 bytes.
                let vector = if instruction & 0x0480_0000 == 0x0480_0000 { 4 } else { 0 };
                field.page_offset(target, (instruction >> 30) + vector)?;
            }
            other => bail!("relocation {other} isn't known"),
        }
        Ok(false)
    }

    /// A word of 64 bits.
    fn word(&self, definition: Definition, mut field: Field<'_>) -> Result<bool> {
        let (base, is_address) = match definition {
            Definition::Absolute(number) => (u64::from(number), false),
            other => (IMAGE_BASE + self.address_of(other)? as u64, true),
        };
        field.add64(base)?;
        Ok(is_address)
    }
}

/// A place that a relocation changes.
struct Field<'b> {
    bytes: &'b mut [u8],
    /// Its address in the image.
    address: u32,
}

impl Field<'_> {
    fn first<const N: usize>(&mut self) -> Result<&mut [u8; N]> {
        match self.bytes.first_chunk_mut() {
            Some(bytes) => Ok(bytes),
            None => bail!("a relocation is outside of its section"),
        }
    }

    fn word32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(*self.first()?))
    }

    /// Adds to the stored value; the sum must fit.
    fn add32(&mut self, value: i64) -> Result<()> {
        let bytes = self.first()?;
        let sum = value + i64::from(i32::from_le_bytes(*bytes));
        *bytes = i32::try_from(sum)?.to_le_bytes();
        Ok(())
    }

    fn add64(&mut self, value: u64) -> Result<()> {
        let bytes = self.first()?;
        *bytes = u64::from_le_bytes(*bytes).wrapping_add(value).to_le_bytes();
        Ok(())
    }

    /// Replaces `bits` bits of an instruction, starting at `shift`.
    fn set_bits(&mut self, value: i64, bits: u32, shift: u32) -> Result<()> {
        let mask = ((1_u32 << bits) - 1) << shift;
        let bytes = self.first()?;
        let instruction = u32::from_le_bytes(*bytes);
        *bytes = (instruction & !mask | ((value as u32) << shift) & mask).to_le_bytes();
        Ok(())
    }

    /// A distance in instructions.
    fn branch(&mut self, distance: i64, bits: u32, shift: u32) -> Result<()> {
        let old = i64::from(self.word32()? >> shift & ((1 << bits) - 1));
        let distance = distance / 4 + (old << (64 - bits) >> (64 - bits));
        let limit = 1_i64 << (bits - 1);
        if !(-limit..limit).contains(&distance) {
            bail!("the program is too large: a branch doesn't reach its target");
        }
        self.set_bits(distance, bits, shift)
    }

    /// The distance of `adrp` (in pages) or `adr`: the two low bits at 29, the other nineteen at 5.
    fn page(&mut self, target: i64, shift: u32) -> Result<()> {
        let instruction = self.word32()?;
        let old = i64::from(instruction >> 29 & 3 | instruction >> 3 & 0x1f_fffc);
        let target = target + (old << 43 >> 43);
        let distance = (target >> shift) - (i64::from(self.address) >> shift);
        if !(-(1 << 20)..1 << 20).contains(&distance) {
            bail!("the program is too large: an address isn't reached");
        }
        self.set_bits(distance & 3, 2, 29)?;
        self.set_bits(distance >> 2, 19, 5)
    }

    /// The offset in a page, in units of the access's size.
    fn page_offset(&mut self, target: i64, size: u32) -> Result<()> {
        let old = i64::from(self.word32()? >> 10 & 0xfff) << size;
        let offset = (target + old) & 0xfff;
        if offset & ((1 << size) - 1) != 0 {
            bail!("an access isn't aligned as its instruction requires");
        }
        self.set_bits(offset >> size, 12, 10)
    }
}
