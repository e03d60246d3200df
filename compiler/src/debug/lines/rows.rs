//! The rows of line programs: from which address on which position counts.

use gimli::{ColumnType, EndianSlice, Endianity, UnitRef};

use super::files::UnitFiles;
use super::place::Position;

/// Positions by address.
#[derive(Default)]
pub struct Rows {
    /// Sorted, once all are read. The end of a sequence has an unknown position.
    rows: Vec<(u64, Position)>,
}

impl Rows {
    /// Adds those of a unit's line program, as far as they are of code.
    pub fn read<E: Endianity>(
        &mut self,
        unit: UnitRef<'_, EndianSlice<'_, E>>,
        files: &UnitFiles,
        is_code: &dyn Fn(u64) -> bool,
    ) {
        let Some(program) = unit.line_program.clone() else { return };
        let mut rows = program.rows();
        let mut sequence = self.rows.len();
        while let Ok(Some((_, row))) = rows.next_row() {
            let number = |value: u64| u32::try_from(value).unwrap_or(0);
            let column = match row.column() {
                ColumnType::LeftEdge => 0,
                ColumnType::Column(column) => number(column.get()),
            };
            let line = row.line().map_or(0, |line| number(line.get()));
            let position = match row.end_sequence() {
                true => Position::default(),
                false => Position { file: files.number(row.file_index()), line, column },
            };
            self.rows.push((row.address(), position));
            if row.end_sequence() {
                let start = self.rows[sequence].0;
                if !is_code(start) {
                    self.rows.truncate(sequence);
                }
                sequence = self.rows.len();
            }
        }
        // A sequence without an end.
        self.rows.truncate(sequence);
    }

    /// Sorts them; of several at the same address the last one counts, but no end of a sequence.
    pub fn sort(&mut self) {
        self.rows.sort_by_key(|(address, position)| (*address, *position != Position::default()));
    }

    /// The position at this address.
    pub fn find(&self, address: u64) -> Position {
        let after = self.rows.partition_point(|(start, _)| *start <= address);
        after.checked_sub(1).map_or(Position::default(), |index| self.rows[index].1)
    }
}
