//! Native DWARF of an executable, or of a file that has its debug information, and its symbols.

use gimli::{Dwarf, EndianSlice, RunTimeEndian};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SymbolKind};

use super::frame::Frame;
use crate::debug::input::bounds;
use crate::debug::lines::{Lines, Position};
use crate::parse::Demangler;

/// DWARF and symbols.
pub struct Native<'d> {
    lines: Option<Lines>,
    /// Address, size and name of each function, ascending.
    functions: Vec<(u64, u64, &'d str)>,
}

/// The most bytes of DWARF sections that are read, for each byte of the file: they may be compressed.
const MOST_PER_BYTE: u64 = 64;

impl<'d> Native<'d> {
    /// Reads them, from a file of this size; none if there is neither.
    pub fn read(bytes: usize, file: &object::File<'d>) -> Option<Native<'d>> {
        let mut functions: Vec<(u64, u64, &str)> = file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition())
            .filter_map(|symbol| Some((symbol.address(), symbol.size(), symbol.name().ok()?)))
            .filter(|(_, _, name)| !name.is_empty())
            .collect();
        functions.sort_unstable();
        let lines = lines(bytes, file);
        (lines.is_some() || !functions.is_empty()).then_some(Native { lines, functions })
    }

    pub fn has_lines(&self) -> bool {
        self.lines.is_some()
    }

    /// The functions at an address, the innermost inlined one first.
    pub fn frames(&self, address: u64) -> Vec<Frame> {
        let mut frames = Vec::new();
        let function = self.function(address).unwrap_or_default();
        let Some(lines) = &self.lines else {
            return match function {
                "" => Vec::new(),
                name => vec![Frame { function: demangle(name), ..Frame::default() }],
            };
        };
        let frame = |function: &str, Position { file, line, column }: Position| Frame {
            function: demangle(function),
            file: lines.file(file).to_owned(),
            line,
            column,
        };
        let (mut position, mut next) = lines.find(address);
        while let Some(call) = next.checked_sub(1).and_then(|index| lines.calls().get(index as usize)) {
            frames.push(frame(&call.name, position));
            (position, next) = (call.position, call.parent);
        }
        if !function.is_empty() || position != Position::default() {
            frames.push(frame(function, position));
        }
        frames
    }

    /// The symbol of the function that has this address.
    fn function(&self, address: u64) -> Option<&'d str> {
        let index = self.functions.partition_point(|(start, ..)| *start <= address).checked_sub(1)?;
        let (start, size, name) = self.functions[index];
        // Some formats have no sizes.
        (size == 0 || address - start < size).then_some(name)
    }
}

fn demangle(name: &str) -> String {
    // Mach-O puts an underscore before each name.
    let plain = name
        .strip_prefix('_')
        .filter(|rest| rest.starts_with("_Z") || rest.starts_with("_R"))
        .unwrap_or(name);
    Demangler::new(plain.len()).demangle(plain).into_owned()
}

fn lines(bytes: usize, file: &object::File<'_>) -> Option<Lines> {
    let endian = if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
    let mut left = MOST_PER_BYTE.saturating_mul(bytes as u64);
    let mut sections = Vec::new();
    for section in file.sections() {
        let Ok(name) = section.name() else { continue };
        let name = name.trim_start_matches(['.', '_']);
        if !name.starts_with("debug_") {
            continue;
        }
        let Ok(data) = section.compressed_data() else { continue };
        let Some(rest) = left.checked_sub(data.uncompressed_size) else { continue };
        left = rest;
        sections.extend(data.decompress().map(|data| (name.to_owned(), data)));
    }
    let find =
        |name: &str| sections.iter().find(|(other, _)| other == name).map_or(&[][..], |(_, data)| &**data);
    if find("debug_info").is_empty() {
        return None;
    }
    let load = |id: gimli::SectionId| -> Result<_, gimli::Error> {
        let name = id.name().trim_start_matches('.');
        // Mach-O cuts names off at 16 bytes, of which two are the beginning.
        let short = &name[..name.len().min(14)];
        let data = match find(name) {
            [] => find(short),
            data => data,
        };
        Ok(EndianSlice::new(data, endian))
    };
    let mut dwarf = Dwarf::load(load).ok()?;
    dwarf.populate_abbreviations_cache(gimli::AbbreviationsCacheStrategy::Duplicates);
    bounds::check(&dwarf, bounds::OF_EXECUTABLES).ok()?;
    let size = sections.iter().map(|(_, data)| data.len()).sum();
    // In executables, address 0 stands for what a linker has removed.
    Some(Lines::read(&dwarf, size, &|address| address != 0 && address < u64::MAX - 1))
}
