//! The files that line programs name, with their whole paths, each with a number. Units can share a line program, and paths can
//! repeat long directories: their total size is bounded.

use std::collections::HashMap;

use gimli::{EndianSlice, Endianity, LineProgramHeader, UnitRef};

/// The files of all units.
pub struct Files {
    /// By number; the first one is unknown.
    paths: Vec<String>,
    numbers: HashMap<String, u32>,
    /// The number of bytes that may still be added.
    left: usize,
}

/// Longer paths are unknown.
const MOST_PATH: usize = 4096;

impl Files {
    /// `bytes`: the size of the debug information.
    pub fn new(bytes: usize) -> Files {
        let numbers = HashMap::from([(String::new(), 0)]);
        Files { paths: vec![String::new()], numbers, left: bytes.saturating_mul(4) }
    }

    /// The path of a file; empty if it is unknown.
    pub fn path_of(&self, file: u32) -> &str {
        self.paths.get(file as usize).map_or("", |path| path)
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
    pub fn of_unit<E: Endianity>(&mut self, unit: UnitRef<'_, EndianSlice<'_, E>>) -> UnitFiles {
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
pub struct UnitFiles(Vec<u32>);

impl UnitFiles {
    /// The number of the file with this index.
    pub fn number(&self, index: u64) -> u32 {
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
