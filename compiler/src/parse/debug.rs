//! The custom sections of a module that hold debug information, or say where it is. Nothing in them makes a module invalid,
//! and nothing here looks into them.

use wasmparser::{BinaryReader, CustomSectionReader};

/// The DWARF sections that are used. Others are only for speed, or about macros.
const NAMES: [&str; 12] = [
    ".debug_abbrev",
    ".debug_addr",
    ".debug_info",
    ".debug_line",
    ".debug_line_str",
    ".debug_loc",
    ".debug_loclists",
    ".debug_ranges",
    ".debug_rnglists",
    ".debug_str",
    ".debug_str_offsets",
    ".debug_types",
];

/// Debug information as a module has it.
#[derive(Clone, Debug, Default)]
pub struct DebugSections<'a> {
    /// The DWARF sections that are used, by name; the first one of each name counts.
    pub dwarf: Vec<(&'a str, &'a [u8])>,
    /// `external_debug_info`: the file that has the DWARF sections, relative to the module (tool conventions, "Debugging").
    pub external: Option<&'a str>,
    /// `sourceMappingURL`: the file that has a source map.
    pub source_map: Option<&'a str>,
}

impl<'a> DebugSections<'a> {
    /// Adds a section, if it is one of them.
    pub fn add(&mut self, section: &CustomSectionReader<'a>) {
        let text = || BinaryReader::new(section.data(), 0).read_string().ok();
        match section.name() {
            name if NAMES.contains(&name) && self.dwarf.iter().all(|(other, _)| *other != name) => {
                self.dwarf.push((name, section.data()));
            }
            "external_debug_info" => self.external = self.external.or_else(text),
            "sourceMappingURL" => self.source_map = self.source_map.or_else(text),
            _ => {}
        }
    }

    /// The contents of a section; empty if there is none.
    pub fn section(&self, name: &str) -> &'a [u8] {
        self.dwarf.iter().find(|(other, _)| *other == name).map_or(&[], |(_, bytes)| bytes)
    }

    /// Whether it has DWARF that describes code.
    pub fn has_dwarf(&self) -> bool {
        !self.section(".debug_info").is_empty()
    }
}
