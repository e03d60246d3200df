//! The calls that the compiler has inlined and that native DWARF describes.
//!
//! A call is described if the lines of its callee are in the same unit, whose numbers of files it shares, and if the call that it is in
//! is described. Otherwise its code belongs to the call in its caller.

use std::ops::Range;

use super::context::Context;
use crate::codegen::{CompiledFunction, Place};
use crate::parse::DefinedIndex;
use crate::program::FuncKind;

/// The inlined calls of a function that are described.
pub struct Inlined {
    pub calls: Vec<Option<Described>>,
}

/// A call.
pub struct Described {
    pub callee: DefinedIndex,
    /// What of the code is in it, ascending.
    pub ranges: Vec<Range<u32>>,
    /// The number of the call that it is in, and the offset of its operator in the code section.
    pub parent: u32,
    pub wasm: u64,
}

impl Inlined {
    /// Those of a function. `has_rows`: whether the unit has lines of another function.
    pub fn of(
        context: &Context<'_, '_, '_>,
        has_rows: impl Fn(DefinedIndex) -> bool,
        function: &CompiledFunction,
    ) -> Inlined {
        let start = context.bodies.code_start;
        let mut calls: Vec<Option<Described>> = Vec::with_capacity(function.inlined.len());
        for call in &function.inlined {
            let callee = match context.layout.program.funcs[call.callee].kind {
                FuncKind::Wasm(instance, index) if instance == context.instance => Some(index),
                _ => None,
            };
            let is_reached = call.parent.checked_sub(1).is_none_or(|parent| calls[parent as usize].is_some());
            let described = callee.filter(|index| is_reached && has_rows(*index)).map(|callee| {
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
    pub fn inside(&self, parent: u32) -> impl Iterator<Item = (u32, &Described)> {
        let calls = (1..).zip(&self.calls).filter_map(|(number, call)| Some((number, call.as_ref()?)));
        calls.filter(move |(_, call)| call.parent == parent && !call.ranges.is_empty())
    }
}
