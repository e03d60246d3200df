//! Writes calls that the compiler has inlined (DWARF 5, section 3.3.8): `DW_TAG_inlined_subroutine`, of an abstract function that has a
//! name and nothing else: what is known of variables holds for the code of the function itself, not for copies of it.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use std::collections::HashMap;

use gimli::*;

use super::inlined::Inlined;
use super::lines;
use super::made::Made;
use super::survey::Class;
use super::writer::Writer;
use crate::debug::address::Code;
use crate::debug::sections::Name;

/// The most comparisons of calls with scopes for a function. In more complicated ones, calls are in no scope.
const MOST_COMPARISONS: usize = 1 << 20;

impl Writer<'_, '_, '_> {
    /// The calls that are to be written into the entries of a function: its own, and its scopes'.
    pub fn place_inlined(&mut self, function: u32, code: &Code<'_>) {
        self.inlined.clear();
        if code.function.inlined.is_empty() {
            return;
        }
        let (rows, bodies) = (self.rows, self.context.bodies);
        let has_rows = |index| !lines::of_function(rows, bodies.get(index)).is_empty();
        let inlined = Inlined::of(self.context, has_rows, code.function);
        let end = self.survey.entries[function as usize].end;
        let is_scope = |index: &u32| {
            self.survey.entries[*index as usize].class == Class::Scope
                && self.marks.is_kept(self.number, *index)
        };
        let scopes: Vec<u32> = (function + 1..end).filter(is_scope).collect();
        let is_cheap = scopes.len().saturating_mul(inlined.calls.len()) <= MOST_COMPARISONS;
        let mut places: HashMap<u32, Vec<u32>> = HashMap::new();
        for (number, call) in inlined.inside(0) {
            let start = call.ranges[0].start;
            let contains =
                |index: &&u32| self.survey.ranges(**index).iter().any(|range| range.contains(&start));
            // The innermost one has the highest index.
            let scope = if is_cheap { scopes.iter().rev().find(contains) } else { None };
            places.entry(scope.copied().unwrap_or(function)).or_default().push(number);
        }
        self.inlined = places;
        self.inlined_calls = Some(inlined);
    }

    /// Writes the calls that are directly in an entry.
    pub fn write_inlined(&mut self, entry: u32, code: &Code<'_>) {
        let Some(numbers) = self.inlined.remove(&entry) else { return };
        let Some(inlined) = self.inlined_calls.take() else { return };
        for number in numbers {
            self.write_call(&inlined, number, code);
        }
        self.inlined_calls = Some(inlined);
    }

    fn write_call(&mut self, inlined: &Inlined, number: u32, code: &Code<'_>) {
        let Some(call) = &inlined.calls[number as usize - 1] else { return };
        self.die.clear();
        let origin = self.made.reference(Made::Function(call.callee));
        self.die.reference(DW_AT_abstract_origin, origin);
        self.add_ranges(code, &call.ranges);
        let caller = call.parent.checked_sub(1).and_then(|parent| inlined.calls[parent as usize].as_ref());
        let body = caller.map_or(code.body, |caller| self.context.bodies.get(caller.callee));
        if let Some(row) = lines::find(lines::of_function(self.rows, body), call.wasm) {
            self.die.udata(DW_AT_call_file, u64::from(row.file));
            self.die.udata(DW_AT_call_line, u64::from(row.line));
            self.die.udata(DW_AT_call_column, u64::from(row.column));
        }
        let inside: Vec<u32> = inlined.inside(number).map(|(inner, _)| inner).collect();
        self.add(DW_TAG_inlined_subroutine, !inside.is_empty());
        if inside.is_empty() {
            return;
        }
        // As deep as calls are inlined.
        for inner in inside {
            self.write_call(inlined, inner, code);
        }
        self.sections.get(Name::Info).u8(0);
    }
}
