//! Addresses: DWARF in a module counts bytes from the start of the contents of the code section; native DWARF has a
//! function's symbol and an offset in its code. Code is a rearrangement of Wasm at the granularity of operators, so a range
//! of a body can become several of code.

use std::iter;
use std::ops::Range;

use cranelift_entity::EntityRef as _;
use rayon::prelude::*;

use crate::codegen::CompiledFunction;
use crate::layout::Symbol;
use crate::parse::{DefinedIndex, Module};

/// Where the functions of a module are in its code section.
pub struct Bodies {
    /// Offset of the code section's contents in the module.
    pub code_start: u64,
    /// Ascending. Their indices are those of the module's defined functions.
    bodies: Vec<Body>,
}

/// Where a function is, as offsets in the code section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    /// Where its size is.
    pub entry: u64,
    /// Where the declarations of its locals are, from which DWARF counts.
    pub start: u64,
    /// Where its operators begin.
    pub operators: u64,
    pub end: u64,
}

impl Bodies {
    pub fn of(module: &Module<'_>) -> Bodies {
        let code_start = module.code_start;
        let mut entry = None;
        let body = |defined: &crate::parse::DefinedFunction<'_>| {
            let range = defined.body.range();
            let (start, end) = (range.start - code_start, range.end - code_start);
            let operators = defined
                .body
                .get_operators_reader()
                .map_or(start, |reader| reader.original_position() - code_start);
            // The first one follows the number of functions, of which nothing is told from here.
            let entry = entry.replace(end).unwrap_or(start.saturating_sub(5).max(1));
            Body { entry, start, operators, end }
        };
        Bodies { code_start, bodies: module.defined.values().map(body).collect() }
    }

    /// All of them, by index.
    pub fn all(&self) -> impl Iterator<Item = Body> {
        self.bodies.iter().copied()
    }

    pub fn get(&self, index: DefinedIndex) -> Body {
        self.bodies[index.index()]
    }

    /// The function that has this offset.
    pub fn find(&self, offset: u64) -> Option<(DefinedIndex, Body)> {
        let index = self.bodies.partition_point(|body| body.end <= offset);
        let body = self.bodies.get(index).filter(|body| body.entry <= offset)?;
        Some((DefinedIndex::new(index), *body))
    }

    /// Whether this is the range of a function, or its beginning: from its size, the declarations of its locals, or (as
    /// Kotlin writes it) its operators on.
    pub fn is_function(&self, start: u64, end: u64) -> bool {
        self.find(start).is_some_and(|(_, body)| start <= body.operators && end <= body.end)
    }

    pub fn len(&self) -> usize {
        self.bodies.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bodies.is_empty()
    }
}

/// The code of a function, by offsets in the code section.
pub struct Code<'c> {
    pub function: &'c CompiledFunction,
    pub body: Body,
    /// Ascending: offset in the code section of an operator, and what of the code belongs to it.
    pieces: Vec<(u32, Range<u32>)>,
}

impl<'c> Code<'c> {
    pub fn new(function: &'c CompiledFunction, bodies: &Bodies, index: DefinedIndex) -> Code<'c> {
        let offset = |wasm: u64| wasm.saturating_sub(bodies.code_start) as u32;
        let mut pieces = Vec::with_capacity(function.locations.len());
        pieces.extend(segments(function).map(|(wasm, range)| (offset(wasm), range)));
        pieces.sort_by_key(|(wasm, range)| (*wasm, range.start));
        Code { function, body: bodies.get(index), pieces }
    }

    pub fn symbol(&self) -> Symbol {
        self.function.symbol
    }

    /// Length of the code in bytes.
    pub fn bytes(&self) -> u32 {
        self.function.code.len() as u32
    }

    /// The parts of the code that belong to ranges of the code section, ascending, none next to another; the whole code for a
    /// range that is the whole body.
    pub fn ranges(&self, wasm: &[Range<u64>]) -> Vec<Range<u32>> {
        if wasm.iter().any(|wasm| wasm.start <= self.body.start && wasm.end >= self.body.end) {
            return iter::once(0..self.bytes()).collect();
        }
        let mut ranges: Vec<Range<u32>> =
            wasm.iter().flat_map(|wasm| self.pieces(wasm)).map(|(_, range)| range.clone()).collect();
        ranges.sort_by_key(|range| range.start);
        ranges.dedup_by(|next, last| {
            let joins = next.start <= last.end;
            if joins {
                last.end = last.end.max(next.end);
            }
            joins
        });
        ranges
    }

    /// How many parts of the code belong to ranges of the code section.
    pub fn count(&self, wasm: &[Range<u64>]) -> u64 {
        wasm.iter().map(|wasm| self.pieces(wasm).len() as u64).sum()
    }

    /// The parts of the code that belong to a range of the code section, ascending in that.
    pub fn pieces(&self, wasm: &Range<u64>) -> &[(u32, Range<u32>)] {
        let first = self.pieces.partition_point(|(offset, _)| u64::from(*offset) < wasm.start);
        let end = self.pieces.partition_point(|(offset, _)| u64::from(*offset) < wasm.end);
        &self.pieces[first..end.max(first)]
    }

    /// The parts of the code in its order, each with the offset in the code section of its operator. The first one may begin
    /// behind the start of the code, which is its prologue.
    pub fn segments(&self, bodies: &Bodies) -> impl Iterator<Item = (u64, Range<u32>)> {
        let start = bodies.code_start;
        segments(self.function).map(move |(wasm, range)| (wasm.saturating_sub(start), range))
    }
}

/// The code of the functions of an instance that were compiled.
pub struct Codes<'c>(Vec<Option<Code<'c>>>);

impl<'c> Codes<'c> {
    /// Those of these functions, given by their indices.
    pub fn new(functions: &[(DefinedIndex, &'c CompiledFunction)], bodies: &Bodies) -> Codes<'c> {
        let codes = functions.par_iter().map(|(index, function)| Code::new(function, bodies, *index));
        let codes: Vec<Code<'c>> = codes.collect();
        let mut all: Vec<Option<Code<'c>>> = (0..bodies.len()).map(|_| None).collect();
        for ((index, _), code) in functions.iter().zip(codes) {
            all[index.index()] = Some(code);
        }
        Codes(all)
    }

    pub fn get(&self, index: DefinedIndex) -> Option<&Code<'c>> {
        self.0.get(index.index())?.as_ref()
    }
}

/// The parts of a function's code in its order, each with the offset in the module of its operator.
fn segments(function: &CompiledFunction) -> impl Iterator<Item = (u64, Range<u32>)> {
    let ends = function.locations.iter().skip(1).map(|(start, _)| *start);
    let ends = ends.chain([function.code.len() as u32]);
    let parts = function.locations.iter().zip(ends);
    parts.map(|((start, wasm), end)| (u64::from(*wasm), *start..end)).filter(|(_, range)| !range.is_empty())
}
