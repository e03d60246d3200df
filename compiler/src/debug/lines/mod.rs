//! Where code comes from, by DWARF: the position of each address, and the inlined calls that it is in. Of a module, whose
//! addresses are offsets in the code section, or of an executable.
//!
//! DWARF is untrusted: each line program is run once, and the numbers of ranges and of bytes of names that are kept are bounded
//! by its size.

mod files;
mod inlined;
mod place;
mod rows;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use gimli::{Dwarf, EndianSlice, Endianity, Unit};

use super::input::{Input, is_tombstone};
use files::{Files, UnitFiles};
use inlined::Inlined;
pub use place::{InlinedCall, Position};
use rows::Rows;

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
        self.files.path_of(file)
    }
}
