//! Native debug sections under construction: bytes, and the relocations in them.

use crate::layout::Symbol;

/// A section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    Abbrev,
    Info,
    Line,
    LineStr,
    LocLists,
    RngLists,
    Str,
}

impl Name {
    pub const ALL: [Name; 7] =
        [Name::Abbrev, Name::Info, Name::Line, Name::LineStr, Name::LocLists, Name::RngLists, Name::Str];

    /// Its name in ELF and COFF.
    pub fn text(self) -> &'static str {
        match self {
            Name::Abbrev => ".debug_abbrev",
            Name::Info => ".debug_info",
            Name::Line => ".debug_line",
            Name::LineStr => ".debug_line_str",
            Name::LocLists => ".debug_loclists",
            Name::RngLists => ".debug_rnglists",
            Name::Str => ".debug_str",
        }
    }
}

/// The address of a symbol, in 8 bytes that are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relocation {
    pub offset: u32,
    pub symbol: Symbol,
    pub addend: i64,
}

/// A section, or a part of one.
#[derive(Clone, Debug, Default)]
pub struct Section {
    pub bytes: Vec<u8>,
    pub relocations: Vec<Relocation>,
    /// The words of 4 bytes that are offsets in other debug sections, by their own offsets.
    pub references: Vec<(u32, Name)>,
    pub big_endian: bool,
}

impl Section {
    pub fn new(big_endian: bool) -> Section {
        Section { big_endian, ..Section::default() }
    }

    pub fn len(&self) -> u32 {
        // Larger ones are refused when parts are put together.
        self.bytes.len() as u32
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub fn u16(&mut self, value: u16) {
        self.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub fn u32(&mut self, value: u32) {
        self.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub fn u64(&mut self, value: u64) {
        self.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub fn u128(&mut self, value: u128) {
        self.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub fn uleb(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    pub fn sleb(&mut self, mut value: i64) {
        while !(-0x40..0x40).contains(&value) {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8 & 0x7f);
    }

    /// A string and its end; it has no NUL itself.
    pub fn string(&mut self, text: &[u8]) {
        self.bytes.extend(text.iter().take_while(|byte| **byte != 0));
        self.bytes.push(0);
    }

    /// The address of a symbol.
    pub fn address(&mut self, symbol: Symbol, addend: i64) {
        self.relocations.push(Relocation { offset: self.len(), symbol, addend });
        self.u64(0);
    }

    /// An offset in another section.
    pub fn offset(&mut self, section: Name, offset: u32) {
        self.references.push((self.len(), section));
        self.u32(offset);
    }

    /// Writes a word that was left 0.
    pub fn patch(&mut self, at: u32, value: u32) {
        let bytes = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.bytes[at as usize..][..4].copy_from_slice(&bytes);
    }

    /// The word at an offset.
    pub fn word(&self, at: u32) -> u32 {
        let bytes = *self.bytes[at as usize..].first_chunk().expect("a word is there");
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    /// Begins a length that counts from its end on; `end_length` completes it.
    pub fn begin_length(&mut self) -> u32 {
        let at = self.len();
        self.u32(0);
        at
    }

    pub fn end_length(&mut self, at: u32) {
        self.patch(at, self.len() - at - 4);
    }

    /// Adds another section's contents to the end.
    pub fn append(&mut self, other: &Section) {
        let base = self.len();
        self.bytes.extend_from_slice(&other.bytes);
        let moved = |relocation: &Relocation| Relocation { offset: relocation.offset + base, ..*relocation };
        self.relocations.extend(other.relocations.iter().map(moved));
        self.references.extend(other.references.iter().map(|(at, section)| (at + base, *section)));
    }
}

/// The length of each section.
pub type Lengths = [u32; Name::ALL.len()];

/// All debug sections, or a part of each.
pub struct Sections([Section; Name::ALL.len()]);

impl Sections {
    pub fn new(big_endian: bool) -> Sections {
        Sections(std::array::from_fn(|_| Section::new(big_endian)))
    }

    pub fn get(&mut self, name: Name) -> &mut Section {
        &mut self.0[name as usize]
    }

    /// The sections that aren't empty.
    pub fn all(&self) -> impl Iterator<Item = (Name, &Section)> {
        let all = Name::ALL.into_iter().zip(&self.0);
        all.filter(|(_, section)| !section.is_empty())
    }

    /// The same, to be taken apart.
    pub fn into_all(self) -> impl Iterator<Item = (Name, Section)> {
        let all = Name::ALL.into_iter().zip(self.0);
        all.filter(|(_, section)| !section.is_empty())
    }

    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// Makes room for parts that will be added, if there are several.
    pub fn reserve<'s>(&mut self, parts: impl Iterator<Item = &'s Sections> + Clone) {
        if parts.clone().nth(1).is_none() {
            return;
        }
        let mut more = [(0, 0, 0); Name::ALL.len()];
        for part in parts {
            for (more, part) in more.iter_mut().zip(&part.0) {
                more.0 += part.bytes.len();
                more.1 += part.relocations.len();
                more.2 += part.references.len();
            }
        }
        for (section, (bytes, relocations, references)) in self.0.iter_mut().zip(more) {
            section.bytes.reserve_exact(bytes);
            section.relocations.reserve_exact(relocations);
            section.references.reserve_exact(references);
        }
    }

    /// The length of each section.
    pub fn lengths(&self) -> Lengths {
        std::array::from_fn(|index| self.0[index].len())
    }

    /// Adds a part to the end of each section. Offsets in the part are relative to it, or, for sections of strings, to
    /// `strings`, the place of the strings that several parts use.
    ///
    /// # Errors
    /// If a section gets too large for DWARF's offsets of 32 bits.
    pub fn append(&mut self, part: Sections, strings: &Lengths) -> Result<(), String> {
        let bases = self.lengths();
        for (section, part) in self.0.iter_mut().zip(part.0) {
            if section.bytes.len() + part.bytes.len() > u32::MAX as usize {
                return Err("there is too much of it".to_owned());
            }
            let known = section.references.len();
            // Often there is a single part.
            if section.bytes.capacity() == 0 {
                *section = part;
            } else {
                section.append(&part);
            }
            for index in known..section.references.len() {
                let (at, name) = section.references[index];
                let moved = match name {
                    Name::Str | Name::LineStr => strings[name as usize],
                    name => bases[name as usize],
                };
                section.patch(at, section.word(at).wrapping_add(moved));
            }
        }
        Ok(())
    }
}
