//! A function as the object writer gets it.

use std::ops::Range;

use cranelift_codegen::binemit::Reloc;
use wasm_aot_abi::exception::SavedRegister;
use wasm_aot_abi::trap::Trap;

use super::origins::{InlinedCall, Place};
use super::sites::Site;
use super::values::Values;
use crate::layout::Symbol;

/// Machine code of a function.
pub struct CompiledFunction {
    pub symbol: Symbol,
    /// For diagnostics.
    pub name: String,
    pub code: Vec<u8>,
    pub alignment: u32,
    /// Offset in `code` of the instruction that should begin a line of the instruction cache: see `line`.
    pub line: Option<u32>,
    pub relocations: Vec<Relocation>,
    /// Offset in `code` of each instruction that traps on purpose, ascending.
    pub traps: Vec<(u32, Trap)>,
    /// Calls whose exceptions the function handles, ascending.
    pub call_sites: Vec<CallSite>,
    /// The callee-saved registers that the function saves.
    pub saved_registers: Vec<SavedRegister>,
    pub prologue: Prologue,
    /// Return addresses at which references of objects are on the stack, ascending.
    pub stack_maps: Vec<StackMap>,
    /// (offset in `code`, byte offset in the Wasm module of an operator of this function) wherever the latter changes, ascending.
    /// What is inlined belongs to the call in whose place it is.
    pub locations: Vec<(u32, u32)>,
    /// The calls that were inlined, by their numbers less 1.
    pub inlined: Vec<InlinedCall>,
    /// If any were, (offset in `code`, operator) wherever the latter changes, ascending.
    pub places: Vec<(u32, Place)>,
    /// The instructions that a backtrace may show, ascending.
    pub sites: Vec<Site>,
    /// Where values are that debug information names.
    pub values: Values,
}

impl CompiledFunction {
    /// The parts of the code, but for its beginning, each with its operator.
    pub fn parts(&self) -> impl Iterator<Item = (Place, Range<u32>)> {
        let own = self.locations.iter().map(|(start, wasm)| (*start, Place { wasm: *wasm, call: 0 }));
        let all: Vec<(u32, Place)> =
            if self.inlined.is_empty() { own.collect() } else { self.places.clone() };
        let ends: Vec<u32> =
            all.iter().skip(1).map(|(start, _)| *start).chain([self.code.len() as u32]).collect();
        let parts = all.into_iter().zip(ends).map(|((start, place), end)| (place, start..end));
        parts.filter(|(_, range)| !range.is_empty())
    }

    /// Drops what only debug information is made of.
    pub fn forget_debug(&mut self) {
        self.values = Values::default();
        (self.locations, self.places) = (Vec::new(), Vec::new());
    }
}

/// Offsets in the code of the ends of the instructions that set up a frame.
#[derive(Clone, Debug, Default)]
pub struct Prologue {
    /// From here on, the caller's frame pointer and, if the CPU hasn't pushed it, the return address are on
    /// the stack.
    pub push: u32,
    /// From here on, the frame pointer is set.
    pub frame_pointer: u32,
    /// From each of these on, one more of the saved registers is stored.
    pub saves: Vec<u32>,
    /// Bytes from where the frame pointer points to the stack of the caller, as it is at the call; on s390x, which has no
    /// frame pointer, from the stack pointer at the entry to 160 bytes above the caller's.
    pub caller_stack: u32,
    /// Where the stack pointer has been lowered, and by how many bytes: on s390x for the whole frame, and on aarch64, if the
    /// frame pointer isn't set yet, to make room for the parameters of tail calls.
    pub allocations: Vec<(u32, u32)>,
}

/// A call whose exceptions its function handles. See `wasm_aot_abi::exception`.
pub struct CallSite {
    /// Offset of the return address in the code.
    pub return_offset: u32,
    pub frame_bytes: u32,
    /// (encoded clause, offset of its landing in the code), in the order in which they are tried.
    pub clauses: Vec<(u32, u32)>,
}

/// Where references of objects are while a call is under way. See `wasm_aot_abi::gc`.
pub struct StackMap {
    /// Offset of the return address in the code.
    pub return_offset: u32,
    /// The distance of each below the frame pointer.
    pub distances: Vec<u32>,
}

pub struct Relocation {
    pub offset: u32,
    pub kind: Reloc,
    pub target: RelocationTarget,
    pub addend: i64,
}

#[derive(Clone, Copy)]
pub enum RelocationTarget {
    Symbol(Symbol),
    /// An offset in the function itself.
    Label(u32),
}
