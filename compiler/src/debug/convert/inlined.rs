//! Calls that the compiler has inlined (DWARF 5, section 3.3.8): `DW_TAG_inlined_subroutine`, of an abstract function that has a name
//! and nothing else: what is known of variables holds for the code of the function itself, not for copies of it.
//!
//! A call is described if the lines of its callee are in the same unit, whose numbers of files it shares, and if the call that it is in
//! is described. Otherwise its code belongs to the call in its caller.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use std::collections::HashMap;
use std::ops::Range;

use gimli::*;

use super::context::Context;
use super::lines::{self, Row};
use super::made::Made;
use super::survey::Class;
use super::writer::Writer;
use crate::codegen::{CompiledFunction, Place};
use crate::debug::address::Code;
use crate::parse::DefinedIndex;
use crate::program::FuncKind;

/// The most comparisons of calls with scopes for a function. In more complicated ones, calls are in no scope.
const MOST_COMPARISONS: usize = 1 << 20;

/// The inlined calls of a function that are described.
pub struct Inlined {
    calls: Vec<Option<Described>>,
}

/// A call.
struct Described {
    callee: DefinedIndex,
    /// What of the code is in it, ascending.
    ranges: Vec<Range<u32>>,
    /// The number of the call that it is in, and the offset of its operator in the code section.
    parent: u32,
    wasm: u64,
}

impl Inlined {
    /// Those of a function in a unit with these rows.
    pub fn of(context: &Context<'_, '_, '_>, rows: &[Row], function: &CompiledFunction) -> Inlined {
        let start = context.bodies.code_start;
        let mut calls: Vec<Option<Described>> = Vec::with_capacity(function.inlined.len());
        for call in &function.inlined {
            let callee = match context.layout.program.funcs[call.callee].kind {
                FuncKind::Wasm(instance, index) if instance == context.instance => Some(index),
                _ => None,
            };
            let is_reached = call.parent.checked_sub(1).is_none_or(|parent| calls[parent as usize].is_some());
            let has_rows =
                |index: &DefinedIndex| !lines::of_function(rows, context.bodies.get(*index)).is_empty();
            let described = callee.filter(|index| is_reached && has_rows(index)).map(|callee| {
                let wasm = u64::from(call.wasm).saturating_sub(start);
                Described { callee, ranges: Vec::new(), parent: call.parent, wasm }
            });
            calls.push(described);
        }
        let mut inlined = Inlined { calls };
        for (place, range) in function.parts() {
            let mut next = place.call;
            while let Some(index) = next.checked_sub(1) {
                if let Some(call) = &mut inlined.calls[index as usize] {
                    match call.ranges.last_mut() {
                        Some(last) if last.end == range.start => last.end = range.end,
                        _ => call.ranges.push(range.clone()),
                    }
                }
                next = function.inlined[index as usize].parent;
            }
        }
        inlined
    }

    /// The innermost place, from this one outward, that is described: the function's own, or in a call that is.
    pub fn described(&self, function: &CompiledFunction, mut place: Place) -> Place {
        while let Some(index) =
            place.call.checked_sub(1).filter(|index| self.calls[*index as usize].is_none())
        {
            let call = function.inlined[index as usize];
            place = Place { wasm: call.wasm, call: call.parent };
        }
        place
    }

    /// The functions that are inlined.
    pub fn callees(&self) -> impl Iterator<Item = DefinedIndex> + '_ {
        self.calls.iter().flatten().map(|call| call.callee)
    }

    /// The calls in a call, or in none (0), that have code.
    fn inside(&self, parent: u32) -> impl Iterator<Item = (u32, &Described)> {
        let calls = (1..).zip(&self.calls).filter_map(|(number, call)| Some((number, call.as_ref()?)));
        calls.filter(move |(_, call)| call.parent == parent && !call.ranges.is_empty())
    }
}

impl Writer<'_, '_, '_> {
    /// The calls that are to be written into the entries of a function: its own, and its scopes'.
    pub fn place_inlined(&mut self, function: u32, code: &Code<'_>) {
        self.inlined.clear();
        if code.function.inlined.is_empty() {
            return;
        }
        let inlined = Inlined::of(self.context, self.rows, code.function);
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
        self.sections.get(crate::debug::sections::Name::Info).u8(0);
    }
}
