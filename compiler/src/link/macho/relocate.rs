//! The contents of the image: the value of each relocation is computed and stored. Words that hold addresses are
//! noted, since the system slides the image and resolves imports.

use anyhow::{Context, Result, bail};

use super::input::{Atom, Definition, Objects};
use super::layout::{Layout, Output};
use super::relocation::{Kind, Relocation};
use super::unwind;

/// The image without headers.
pub struct Relocated {
    /// The contents of the sections, as far as they are in the file, in the order of `Output::ALL`.
    pub contents: Vec<Vec<u8>>,
    /// The words that hold addresses, ascending.
    pub words: Vec<Word>,
}

/// A word of 8 bytes that the system changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Word {
    pub address: u64,
    pub value: WordValue,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum WordValue {
    /// An address in the image at its preferred address.
    Address(u64),
    /// A symbol of the library, by its index in `Layout::imports`, and the addend.
    Import(usize, u8),
}

/// Puts the sections together and applies all relocations.
pub fn apply(objects: &Objects<'_>, layout: &Layout<'_>) -> Result<Relocated> {
    let mut image = Image { objects, layout, words: Vec::new() };
    let contents: Result<Vec<_>> = Output::ALL.into_iter().map(|output| image.section(output)).collect();
    let mut words = image.words;
    words.sort_unstable();
    Ok(Relocated { contents: contents?, words })
}

struct Image<'a, 'd> {
    objects: &'a Objects<'d>,
    layout: &'a Layout<'d>,
    words: Vec<Word>,
}

impl<'d> Image<'_, 'd> {
    /// The contents of a section.
    fn section(&mut self, output: Output) -> Result<Vec<u8>> {
        let extent = self.layout.section(output);
        let mut contents = match output {
            Output::Got => self.got()?,
            Output::Stubs => self.stubs(),
            Output::Unwind => {
                let code = self.layout.section(Output::Code);
                unwind::encode(self.objects.machine, code, self.layout.base)
            }
            _ => Vec::new(),
        };
        contents.resize(extent.file_bytes as usize, 0);
        if output == Output::Zeroes {
            return Ok(contents);
        }
        for &atom in self.layout.members(output) {
            let data = self.objects.data(atom);
            let (_, address) = self.layout.places[&atom];
            let bytes = &mut contents[(address - extent.address) as usize..][..data.len()];
            bytes.copy_from_slice(data);
            let skip = self.objects.range(atom).start;
            for relocation in self.objects.relocations(atom) {
                let at = relocation.offset - skip;
                let bytes = &mut bytes[at as usize..];
                self.relocate(atom, relocation, &mut Field { bytes, address: address + at })?;
            }
        }
        Ok(contents)
    }

    /// The pointers of the global offset table.
    fn got(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for &definition in self.layout.got.keys() {
            let mut word = [0; 8];
            let address = self.layout.got_address(definition);
            self.word(definition, 0, &mut Field { bytes: &mut word, address })?;
            bytes.extend(word);
        }
        Ok(bytes)
    }

    fn stubs(&self) -> Vec<u8> {
        let stub = |name: &&'d [u8]| {
            let pointer = self.layout.got_address(Definition::Import(name));
            self.objects.machine.stub(self.layout.stub_address(name), pointer)
        };
        self.layout.stubs.keys().flat_map(stub).collect()
    }

    fn relocate(&mut self, atom: Atom, relocation: &Relocation, field: &mut Field<'_>) -> Result<()> {
        let definition = self.objects.target(atom.object, relocation.target)?;
        if let Some(minus) = relocation.minus {
            let minus = self.address(self.objects.target(atom.object, minus)?)?;
            let difference = (self.address(definition)? - minus).wrapping_add(relocation.addend);
            return match relocation.kind {
                Kind::Word(8) => field.set(difference.to_le_bytes()),
                Kind::Word(4) => field.set(i32::try_from(difference)?.to_le_bytes()),
                other => bail!("a difference as {other:?}"),
            };
        }
        let here = field.address as i64;
        let target = match (relocation.kind, definition) {
            (Kind::Word(8), _) => return self.word(definition, relocation.addend, field),
            (Kind::Word(_), _) => bail!("an address in less than 8 bytes"),
            (kind, _) if kind.uses_got() => self.layout.got_address(definition) as i64,
            (kind, Definition::Import(name)) if kind.is_branch() => self.layout.stub_address(name) as i64,
            _ => self.address(definition)?,
        };
        let target = target + relocation.addend;
        match relocation.kind {
            Kind::Relative(after) => field.set_distance(target - here - 4 - i64::from(after)),
            Kind::Branch32 => field.set_distance(target - here - 4),
            Kind::GotRelative if self.objects.machine.is_arm() => field.set_distance(target - here),
            Kind::GotRelative => field.set_distance(target - here - 4),
            Kind::Branch26 => field.branch(target - here),
            Kind::Page21 | Kind::GotPage21 => field.page(target),
            Kind::PageOffset12 | Kind::GotPageOffset12 => field.page_offset(target),
            Kind::Word(_) => unreachable!("done above"),
        }
    }

    /// The address of the target, which must be in the image.
    fn address(&self, definition: Definition<'d>) -> Result<i64> {
        match (self.layout.address(definition), definition) {
            (Some(address), _) => Ok(address as i64),
            (None, Definition::Import(name)) => {
                bail!("`{}` is in a library, but used as if it weren't", String::from_utf8_lossy(name))
            }
            _ => bail!("a relocation refers to a number as if it were an address"),
        }
    }

    /// A word of 64 bits.
    fn word(&mut self, definition: Definition<'d>, addend: i64, field: &mut Field<'_>) -> Result<()> {
        let value = match definition {
            Definition::Absolute(number) => {
                return field.set(number.wrapping_add_signed(addend).to_le_bytes());
            }
            Definition::Import(name) => {
                let index = self.layout.imports.binary_search(&name).ok().context("an import isn't live")?;
                WordValue::Import(index, addend.try_into().context("the addend of an import")?)
            }
            other => WordValue::Address(self.address(other)?.wrapping_add(addend) as u64),
        };
        // The bytes are written with the chain that the system follows.
        self.words.push(Word { address: field.address, value });
        Ok(())
    }
}

/// A place that a relocation changes.
struct Field<'b> {
    bytes: &'b mut [u8],
    /// Its address in the image.
    address: u64,
}

impl Field<'_> {
    fn set<const N: usize>(&mut self, value: [u8; N]) -> Result<()> {
        match self.bytes.first_chunk_mut() {
            Some(bytes) => *bytes = value,
            None => bail!("a relocation is outside of its section"),
        }
        Ok(())
    }

    fn instruction(&self) -> Result<u32> {
        let bytes = self.bytes.first_chunk().context("a relocation is outside of its section")?;
        Ok(u32::from_le_bytes(*bytes))
    }

    fn set_distance(&mut self, distance: i64) -> Result<()> {
        self.set(i32::try_from(distance)?.to_le_bytes())
    }

    /// Replaces `bits` bits of an instruction, starting at `shift`.
    fn set_bits(&mut self, value: i64, bits: u32, shift: u32) -> Result<()> {
        let mask = ((1_u32 << bits) - 1) << shift;
        let instruction = self.instruction()?;
        self.set((instruction & !mask | ((value as u32) << shift) & mask).to_le_bytes())
    }

    /// A distance in instructions.
    fn branch(&mut self, distance: i64) -> Result<()> {
        const LIMIT: i64 = 1 << 27;
        if !(-LIMIT..LIMIT).contains(&distance) {
            bail!("the program is too large: a branch doesn't reach its target");
        }
        if distance % 4 != 0 {
            bail!("a branch leads into the middle of an instruction");
        }
        self.set_bits(distance / 4, 26, 0)
    }

    /// The distance of `adrp` in pages: the two low bits at 29, the other nineteen at 5.
    fn page(&mut self, target: i64) -> Result<()> {
        let distance = (target >> 12) - (self.address as i64 >> 12);
        if !(-(1 << 20)..1 << 20).contains(&distance) {
            bail!("the program is too large: an address isn't reached");
        }
        self.set_bits(distance & 3, 2, 29)?;
        self.set_bits(distance >> 2, 19, 5)
    }

    /// The offset in a page: of `add`, or of a load or store, where it is in units of the access's size.
    fn page_offset(&mut self, target: i64) -> Result<()> {
        let instruction = self.instruction()?;
        let is_access = instruction & 0x3b00_0000 == 0x3900_0000;
        // The size of the access: two bits, and one more for vectors of 16 bytes.
        let vector = if instruction & 0x0480_0000 == 0x0480_0000 { 4 } else { 0 };
        let size = match (is_access, instruction >> 30) {
            (true, 0) => vector,
            (true, size) => size,
            (false, _) => 0,
        };
        let offset = target & 0xfff;
        if offset & ((1 << size) - 1) != 0 {
            bail!("an access isn't aligned as its instruction requires");
        }
        self.set_bits(offset >> size, 12, 10)
    }
}
