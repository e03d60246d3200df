//! Where code comes from, by DWARF: the position of each address, and the inlined calls that it is in. Of a module, whose
//! addresses are offsets in the code section, or of an executable.
//!
//! DWARF is untrusted: each line program is run once, and the numbers of ranges and of bytes of names that are kept are bounded
//! by its size.

mod inlined;
mod rows;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use gimli::{Dwarf, EndianSlice, Endianity, LineProgramHeader, Unit, UnitRef};

use super::input::{Input, is_tombstone};
use inlined::Inlined;
use rows::Rows;

/// A place in the source. 0 is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Position {
    /// The number of the file: see [`Lines::file`].
    pub file: u32,
    pub line: u32,
    pub column: u32,
}

/// A call that was inlined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlinedCall {
    /// The number of the call that it is in, less than its own; 0 if it is in none.
    pub parent: u32,
    /// The function that is called, as DWARF names it: mangled, if it is known so.
    pub name: String,
    /// Where it is called.
    pub position: Position,
}

/// The lines of a module.
pub struct Lines {
    rows: Rows,
    inlined: Inlined,
    files: Files,
}

impl Lines {
    /// Those of a module.
    pub fn of(input: &Input<'_>) -> Lines {
        let bytes = input.sections.dwarf.iter().map(|(_, bytes)| bytes.len()).sum();
        Lines::read(&input.dwarf, bytes, &|address| {
            !is_tombstone(address) && input.bodies.find(address).is_some()
        })
    }

    /// Reads them from DWARF of this size. `is_code`: whether there is a function at an address. What can't be read is left out.
    pub fn read<E: Endianity>(
        dwarf: &Dwarf<EndianSlice<'_, E>>,
        bytes: usize,
        is_code: &dyn Fn(u64) -> bool,
    ) -> Lines {
        let mut lines =
            Lines { rows: Rows::default(), inlined: Inlined::new(bytes), files: Files::new(bytes) };
        let mut units: Vec<Unit<EndianSlice<'_, E>>> = Vec::new();
        let mut headers = dwarf.units();
        while let Ok(Some(header)) = headers.next() {
            units.extend(dwarf.unit(header));
        }
        // The files of each line program: units can share one.
        let mut programs: HashMap<usize, UnitFiles> = HashMap::new();
        for unit in &units {
            let unit = unit.unit_ref(dwarf);
            let program =
                unit.line_program.as_ref().map_or(usize::MAX, |program| program.header().offset().0);
            let files = match programs.entry(program) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let files = new.insert(lines.files.of_unit(unit));
                    lines.rows.read(unit, files, is_code);
                    files
                }
            };
            lines.inlined.read(unit, &units, files, is_code);
        }
        lines.rows.sort();
        lines.inlined.sort();
        lines
    }

    /// The position of the code at this address, and the number of the innermost inlined call that it is in, or 0.
    pub fn find(&self, address: u64) -> (Position, u32) {
        (self.rows.find(address), self.inlined.find(address))
    }

    /// The inlined calls, by their numbers less one.
    pub fn calls(&self) -> &[InlinedCall] {
        &self.inlined.calls
    }

    /// The path of a file; empty if it is unknown.
    pub fn file(&self, file: u32) -> &str {
        self.files.paths.get(file as usize).map_or("", |path| path)
    }
}

/// The files of all units.
struct Files {
    /// By number; the first one is unknown.
    paths: Vec<String>,
    numbers: HashMap<String, u32>,
    /// The number of bytes that may still be added.
    left: usize,
}

/// Longer paths are unknown.
const MOST_PATH: usize = 4096;

impl Files {
    fn new(bytes: usize) -> Files {
        let numbers = HashMap::from([(String::new(), 0)]);
        Files { paths: vec![String::new()], numbers, left: bytes.saturating_mul(4) }
    }

    fn add(&mut self, path: String) -> u32 {
        if let Some(number) = self.numbers.get(&path) {
            return *number;
        }
        let Some(left) = self.left.checked_sub(path.len()).filter(|_| path.len() <= MOST_PATH) else {
            return 0;
        };
        self.left = left;
        let number = self.paths.len() as u32;
        self.paths.push(path.clone());
        self.numbers.insert(path, number);
        number
    }

    /// The numbers of a unit's files, by their indices in its line program.
    fn of_unit<E: Endianity>(&mut self, unit: UnitRef<'_, EndianSlice<'_, E>>) -> UnitFiles {
        let Some(program) = &unit.line_program else { return UnitFiles(Vec::new()) };
        let header = program.header();
        // Indices begin at 1 before DWARF 5.
        let count = header.file_names().len() as u64 + u64::from(header.version() < 5);
        UnitFiles(
            (0..count).map(|index| self.path(unit, header, index).map_or(0, |path| self.add(path))).collect(),
        )
    }

    fn path<'d, E: Endianity>(
        &self,
        unit: UnitRef<'_, EndianSlice<'d, E>>,
        header: &LineProgramHeader<EndianSlice<'d, E>>,
        index: u64,
    ) -> Option<String> {
        let file = header.file(index)?;
        let short =
            |text: EndianSlice<'d, E>| (text.len() <= MOST_PATH).then(|| text.to_string_lossy().into_owned());
        let text = |value| short(unit.attr_string(value).ok()?);
        let directory = file.directory(header).and_then(text).unwrap_or_default();
        let name = text(file.path_name())?;
        let own = unit.comp_dir.and_then(short).unwrap_or_default();
        [own, directory, name].into_iter().reduce(|path, part| join(path, &part))
    }
}

/// A path in a directory. Either may be of any system.
fn join(directory: String, path: &str) -> String {
    let has_drive = path.as_bytes().get(1..3).is_some_and(|bytes| bytes == b":\\" || bytes == b":/");
    if path.starts_with(['/', '\\']) || has_drive || directory.is_empty() {
        return path.to_owned();
    }
    if path.is_empty() || directory.len() > MOST_PATH {
        return directory;
    }
    let separator = if directory.contains('\\') && !directory.contains('/') { "\\" } else { "/" };
    format!("{}{separator}{path}", directory.trim_end_matches(['/', '\\']))
}

/// The numbers of a unit's files.
struct UnitFiles(Vec<u32>);

impl UnitFiles {
    fn number(&self, index: u64) -> u32 {
        usize::try_from(index).ok().and_then(|index| self.0.get(index)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined() {
        let joined = |directory: &str, path| join(directory.to_owned(), path);
        assert_eq!(joined("/a/b", "c.c"), "/a/b/c.c");
        assert_eq!(joined("/a/", "/c.c"), "/c.c");
        assert_eq!(joined("", "c.c"), "c.c");
        assert_eq!(joined("/a", ""), "/a");
        assert_eq!(joined("C:\\a", "c.c"), "C:\\a\\c.c");
        assert_eq!(joined("C:\\a", "D:\\c.c"), "D:\\c.c");
    }
}
