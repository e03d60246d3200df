//! The files that line programs name, with their whole paths, each with a number. Units can share a line program, and paths can
//! repeat long directories, or all be the same long string: how much is read, and how much is kept, is bounded.

use std::collections::HashMap;

use gimli::{EndianSlice, Endianity, LineProgramHeader, UnitRef};

use crate::debug::input::strings;

/// The files of all units.
pub struct Files {
    /// By number; the first one is unknown.
    paths: Vec<String>,
    numbers: HashMap<String, u32>,
    /// The number of bytes that may still be added.
    left: usize,
    /// The number of bytes of strings that may still be read.
    work: usize,
}

/// How many bytes of strings are read for each byte of debug information. Compilers' need less than one.
const WORK_PER_BYTE: usize = 64;

/// What is read in any case, in bytes.
const FREE: usize = 1 << 20;

/// Longer paths are unknown.
const MOST_PATH: usize = 4096;

impl Files {
    /// `bytes`: the size of the debug information.
    pub fn new(bytes: usize) -> Files {
        let numbers = HashMap::from([(String::new(), 0)]);
        let (left, work) =
            (bytes.saturating_mul(4), bytes.saturating_mul(WORK_PER_BYTE).saturating_add(FREE));
        Files { paths: vec![String::new()], numbers, left, work }
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
        let number = |index| self.path(unit, header, index).map_or(0, |path| self.add(path));
        UnitFiles((0..count).map(number).collect())
    }

    fn path<'d, E: Endianity>(
        &mut self,
        unit: UnitRef<'_, EndianSlice<'d, E>>,
        header: &LineProgramHeader<EndianSlice<'d, E>>,
        index: u64,
    ) -> Option<String> {
        let file = header.file(index)?;
        let left = &mut self.work;
        let mut text = |value| {
            let (text, is_whole) = strings::start(unit, value, MOST_PATH.min(*left))?;
            *left -= text.len();
            is_whole.then(|| String::from_utf8_lossy(text).into_owned())
        };
        let directory = file.directory(header).and_then(&mut text).unwrap_or_default();
        let name = text(file.path_name())?;
        let own = unit.comp_dir.filter(|own| own.len() < MOST_PATH).map_or(&[][..], |own| own.slice());
        *left = left.checked_sub(own.len())?;
        let own = String::from_utf8_lossy(own).into_owned();
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
    use gimli::{
        DW_AT_stmt_list, DW_FORM_line_strp, DW_FORM_sec_offset, DW_LNCT_path, DW_TAG_compile_unit,
        DW_UT_compile, Dwarf, LittleEndian, SectionId,
    };

    use super::*;

    /// The DWARF 5 sections of a unit with so many files, which all have the path at the start of `strings`.
    fn sections(files: u32, strings: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
        use crate::debug::sections::Section;
        let mut abbrev = Section::default();
        // A unit without children, with the offset of its line program.
        abbrev.bytes.extend([1, DW_TAG_compile_unit.0 as u8, 0, DW_AT_stmt_list.0 as u8]);
        abbrev.bytes.extend([DW_FORM_sec_offset.0 as u8, 0, 0, 0]);
        let mut info = Section::default();
        let length = info.begin_length();
        info.u16(5);
        info.bytes.extend([DW_UT_compile.0, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
        info.end_length(length);
        let mut line = Section::default();
        let length = line.begin_length();
        line.u16(5);
        line.bytes.extend([4, 0]);
        let header_length = line.begin_length();
        line.bytes.extend([1, 1, 1, 0, 1, 1]);
        let format = [1, DW_LNCT_path.0 as u8, DW_FORM_line_strp.0 as u8];
        line.bytes.extend(format);
        line.u8(1);
        line.u32(0);
        line.bytes.extend(format);
        line.uleb(files.into());
        (0..files).for_each(|_| line.u32(0));
        line.end_length(header_length);
        line.end_length(length);
        let (abbrev, info, line) = (abbrev.bytes, info.bytes, line.bytes);
        let names = [".debug_abbrev", ".debug_info", ".debug_line", ".debug_line_str"];
        names.into_iter().zip([abbrev, info, line, strings.to_vec()]).collect()
    }

    /// The numbers of the files of such a unit, and the bytes of strings that weren't read.
    fn numbers(files: u32, strings: &[u8], bytes: usize) -> (Vec<u32>, usize) {
        let sections = sections(files, strings);
        let load = |id: SectionId| -> Result<_, gimli::Error> {
            let found = sections.iter().find(|(name, _)| *name == id.name());
            Ok(EndianSlice::new(found.map_or(&[], |(_, bytes)| &bytes[..]), LittleEndian))
        };
        let dwarf = Dwarf::load(load).unwrap();
        let header = dwarf.units().next().unwrap().unwrap();
        let unit = dwarf.unit(header).unwrap();
        let mut files = Files::new(bytes);
        let UnitFiles(numbers) = files.of_unit(unit.unit_ref(&dwarf));
        (numbers, files.work)
    }

    #[test]
    fn little_is_read_of_strings_that_files_share() {
        assert_eq!(numbers(3, b"/a/b.c\0", 1000).0, [1, 1, 1]);
        // Too long for a path. It is the directory as well.
        let long = vec![b'x'; 1 << 20];
        let (found, left) = numbers(100_000, &long, 1000);
        assert!(found.len() == 100_000 && found.iter().all(|number| *number == 0));
        assert_eq!(left, 0);
        // Long enough: as many as there is work for.
        let mut long = vec![b'x'; MOST_PATH / 4];
        long.push(0);
        let (found, _) = numbers(100_000, &long, 1 << 20);
        let known = found.iter().filter(|number| **number == 1).count();
        assert!((10_000..50_000).contains(&known), "{known}");
    }

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
