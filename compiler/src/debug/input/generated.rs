//! DWARF for a module that has only lines: from a source map, or those of its text. It is DWARF 4 as compilers to Wasm write
//! it, so whatever reads a module's DWARF reads this, too.

use gimli::constants::*;

use crate::debug::sections::Section;

/// Lines of a module's functions.
pub struct Lines {
    pub producer: &'static str,
    pub language: DwLang,
    /// The name of the unit.
    pub name: String,
    /// Paths of sources; absolute, or relative to the directory in which the program was built.
    pub files: Vec<String>,
    pub functions: Vec<LineFunction>,
}

/// A function. Offsets are in the code section.
pub struct LineFunction {
    pub name: String,
    pub start: u32,
    pub end: u32,
    /// Ascending by address, all in the function, not empty.
    pub rows: Vec<LineRow>,
}

/// From this address on, code is that of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRow {
    pub address: u32,
    /// Index of the file.
    pub file: u32,
    /// From 1 on.
    pub line: u32,
    /// From 1 on.
    pub column: u32,
}

/// Sections by name.
pub type GeneratedSections = Vec<(&'static str, Vec<u8>)>;

/// The DWARF sections with these lines.
pub fn dwarf(lines: &Lines) -> GeneratedSections {
    vec![
        (".debug_abbrev", abbreviations().bytes),
        (".debug_info", info(lines).bytes),
        (".debug_line", line_program(lines).bytes),
    ]
}

const UNIT: u64 = 1;
const FUNCTION: u64 = 2;

fn abbreviations() -> Section {
    let unit = [
        (DW_AT_producer, DW_FORM_string),
        (DW_AT_language, DW_FORM_data2),
        (DW_AT_name, DW_FORM_string),
        (DW_AT_stmt_list, DW_FORM_sec_offset),
    ];
    let function = [
        (DW_AT_name, DW_FORM_string),
        (DW_AT_decl_file, DW_FORM_udata),
        (DW_AT_decl_line, DW_FORM_udata),
        (DW_AT_external, DW_FORM_flag_present),
        (DW_AT_low_pc, DW_FORM_addr),
        (DW_AT_high_pc, DW_FORM_data4),
    ];
    let mut section = Section::default();
    let all = [(UNIT, DW_TAG_compile_unit, true, &unit[..]), (FUNCTION, DW_TAG_subprogram, false, &function)];
    for (code, tag, has_children, attributes) in all {
        section.uleb(code);
        section.uleb(u64::from(tag.0));
        section.u8(u8::from(has_children));
        for (name, form) in attributes {
            section.uleb(u64::from(name.0));
            section.uleb(u64::from(form.0));
        }
        section.u16(0);
    }
    section.u8(0);
    section
}

fn info(lines: &Lines) -> Section {
    let mut section = Section::default();
    let length = section.begin_length();
    section.u16(4);
    section.u32(0);
    section.u8(4); // Bytes of an address.
    section.uleb(UNIT);
    section.string(lines.producer.as_bytes());
    section.u16(lines.language.0);
    section.string(lines.name.as_bytes());
    section.u32(0);
    for function in &lines.functions {
        let Some(first) = function.rows.first() else { continue };
        section.uleb(FUNCTION);
        section.string(function.name.as_bytes());
        section.uleb(u64::from(first.file) + 1);
        section.uleb(u64::from(first.line));
        section.u32(function.start);
        section.u32(function.end - function.start);
    }
    section.u8(0);
    section.end_length(length);
    section
}

fn line_program(lines: &Lines) -> Section {
    let mut section = Section::default();
    let length = section.begin_length();
    section.u16(4);
    let header_length = section.begin_length();
    // Instructions of 1 byte, 1 operation in each, rows are statements, lines advance by 0 to 1.
    section.bytes.extend([1, 1, 1, 0, 2, 13]);
    section.bytes.extend([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
    section.u8(0);
    for file in &lines.files {
        section.string(if file.is_empty() { b"." } else { file.as_bytes() });
        section.bytes.extend([0, 0, 0]);
    }
    section.u8(0);
    section.end_length(header_length);
    for function in &lines.functions {
        let (mut address, mut line) = (function.start, 1);
        section.bytes.extend([0, 5, DW_LNE_set_address.0]);
        section.u32(address);
        for row in &function.rows {
            section.u8(DW_LNS_advance_pc.0);
            section.uleb(u64::from(row.address - address));
            section.u8(DW_LNS_advance_line.0);
            section.sleb(i64::from(row.line) - i64::from(line));
            section.u8(DW_LNS_set_file.0);
            section.uleb(u64::from(row.file) + 1);
            section.u8(DW_LNS_set_column.0);
            section.uleb(u64::from(row.column));
            section.u8(DW_LNS_copy.0);
            (address, line) = (row.address, row.line);
        }
        section.u8(DW_LNS_advance_pc.0);
        section.uleb(u64::from(function.end - address));
        section.bytes.extend([0, 1, DW_LNE_end_sequence.0]);
    }
    section.end_length(length);
    section
}
