//! Computes addresses of linear memories in 64 bits, where the 32-bit sums of their indices don't wrap: then back ends compute
//! sums as parts of accesses (`base + index * 8 + constant`), parts that are the same in each round of a loop are computed
//! once, and constants are static offsets.
//!
//! **Sandbox-critical.** An access of index `i`, 32 bits, and offset `o` has the address `base + zero-extended i + o`, and the
//! reservation covers every `i` with every `o` up to `Memory::GUARDED_OFFSET`. What this pass writes instead must be *the same
//! address* whenever the access is made, not only one in the reservation: a sum that wraps in 32 bits and not in 64 would trap
//! where the program goes on. Nothing is assumed that the function itself doesn't prove, by
//!
//! - `ranges`: the operations that make a value limit it; a counter, by a loop that ends before it wraps;
//! - `access`: an access that was made lies within the memory, and no memory is so large that a small step from one of its
//!   bytes could wrap (`MemoryPlan::maximum_bytes`). So `p + 8` doesn't wrap where `p` was accessed before, and a sum that each
//!   round of a loop accesses, and increments by a small step, never wraps.
//!
//! `expand` puts these together; each of its functions says why its result is the same integer. LLVM makes counters that are
//! negative, or that wrap where they are meant to: sums are never taken apart without a proof.
//!
//! A second net for some: an address with one unsigned leaf that isn't shifted is `zero-extended value + offset` again, with an
//! offset of at most `Memory::GUARDED_OFFSET`, so it can't leave the reservation even if a proof were wrong. For a leaf
//! that is read with a sign or shifted, and for two leaves, the proof is all there is.
//!
//! `-C checked` has the program compare each new address with the one that it replaces, right before the access: see `check`.

mod access;
mod check;
mod choose;
mod counters;
mod expand;
mod form;
mod range;
mod ranges;
mod rewrite;
#[cfg(test)]
mod tests;

use cranelift_codegen::Context;

use access::{Access, Knowledge};
use choose::Choice;
use counters::Loops;

/// Changes the addresses of a function's accesses, in a context whose graph and dominators are known. No memory with indices of
/// 32 bits has more than `memory` bytes.
pub fn run(context: &mut Context, memory: u64, checked: bool) {
    let Context { func, cfg, domtree, loop_analysis, .. } = context;
    let mut accesses: Vec<Access> = Vec::new();
    for block in domtree.cfg_rpo() {
        accesses.extend(func.layout.block_insts(*block).filter_map(|inst| Access::of(func, *block, inst)));
    }
    if !accesses.iter().any(|access| access.has_parts(func)) {
        return;
    }
    loop_analysis.compute(func, cfg, domtree);
    let (counters, changes) = {
        let loops = Loops::new(func, cfg, domtree, loop_analysis);
        let mut knowledge = Knowledge::new(&loops, memory, &accesses);
        let mut choice = Choice::new(loop_analysis);
        for access in &accesses {
            choice.consider(&mut knowledge, access);
            knowledge.remember(access);
        }
        choice.finish()
    };
    if changes.is_empty() {
        return;
    }
    rewrite::apply(func, cfg, &counters, &changes);
    if checked {
        check::compare(func, &changes);
    }
}
