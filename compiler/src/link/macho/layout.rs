//! Where everything goes: the segments, the sections of each in the order of [`Output::ALL`], and the atoms of each
//! section in the order of the inputs.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Result, bail};
use object::macho;

use super::extent::Extent;
use super::input::{Atom, Definition, Objects, Section};
use super::live::Live;
use super::unwind;
use crate::policy;

/// A segment of the image. It begins at a page boundary.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Segment {
    /// Headers, code and data without addresses.
    Text,
    /// Data that isn't written to once the system has put addresses in.
    DataConst,
    Data,
}

impl Segment {
    pub const ALL: [Segment; 3] = [Segment::Text, Segment::DataConst, Segment::Data];

    pub fn name(self) -> &'static str {
        match self {
            Segment::Text => "__TEXT",
            Segment::DataConst => "__DATA_CONST",
            Segment::Data => "__DATA",
        }
    }

    pub fn protection(self) -> u32 {
        match self {
            Segment::Text => macho::VM_PROT_READ | macho::VM_PROT_EXECUTE,
            _ => macho::VM_PROT_READ | macho::VM_PROT_WRITE,
        }
    }

    pub fn flags(self) -> u32 {
        if self == Segment::DataConst { macho::SG_READ_ONLY } else { 0 }
    }
}

/// Attributes of sections with code.
const CODE: u32 = macho::S_ATTR_PURE_INSTRUCTIONS | macho::S_ATTR_SOME_INSTRUCTIONS;

/// A section of the image.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Output {
    Code,
    Stubs,
    Constants,
    Unwind,
    Got,
    /// Constants with addresses.
    Relocated,
    Policy,
    Data,
    Zeroes,
}

impl Output {
    pub const ALL: [Output; 9] = [
        Output::Code,
        Output::Stubs,
        Output::Constants,
        Output::Unwind,
        Output::Got,
        Output::Relocated,
        Output::Policy,
        Output::Data,
        Output::Zeroes,
    ];

    pub fn segment(self) -> Segment {
        match self {
            Output::Code | Output::Stubs | Output::Constants | Output::Unwind => Segment::Text,
            Output::Got | Output::Relocated | Output::Policy => Segment::DataConst,
            Output::Data | Output::Zeroes => Segment::Data,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Output::Code => "__text",
            Output::Stubs => "__stubs",
            Output::Constants | Output::Relocated => "__const",
            Output::Unwind => "__unwind_info",
            Output::Got => "__got",
            Output::Policy => policy::MACHO_SECTION,
            Output::Data => "__data",
            Output::Zeroes => "__bss",
        }
    }

    /// Type and attributes.
    pub fn flags(self) -> u32 {
        match self {
            Output::Code => CODE,
            Output::Stubs => CODE | macho::S_SYMBOL_STUBS,
            Output::Got => macho::S_NON_LAZY_SYMBOL_POINTERS,
            Output::Zeroes => macho::S_ZEROFILL,
            _ => macho::S_REGULAR,
        }
    }

    /// Where the atoms of an input section go.
    fn of(section: &Section<'_>) -> Result<Output> {
        let is_zero = matches!(section.flags & macho::SECTION_TYPE, macho::S_ZEROFILL | macho::S_GB_ZEROFILL);
        Ok(match (section.segment, section.name) {
            (b"__TEXT", _) if section.flags & CODE != 0 => Output::Code,
            (b"__TEXT", _) => Output::Constants,
            (b"__DATA", _) if is_zero => Output::Zeroes,
            (_, name) if name == policy::MACHO_SECTION.as_bytes() => Output::Policy,
            (b"__DATA", b"__const") | (b"__DATA_CONST", _) => Output::Relocated,
            (b"__DATA", _) => Output::Data,
            (segment, name) => {
                let text = String::from_utf8_lossy;
                bail!("code refers to the section {},{}", text(segment), text(name))
            }
        })
    }
}

/// Allocates the next `bytes` at a multiple of `alignment`, and returns their address. The image starts at `base`.
fn advance(address: &mut u64, alignment: u64, bytes: u64, base: u64) -> Result<u64> {
    // Distances are signed 32-bit numbers.
    let limit = base + i32::MAX as u64;
    let start = address.checked_next_multiple_of(alignment);
    match start.and_then(|start| Some((start, start.checked_add(bytes)?))) {
        Some((start, end)) if end <= limit => {
            *address = end;
            Ok(start)
        }
        _ => bail!("the image would be larger than 2 GiB"),
    }
}

/// The places of everything.
pub struct Layout<'d> {
    /// The preferred address of the image.
    pub base: u64,
    /// Bytes that are reserved for the header and the load commands.
    pub headers: u64,
    sections: [Extent; Output::ALL.len()],
    segments: [Extent; Segment::ALL.len()],
    /// Where each atom goes: its section and its address.
    pub places: HashMap<Atom, (Output, u64)>,
    /// The atoms of each section, ascending.
    members: [Vec<Atom>; Output::ALL.len()],
    /// The targets of the pointers in the global offset table, with the index of each.
    pub got: BTreeMap<Definition<'d>, u64>,
    /// The imported functions that have stubs, with the index of each.
    pub stubs: BTreeMap<&'d [u8], u64>,
    /// All imported symbols.
    pub imports: Vec<&'d [u8]>,
    stub_bytes: u64,
}

impl<'d> Layout<'d> {
    /// `headers`: bytes that are reserved for the header and the load commands.
    pub fn new(objects: &Objects<'d>, live: Live<'d>, base: u64, headers: u64) -> Result<Layout<'d>> {
        let mut layout = Layout {
            base,
            headers,
            sections: Default::default(),
            segments: Default::default(),
            places: HashMap::new(),
            members: Default::default(),
            got: live.got.into_iter().zip(0..).collect(),
            stubs: live.stubs.into_iter().zip(0..).collect(),
            imports: live.imports.into_iter().collect(),
            stub_bytes: objects.machine.stub_bytes,
        };
        for atom in live.atoms {
            layout.members[Output::of(objects.section(atom))? as usize].push(atom);
        }
        let mut address = base;
        let mut file_offset = 0;
        for segment in Segment::ALL {
            let start = address;
            if segment == Segment::Text {
                address += headers;
            }
            let mut file_end = address;
            for output in Output::ALL.into_iter().filter(|output| output.segment() == segment) {
                layout.place(objects, output, &mut address, file_offset, start)?;
                if output != Output::Zeroes {
                    file_end = address;
                }
            }
            let page = objects.machine.page;
            // No segment is empty.
            let bytes = (address - start).max(1).next_multiple_of(page);
            let file_bytes = (file_end - start).next_multiple_of(page);
            layout.segments[segment as usize] =
                Extent { address: start, bytes, file_bytes, file_offset, alignment: page };
            address = start + bytes;
            file_offset += file_bytes;
        }
        Ok(layout)
    }

    /// Places a section at `address`, rounded up to its alignment, and advances `address` to its end. Its segment
    /// starts at `segment`, and in the file at `file_offset`.
    fn place(
        &mut self,
        objects: &Objects<'_>,
        output: Output,
        address: &mut u64,
        file_offset: u64,
        segment: u64,
    ) -> Result<()> {
        let members = &self.members[output as usize];
        let own = match output {
            Output::Got => self.got.len() as u64 * 8,
            Output::Stubs => self.stubs.len() as u64 * self.stub_bytes,
            Output::Unwind => unwind::BYTES,
            _ => 0,
        };
        let alignment = members.iter().map(|atom| objects.alignment(*atom)).max().unwrap_or(1).max(8);
        let start = advance(address, alignment, own, self.base)?;
        for &atom in members {
            let at = advance(address, objects.alignment(atom), objects.size(atom), self.base)?;
            self.places.insert(atom, (output, at));
        }
        let bytes = *address - start;
        self.sections[output as usize] = Extent {
            address: start,
            bytes,
            file_bytes: if output == Output::Zeroes { 0 } else { bytes },
            file_offset: file_offset + (start - segment),
            alignment,
        };
        Ok(())
    }

    pub fn section(&self, output: Output) -> Extent {
        self.sections[output as usize]
    }

    pub fn segment(&self, segment: Segment) -> Extent {
        self.segments[segment as usize]
    }

    /// The sections that aren't empty.
    pub fn outputs(&self) -> impl Iterator<Item = Output> {
        Output::ALL.into_iter().filter(|output| self.section(*output).bytes > 0)
    }

    pub fn members(&self, output: Output) -> &[Atom] {
        &self.members[output as usize]
    }

    /// The address of what a symbol stands for; none for a number or a symbol of the library.
    pub fn address(&self, definition: Definition<'_>) -> Option<u64> {
        match definition {
            Definition::Place(atom, offset) => Some(self.places[&atom].1 + offset),
            Definition::Header => Some(self.base),
            Definition::Absolute(_) | Definition::Import(_) => None,
        }
    }

    /// The address of a pointer in the global offset table.
    pub fn got_address(&self, definition: Definition<'d>) -> u64 {
        self.section(Output::Got).address + self.got[&definition] * 8
    }

    pub fn stub_address(&self, name: &'d [u8]) -> u64 {
        self.section(Output::Stubs).address + self.stubs[name] * self.stub_bytes
    }
}
