//! The objects that may go into the executable: their sections, cut into atoms, and what the symbols in them stand for.
//!
//! An atom is kept or left out as a whole. If an object says that its sections may be cut
//! (`MH_SUBSECTIONS_VIA_SYMBOLS`), each symbol starts an atom; otherwise each section is one.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use anyhow::{Context, Result, bail};
use object::read::archive::ArchiveFile;
use object::read::macho::{MachHeader as _, Nlist as _, Section as _, Segment as _};
use object::{LittleEndian as LE, macho};

use super::library::Library;
use super::machine::Machine;
use super::relocation::{self, Relocation, Target};

type Header = macho::MachHeader64<LE>;

/// The symbol of the image's header.
pub const HEADER: &[u8] = b"__mh_execute_header";

/// All objects, and the names that they define for one another.
pub struct Objects<'d> {
    pub objects: Vec<Object<'d>>,
    pub library: &'d Library<'d>,
    pub machine: &'static Machine,
    /// Symbols that whoever loads the image defines. Only a library has such.
    pub undefined: BTreeSet<&'d [u8]>,
    /// External symbols: the object and its symbol.
    names: HashMap<&'d [u8], (usize, u32)>,
}

#[derive(Default)]
pub struct Object<'d> {
    pub sections: Vec<Section<'d>>,
    pub symbols: Vec<Symbol<'d>>,
}

pub struct Section<'d> {
    pub segment: &'d [u8],
    pub name: &'d [u8],
    pub size: u64,
    pub alignment: u64,
    /// Type and attributes.
    pub flags: u32,
    /// The contents; empty for zero-filled data.
    pub data: &'d [u8],
    /// The relocations, in the order of their offsets.
    pub relocations: Vec<Relocation>,
    /// The offsets at which the atoms start, ascending. The first one is 0.
    atoms: Vec<u64>,
}

pub struct Symbol<'d> {
    pub name: &'d [u8],
    pub place: Place,
    pub is_external: bool,
    /// Whether it doesn't start an atom.
    is_alternative: bool,
}

/// Where a symbol of an object is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Undefined,
    Absolute(u64),
    /// Index and offset.
    Section(usize, u64),
}

/// An atom, identified by the indices of its object and section, and its index in the section.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Atom {
    pub object: usize,
    pub section: usize,
    pub index: usize,
}

/// What a symbol stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Definition<'d> {
    /// An offset in an atom.
    Place(Atom, u64),
    /// A symbol in the library, or an undefined one.
    Import(&'d [u8]),
    /// The header of the image.
    Header,
    /// A number.
    Absolute(u64),
}

/// The machine that an object is for.
pub fn machine(object: &[u8]) -> Result<&'static Machine> {
    Machine::of(Header::parse(object, 0)?.cputype(LE))
}

/// Reads the program's object and the runtime's archive.
pub fn read<'d>(
    object: &'d [u8],
    archive: &'d [u8],
    machine: &'static Machine,
    library: &'d Library<'d>,
) -> Result<Objects<'d>> {
    let mut all =
        Objects { objects: Vec::new(), library, machine, undefined: BTreeSet::new(), names: HashMap::new() };
    all.add(object, true).context("the program's object")?;
    for member in ArchiveFile::parse(archive)?.members() {
        let member = member?;
        // The archive's index.
        if member.name().starts_with(b"__.SYMDEF") {
            continue;
        }
        let name = String::from_utf8_lossy(member.name());
        all.add(member.data(archive)?, false)
            .with_context(|| format!("`{name}` in the runtime's archive"))?;
    }
    Ok(all)
}

impl<'d> Objects<'d> {
    fn add(&mut self, data: &'d [u8], has_debug: bool) -> Result<()> {
        let object = Object::read(data, self.machine, has_debug)?;
        let number = self.objects.len();
        for (index, symbol) in (0..).zip(&object.symbols) {
            // The first definition counts: a symbol that is defined several times is weak, and the same
            // everywhere.
            if symbol.is_external && symbol.place != Place::Undefined {
                self.names.entry(symbol.name).or_insert((number, index));
            }
        }
        self.objects.push(object);
        Ok(())
    }

    pub fn section(&self, atom: Atom) -> &Section<'d> {
        &self.objects[atom.object].sections[atom.section]
    }

    /// The range of the atom in its section.
    pub fn range(&self, atom: Atom) -> Range<u64> {
        let section = self.section(atom);
        let end = section.atoms.get(atom.index + 1).copied().unwrap_or(section.size);
        section.atoms[atom.index]..end
    }

    pub fn size(&self, atom: Atom) -> u64 {
        let range = self.range(atom);
        range.end - range.start
    }

    /// The contents; empty for zero-filled data.
    pub fn data(&self, atom: Atom) -> &'d [u8] {
        let range = self.range(atom);
        self.section(atom).data.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// The alignment of the section, as far as the atom's offset in it preserves it.
    pub fn alignment(&self, atom: Atom) -> u64 {
        let alignment = self.section(atom).alignment;
        match self.range(atom).start {
            0 => alignment,
            start => alignment.min(1 << start.trailing_zeros()),
        }
    }

    /// The relocations in an atom; their offsets are relative to the section.
    pub fn relocations(&self, atom: Atom) -> &[Relocation] {
        let range = self.range(atom);
        let all = &self.section(atom).relocations;
        let index = |offset: u64| all.partition_point(|relocation| relocation.offset < offset);
        &all[index(range.start)..index(range.end)]
    }

    /// What a name stands for outside an object.
    pub fn named(&self, name: &[u8]) -> Result<Definition<'d>> {
        if let Some(&(object, symbol)) = self.names.get(name) {
            return self.symbol(object, symbol);
        }
        if name == HEADER {
            return Ok(Definition::Header);
        }
        match self.undefined.get(name).copied().or_else(|| self.library.find(name)) {
            Some(name) => Ok(Definition::Import(name)),
            None => bail!("undefined symbol `{}`", String::from_utf8_lossy(name)),
        }
    }

    fn symbol(&self, object: usize, index: u32) -> Result<Definition<'d>> {
        let symbol = self.objects[object].symbols.get(index as usize);
        let symbol = symbol.context("a relocation refers to no symbol")?;
        match symbol.place {
            // Definitions in other objects may take precedence.
            _ if symbol.is_external && self.names.get(symbol.name) != Some(&(object, index)) => {
                self.named(symbol.name)
            }
            Place::Undefined => self.named(symbol.name),
            Place::Absolute(number) => Ok(Definition::Absolute(number)),
            Place::Section(section, offset) => Ok(self.place(object, section, offset)),
        }
    }

    pub fn place(&self, object: usize, section: usize, offset: u64) -> Definition<'d> {
        let atoms = &self.objects[object].sections[section].atoms;
        // The end of a section belongs to its last atom.
        let index = atoms.partition_point(|start| *start <= offset) - 1;
        Definition::Place(Atom { object, section, index }, offset - atoms[index])
    }

    /// What a relocation of an object refers to.
    pub fn target(&self, object: usize, target: Target) -> Result<Definition<'d>> {
        match target {
            Target::Symbol(index) => self.symbol(object, index),
            Target::Section(section, offset) => Ok(self.place(object, section, offset)),
        }
    }
}

impl Section<'_> {
    /// Whether it has debug information.
    pub fn is_debug(&self) -> bool {
        self.flags & macho::S_ATTR_DEBUG != 0
    }
}

impl<'d> Object<'d> {
    /// `has_debug` says whether its debug information is read.
    fn read(data: &'d [u8], machine: &Machine, has_debug: bool) -> Result<Object<'d>> {
        let header = Header::parse(data, 0)?;
        if header.cputype(LE) != machine.cpu_type {
            bail!("it is for another machine");
        }
        if header.filetype(LE) != macho::MH_OBJECT {
            bail!("it isn't an object");
        }
        let mut object = Object::default();
        let mut raw_relocations = Vec::new();
        // The place of each section in the object.
        let mut extents = Vec::new();
        let mut commands = header.load_commands(LE, data, 0)?;
        while let Some(command) = commands.next()? {
            if let Some((segment, sections)) = command.segment_64()? {
                for raw in segment.sections(LE, sections)? {
                    let end = raw.addr(LE).checked_add(raw.size(LE)).context("the size of a section")?;
                    extents.push(raw.addr(LE)..end);
                    raw_relocations.push(raw.relocations(LE, data)?);
                    object.sections.push(section(raw, data)?);
                }
            } else if let Some(table) = command.symtab()? {
                let table = table.symbols::<Header, _>(LE, data)?;
                for raw in table.iter() {
                    object.symbols.push(symbol(raw, raw.name(LE, table.strings())?, &extents)?);
                }
            }
        }
        if header.flags(LE) & macho::MH_SUBSECTIONS_VIA_SYMBOLS != 0 {
            object.cut();
        }
        for (index, raw) in raw_relocations.into_iter().enumerate() {
            let place = relocation::Place {
                address: extents[index].start,
                data: object.sections[index].data,
                sections: &extents,
            };
            let name = String::from_utf8_lossy(object.sections[index].name);
            let section = &object.sections[index];
            let decoded = match is_read(section) || has_debug && section.is_debug() {
                true => {
                    relocation::decode(machine, &place, raw).with_context(|| format!("section {name}"))?
                }
                false => Vec::new(),
            };
            object.sections[index].relocations = decoded;
        }
        Ok(object)
    }

    /// Starts an atom at each symbol.
    fn cut(&mut self) {
        for symbol in &self.symbols {
            if let Place::Section(section, offset) = symbol.place
                && !symbol.is_alternative
                && offset < self.sections[section].size
            {
                self.sections[section].atoms.push(offset);
            }
        }
        for section in &mut self.sections {
            section.atoms.sort_unstable();
            section.atoms.dedup();
        }
    }
}

/// Whether the section is for more than debuggers and unwinders, whose sections are never part of the
/// executable.
fn is_read(section: &Section<'_>) -> bool {
    !section.is_debug() && section.segment != b"__LD" && section.name != b"__eh_frame"
}

fn section<'d>(raw: &'d macho::Section64<LE>, data: &'d [u8]) -> Result<Section<'d>> {
    let flags = raw.flags(LE);
    match flags & macho::SECTION_TYPE {
        macho::S_MOD_INIT_FUNC_POINTERS | macho::S_MOD_TERM_FUNC_POINTERS | macho::S_INIT_FUNC_OFFSETS => {
            bail!("it has functions that run before the program");
        }
        macho::S_THREAD_LOCAL_REGULAR..=macho::S_THREAD_LOCAL_INIT_FUNCTION_POINTERS => {
            bail!("it has thread-local variables");
        }
        _ => {}
    }
    let contents = raw.data(LE, data).ok().context("a section is outside of the object")?;
    let alignment = 1_u64.checked_shl(raw.align(LE)).context("the alignment of a section")?;
    let is_zero = matches!(flags & macho::SECTION_TYPE, macho::S_ZEROFILL | macho::S_GB_ZEROFILL);
    if !is_zero && contents.len() as u64 != raw.size(LE) {
        bail!("a section has less content than its size");
    }
    Ok(Section {
        segment: raw.segment_name(),
        name: raw.name(),
        size: raw.size(LE),
        alignment,
        flags,
        data: contents,
        relocations: Vec::new(),
        atoms: vec![0],
    })
}

/// `sections`: the place of each.
fn symbol<'d>(raw: &macho::Nlist64<LE>, name: &'d [u8], sections: &[Range<u64>]) -> Result<Symbol<'d>> {
    let value = raw.n_value(LE);
    let kind = raw.n_type();
    let place = match kind & macho::N_TYPE {
        // For debuggers: nothing refers to them.
        _ if kind & macho::N_STAB != 0 => Place::Undefined,
        macho::N_UNDF if value != 0 => bail!("the common symbol `{}`", String::from_utf8_lossy(name)),
        macho::N_UNDF => Place::Undefined,
        macho::N_ABS => Place::Absolute(value),
        macho::N_SECT => {
            let index = usize::from(raw.n_sect()).wrapping_sub(1);
            let section = sections.get(index).context("a symbol is in no section")?;
            // The end of a section may have a symbol.
            if value < section.start || value > section.end {
                bail!("the symbol `{}` is outside of its section", String::from_utf8_lossy(name));
            }
            Place::Section(index, value - section.start)
        }
        other => bail!("the symbol `{}` has the type {other:#x}", String::from_utf8_lossy(name)),
    };
    let is_external = kind & macho::N_EXT != 0 && kind & macho::N_STAB == 0;
    let is_alternative = raw.n_desc(LE) & macho::N_ALT_ENTRY != 0;
    Ok(Symbol { name, place, is_external, is_alternative })
}
