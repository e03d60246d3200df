//! Line tables: what a module's say of its code, and the native line programs (DWARF 4 and 5, section 6.2).

use std::collections::HashMap;
use std::ops::Range;

use gimli::{AttributeValue, LineProgramHeader, UnitRef, constants};

use super::inlined::Inlined;
use crate::debug::address::{Bodies, Body, Code};
use crate::debug::input::{Reader, is_tombstone, strings};
use crate::debug::sections::{Name, Sections};

/// A row of a line table of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Offset in the code section.
    pub address: u32,
    pub file: u32,
    pub line: u32,
    pub column: u32,
    flags: u8,
}

const STATEMENT: u8 = 1;
const PROLOGUE_END: u8 = 2;
const EPILOGUE_BEGIN: u8 = 4;
const END: u8 = 8;

impl Row {
    fn new(row: &gimli::LineRow) -> Option<Row> {
        let number = |value: u64| u32::try_from(value).unwrap_or(0);
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        Some(Row {
            address: u32::try_from(row.address()).ok()?,
            file: number(row.file_index()),
            line: row.line().map_or(0, |line| number(line.get())),
            column: match row.column() {
                gimli::ColumnType::LeftEdge => 0,
                gimli::ColumnType::Column(column) => number(column.get()),
            },
            flags: flag(row.is_stmt(), STATEMENT)
                | flag(row.prologue_end(), PROLOGUE_END)
                | flag(row.epilogue_begin(), EPILOGUE_BEGIN)
                | flag(row.end_sequence(), END),
        })
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// The rows of a unit's line program that describe code that is there, ascending by address.
pub fn rows(unit: UnitRef<'_, Reader<'_>>, bodies: &Bodies) -> Vec<Row> {
    let Some(program) = unit.line_program.clone() else { return Vec::new() };
    let mut state = program.rows();
    let mut rows: Vec<Row> = Vec::new();
    let mut start = 0;
    // What comes after an error has no meaning.
    while let Ok(Some((_, row))) = state.next_row() {
        rows.extend(Row::new(row));
        if row.end_sequence() {
            let is_live = |row: &Row| {
                !is_tombstone(u64::from(row.address)) && bodies.find(u64::from(row.address)).is_some()
            };
            if !rows.get(start).is_some_and(is_live) {
                rows.truncate(start);
            }
            start = rows.len();
        }
    }
    rows.truncate(start);
    // Where one sequence ends and another begins, the row that begins it counts.
    rows.sort_by_key(|row| (row.address, !row.has(END)));
    rows.shrink_to_fit();
    rows
}

/// The rows that describe a function.
pub fn of_function(rows: &[Row], body: Body) -> &[Row] {
    let start = rows.partition_point(|row| u64::from(row.address) < body.entry);
    let end = rows.partition_point(|row| u64::from(row.address) < body.end);
    let rows = &rows[start..end];
    let first = rows.iter().position(|row| !row.has(END)).unwrap_or(rows.len());
    &rows[first..]
}

/// The row of an operator, by its offset in the code section, among the rows of its function.
pub fn find(rows: &[Row], wasm: u64) -> Option<&Row> {
    let after = rows.partition_point(|row| u64::from(row.address) <= wasm);
    rows.get(after.saturating_sub(1)).filter(|row| !row.has(END))
}

/// A native line program.
pub struct Program<'o> {
    sections: &'o mut Sections,
    length: u32,
}

const LINE_BASE: i64 = -5;
const LINE_RANGE: u64 = 14;
const OPCODE_BASE: u8 = 13;
/// The number of operands of each standard opcode.
const OPERANDS: [u8; OPCODE_BASE as usize - 1] = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

impl<'o> Program<'o> {
    /// Writes the header of the unit's line program, whose files keep their numbers.
    ///
    /// # Errors
    /// If the unit has no line program.
    pub fn begin(unit: UnitRef<'_, Reader<'_>>, sections: &'o mut Sections) -> gimli::Result<Program<'o>> {
        let header = unit.line_program.as_ref().ok_or(gimli::Error::MissingUnitDie)?.header();
        let version = header.version().clamp(4, 5);
        let section = sections.get(Name::Line);
        let length = section.begin_length();
        section.u16(version);
        if version == 5 {
            section.u8(8); // Bytes of an address.
            section.u8(0); // Bytes of a segment's number.
        }
        let header_length = section.begin_length();
        section.u8(1); // The shortest instruction: code's offsets are in bytes.
        section.u8(1); // Operations in an instruction.
        section.u8(1); // Rows are statements at first.
        section.u8(LINE_BASE as u8);
        section.u8(LINE_RANGE as u8);
        section.u8(OPCODE_BASE);
        section.bytes.extend(OPERANDS);
        match version {
            5 => files_5(Paths::new(unit, header), header, sections),
            _ => files_4(Paths::new(unit, header), header, sections),
        }
        sections.get(Name::Line).end_length(header_length);
        Ok(Program { sections, length })
    }

    pub fn end(self) {
        self.sections.get(Name::Line).end_length(self.length);
    }

    /// Writes the rows of a function. Its rows in the module's table may be none.
    pub fn function(&mut self, rows: &[Row], code: &Code<'_>, bodies: &Bodies) {
        let rows_of_segments = code
            .segments(bodies)
            .map(|(wasm, range)| {
                let wasm = u32::try_from(wasm).unwrap_or(0);
                let row = rows.partition_point(|row| row.address <= wasm).saturating_sub(1);
                (row, wasm, range)
            })
            .collect();
        self.sequence(rows, rows_of_segments, code);
    }

    /// Writes the rows of a function into which others were inlined. `all`: the rows of the unit.
    pub fn function_with_inlined(
        &mut self,
        own: &[Row],
        all: &[Row],
        code: &Code<'_>,
        bodies: &Bodies,
        inlined: &Inlined,
    ) {
        let mut rows = own.to_vec();
        // Where in `rows` those of each function are, by the function's place in the code section.
        let mut places: HashMap<u64, Range<usize>> = HashMap::from([(code.body.entry, 0..rows.len())]);
        for callee in inlined.callees() {
            let body = bodies.get(callee);
            places.entry(body.entry).or_insert_with(|| {
                let start = rows.len();
                // Its prologue and epilogue aren't the function's.
                let inner = |row: &Row| Row { flags: row.flags & !(PROLOGUE_END | EPILOGUE_BEGIN), ..*row };
                rows.extend(of_function(all, body).iter().map(inner));
                start..rows.len()
            });
        }
        let segment = |(place, range)| {
            let place = inlined.described(code.function, place);
            let wasm = u64::from(place.wasm).saturating_sub(bodies.code_start);
            let (_, body) = bodies.find(wasm)?;
            let place = places.get(&body.entry)?;
            let wasm = u32::try_from(wasm).unwrap_or(0);
            let before = rows[place.clone()].partition_point(|row| row.address <= wasm);
            Some((place.start + before.saturating_sub(1), wasm, range))
        };
        let rows_of_segments = code.function.parts().filter_map(segment).collect();
        if !own.is_empty() {
            self.sequence(&rows, rows_of_segments, code);
        }
    }

    /// Writes rows. `rows_of_segments`: for each part of the code its row, the offset in the code section of its operator, and where it
    /// is.
    fn sequence(&mut self, rows: &[Row], rows_of_segments: Vec<(usize, u32, Range<u32>)>, code: &Code<'_>) {
        let Some(first) = rows.first() else { return };
        // A statement begins at its first operator that has code. Where code that was moved goes on with it, none begins.
        let mut begins = vec![u32::MAX; rows.len()];
        for (row, wasm, _) in &rows_of_segments {
            begins[*row] = begins[*row].min(*wasm);
        }
        let statements = statements(rows, &begins);
        let mut sequence = Sequence::begin(self.sections, code);
        let mut has_prologue_end = !rows.iter().any(|row| row.has(PROLOGUE_END));
        let starts_late = rows_of_segments.first().is_none_or(|(_, _, range)| range.start > 0);
        let mut last = None;
        if starts_late {
            sequence.row(0, first, true, 0);
            // Without a mark of it, the prologue ends where the code of the first operator begins.
            last = if has_prologue_end { None } else { Some((0, true)) };
        }
        let mut ended = false;
        for (index, wasm, range) in rows_of_segments {
            let row = &rows[index];
            let is_statement = statements[index] && begins[index] == wasm;
            if row.has(END) || last == Some((index, is_statement)) || last == Some((index, true)) {
                continue;
            }
            let at_begin = begins[index] == wasm;
            let mut flags = if at_begin { row.flags & EPILOGUE_BEGIN } else { 0 };
            if !ended && (has_prologue_end || row.has(PROLOGUE_END) && at_begin) {
                flags |= PROLOGUE_END;
                ended = true;
            }
            has_prologue_end = false;
            sequence.row(range.start, row, is_statement, flags);
            last = Some((index, is_statement));
        }
        sequence.end(code.bytes());
    }
}

/// Which rows begin a statement: those that say so, and, for one whose operators have become parts of others' code, the next row of
/// its line that has code. `begins` says where a row has code, `u32::MAX` if nowhere.
fn statements(rows: &[Row], begins: &[u32]) -> Vec<bool> {
    let mut missing = None;
    let begins_one = |(row, begin): (&Row, &u32)| {
        let place = Some((row.file, row.line));
        if row.has(STATEMENT) {
            missing = place;
        } else if missing != place {
            missing = None;
        }
        *begin != u32::MAX && missing.take().is_some()
    };
    rows.iter().zip(begins).map(begins_one).collect()
}

/// The rows of a function under construction.
struct Sequence<'o> {
    sections: &'o mut Sections,
    address: u32,
    file: u32,
    line: u32,
    column: u32,
    is_statement: bool,
}

impl<'o> Sequence<'o> {
    fn begin(sections: &'o mut Sections, code: &Code<'_>) -> Sequence<'o> {
        let section = sections.get(Name::Line);
        section.u8(0);
        section.uleb(9);
        section.u8(constants::DW_LNE_set_address.0);
        section.address(code.symbol(), 0);
        Sequence { sections, address: 0, file: 1, line: 1, column: 0, is_statement: true }
    }

    fn row(&mut self, address: u32, row: &Row, is_statement: bool, flags: u8) {
        let section = self.sections.get(Name::Line);
        if row.file != self.file {
            section.u8(constants::DW_LNS_set_file.0);
            section.uleb(u64::from(row.file));
        }
        if row.column != self.column {
            section.u8(constants::DW_LNS_set_column.0);
            section.uleb(u64::from(row.column));
        }
        if is_statement != self.is_statement {
            section.u8(constants::DW_LNS_negate_stmt.0);
        }
        if flags & PROLOGUE_END != 0 {
            section.u8(constants::DW_LNS_set_prologue_end.0);
        }
        if flags & EPILOGUE_BEGIN != 0 {
            section.u8(constants::DW_LNS_set_epilogue_begin.0);
        }
        let mut lines = i64::from(row.line) - i64::from(self.line);
        let mut bytes = u64::from(address - self.address);
        if !(LINE_BASE..LINE_BASE + LINE_RANGE as i64).contains(&lines) {
            section.u8(constants::DW_LNS_advance_line.0);
            section.sleb(lines);
            lines = 0;
        }
        // A special opcode advances both.
        let most = (255 - u64::from(OPCODE_BASE)) / LINE_RANGE - 1;
        if bytes > most {
            section.u8(constants::DW_LNS_advance_pc.0);
            section.uleb(bytes);
            bytes = 0;
        }
        section.u8(OPCODE_BASE + (lines - LINE_BASE) as u8 + (bytes * LINE_RANGE) as u8);
        let Row { file, line, column, .. } = *row;
        (self.address, self.file, self.line) = (address, file, line);
        (self.column, self.is_statement) = (column, is_statement);
    }

    fn end(self, bytes: u32) {
        let section = self.sections.get(Name::Line);
        section.u8(constants::DW_LNS_advance_pc.0);
        section.uleb(u64::from(bytes - self.address));
        section.u8(0);
        section.uleb(1);
        section.u8(constants::DW_LNE_end_sequence.0);
    }
}

type Header<'a> = LineProgramHeader<Reader<'a>>;

/// Longer paths are left empty.
const MOST_PATH: usize = 4096;

/// The most bytes of paths for each byte of a line program. Paths can be in another section, where many can share a long one.
const PATHS_PER_BYTE: usize = 64;

/// The paths in a line program.
struct Paths<'u, 'a> {
    unit: UnitRef<'u, Reader<'a>>,
    /// The number of bytes that may still be written.
    left: usize,
}

impl<'u, 'a> Paths<'u, 'a> {
    fn new(unit: UnitRef<'u, Reader<'a>>, header: &Header<'a>) -> Paths<'u, 'a> {
        Paths { unit, left: header.unit_length().saturating_mul(PATHS_PER_BYTE) }
    }

    /// The path in an attribute; empty if it can't be read, or is too long.
    fn read(&mut self, value: AttributeValue<Reader<'a>>) -> &'a [u8] {
        let most = self.left.min(MOST_PATH);
        let path = strings::shorter_than(self.unit, value, most).unwrap_or_default();
        self.left -= path.len();
        path
    }
}

/// Directories and files as DWARF 4 has them: the unit's directory is the first one, and not in the table.
fn files_4<'a>(mut paths: Paths<'_, 'a>, header: &Header<'a>, sections: &mut Sections) {
    let section = sections.get(Name::Line);
    // An empty name would end the table.
    let name = |name: &'a [u8]| if name.is_empty() { &b"."[..] } else { name };
    for directory in header.include_directories() {
        section.string(name(paths.read(*directory)));
    }
    section.u8(0);
    for file in header.file_names() {
        section.string(name(paths.read(file.path_name())));
        section.uleb(file.directory_index());
        section.uleb(file.timestamp());
        section.uleb(file.size());
    }
    section.u8(0);
}

/// Directories and files as DWARF 5 has them.
fn files_5<'a>(mut paths: Paths<'_, 'a>, header: &Header<'a>, sections: &mut Sections) {
    use constants::{DW_FORM_data16, DW_FORM_string, DW_FORM_udata};
    use constants::{DW_LNCT_MD5, DW_LNCT_directory_index, DW_LNCT_path};
    let section = sections.get(Name::Line);
    section.u8(1);
    section.uleb(u64::from(DW_LNCT_path.0));
    section.uleb(u64::from(DW_FORM_string.0));
    section.uleb(header.include_directories().len() as u64);
    for directory in header.include_directories() {
        section.string(paths.read(*directory));
    }
    let has_md5 = header.file_has_md5();
    section.u8(if has_md5 { 3 } else { 2 });
    section.uleb(u64::from(DW_LNCT_path.0));
    section.uleb(u64::from(DW_FORM_string.0));
    section.uleb(u64::from(DW_LNCT_directory_index.0));
    section.uleb(u64::from(DW_FORM_udata.0));
    if has_md5 {
        section.uleb(u64::from(DW_LNCT_MD5.0));
        section.uleb(u64::from(DW_FORM_data16.0));
    }
    section.uleb(header.file_names().len() as u64);
    for file in header.file_names() {
        section.string(paths.read(file.path_name()));
        section.uleb(file.directory_index());
        if has_md5 {
            section.bytes.extend(file.md5());
        }
    }
}
