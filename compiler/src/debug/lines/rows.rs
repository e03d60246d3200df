//! The rows of line programs: from where on in the code section which position counts.

use gimli::ColumnType;

use super::{Position, UnitFiles};
use crate::debug::address::Bodies;
use crate::debug::input::{Reader, is_tombstone};

/// Positions by offset in the code section.
#[derive(Default)]
pub struct Rows {
    /// Sorted, once all are read. The end of a sequence has an unknown position.
    rows: Vec<(u64, Position)>,
}

impl Rows {
    /// Adds those of a unit's line program, as far as they are of functions of the module.
    pub fn read(&mut self, unit: gimli::UnitRef<'_, Reader<'_>>, files: &UnitFiles, bodies: &Bodies) {
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
                if is_tombstone(start) || bodies.find(start).is_none() {
                    self.rows.truncate(sequence);
                }
                sequence = self.rows.len();
            }
        }
        // A sequence without an end.
        self.rows.truncate(sequence);
    }

    /// Sorts them; of several at the same offset the last one counts, but no end of a sequence.
    pub fn sort(&mut self) {
        self.rows.sort_by_key(|(address, position)| (*address, *position != Position::default()));
    }

    /// The position at this offset.
    pub fn find(&self, offset: u64) -> Position {
        let after = self.rows.partition_point(|(address, _)| *address <= offset);
        after.checked_sub(1).map_or(Position::default(), |index| self.rows[index].1)
    }
}
