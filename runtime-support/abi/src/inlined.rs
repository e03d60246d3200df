//! The functions that the compiler has inlined, for the backtraces of a program without a line table. Only a program that has
//! such functions where it can trap, or where they call others, has this table.
//!
//! A *run* is code from an offset up to the next run. All its instructions that a backtrace may show are in the same inlined call,
//! or in none. Runs are bytes: two numbers (LEB128) each, the difference of its offset to the one before, and 0 if it is in no
//! inlined call; else 1 more than the number of the call, as a difference to the one before that wasn't 0, zigzag. Each block of
//! [`RUNS_PER_BLOCK`] of them can be read by itself.

use crate::shared::shared;

shared! {
    /// What the runtime knows of inlined calls. It has the symbol [`crate::symbols::INLINED`].
    pub struct InlinedInfo<P> {
        pub blocks: P::Const<Block>,
        pub block_count: u64,
        pub runs: P::Const<u8>,
        pub run_bytes: u64,
        /// The inlined calls, by their numbers less 1.
        pub calls: P::Const<Call>,
        pub call_count: u64,
        /// The ends of the functions' names in `names`.
        pub name_ends: P::Const<u32>,
        pub name_count: u64,
        pub names: P::Const<u8>,
    }

    /// Where the runs of a block are.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Block {
        /// Offset in the code of its first run.
        pub offset: u32,
        /// Offset of its first byte.
        pub start: u32,
        /// The call from which the first difference counts.
        pub call: u32,
    }

    /// An inlined call.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Call {
        /// The number of the inlined call that it is in: less than its own; 0 if it is in none.
        pub parent: u32,
        /// The number of the callee's name, from 0 on.
        pub name: u32,
    }
}

/// Runs in a block, but for the last one.
pub const RUNS_PER_BLOCK: usize = 64;

/// The deepest nesting of inlined calls.
pub const MOST_NESTED: usize = 64;

/// A table of inlined calls. Whatever is in it, nothing panics and the work is bounded.
#[derive(Clone, Copy)]
pub struct Table<'t> {
    pub blocks: &'t [Block],
    pub runs: &'t [u8],
    pub calls: &'t [Call],
}

impl<'t> Table<'t> {
    /// The inlined calls that the instruction at this offset of the code is in, the innermost first.
    pub fn calls(&self, offset: u32) -> impl Iterator<Item = Call> + use<'t> {
        let mut next = self.innermost(offset);
        let calls = self.calls;
        (0..MOST_NESTED).map_while(move |_| {
            let call = calls.get(next.checked_sub(1)? as usize)?;
            next = call.parent;
            Some(*call)
        })
    }

    /// The number of the innermost one; 0 if there is none.
    fn innermost(&self, offset: u32) -> u32 {
        let after = self.blocks.partition_point(|block| block.offset <= offset);
        let Some(block) = after.checked_sub(1).and_then(|index| self.blocks.get(index)) else { return 0 };
        let mut bytes = self.runs.get(block.start as usize..).unwrap_or_default();
        let (mut at, mut call, mut found) = (block.offset, block.call, 0);
        for _ in 0..RUNS_PER_BLOCK {
            let (Some(distance), Some(code)) = (number(&mut bytes), number(&mut bytes)) else { break };
            at = at.wrapping_add(distance);
            if at > offset {
                break;
            }
            if let Some(difference) = code.checked_sub(1) {
                call = call.wrapping_add((difference >> 1) ^ (difference & 1).wrapping_neg());
            }
            found = if code == 0 { 0 } else { call };
        }
        found
    }
}

/// Reads a number.
fn number(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0;
    for shift in (0..35).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u32::from(first & 0x7f).wrapping_shl(shift);
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
