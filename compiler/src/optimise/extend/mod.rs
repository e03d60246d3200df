//! Known zero-extensions: a 32-bit value that becomes an address is kept as the 64-bit value that it is extended to.
//!
//! Wasm computes indices with 32 bits, and an address is an extended index. An extension takes an instruction unless the
//! back end knows that the upper half of the register is zero. Cranelift knows it of 32-bit arithmetic, but not of what is
//! loaded, and not of parameters of blocks: a pointer that goes round a loop is extended in each round.
//!
//! Here, loads whose results are extended load 64-bit values, and parameters of blocks (and selections) that are extended
//! get 64 bits, where that takes fewer instructions (`graph`). The 32-bit value is the lower half of the wide one, which is
//! the same register.
//!
//! # Why no address changes
//!
//! Nothing is assumed of registers: the result is CLIF that computes the same values. A *twin* of a 32-bit value `v` is a
//! 64-bit value `w` that equals `uextend.i64 v` wherever `v` is defined, and `uextend.i64 v` is replaced by twins alone. By
//! induction over the execution, each twin is one when it is defined:
//!
//! - of a load of 8, 16 or 32 bits: the same bytes, zero-extended to 64 bits instead of 32 (`uload8.i64` and so on). Then `v`
//!   is redefined as `ireduce w`, the lower half, which are these bytes;
//! - of a parameter of a block: a parameter of 64 bits, for which every branch to the block hands over a twin of what
//!   it has handed over. `v` is redefined as `ireduce w`;
//! - of a selection: a selection between twins, by the same condition;
//! - of a constant: the constant with its upper half cleared;
//! - of anything else: `uextend.i64 v` itself.
//!
//! `check` recomputes from the result alone that the upper half of each twin is zero, and that its lower half is `v`, and compares
//! what branches and selections take with what they have taken before. It runs wherever Cranelift's verifier does.

mod check;
mod extension;
mod graph;
mod rewrite;
#[cfg(test)]
mod tests;

use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{CodegenResult, Context};

use crate::targets::FreeExtensions;
use check::{Claim, Taken};
use extension::extensions;
use graph::Graph;
use rewrite::Rewrite;

/// Removes extensions from a function that Cranelift has optimised, in a context whose loops are known.
///
/// # Errors
/// If what has been done isn't right, where that is verified.
pub fn extend(context: &mut Context, isa: &dyn TargetIsa, free: FreeExtensions) -> CodegenResult<()> {
    if free == FreeExtensions::Addresses {
        return Ok(());
    }
    let before = isa.flags().enable_verifier().then(|| Taken::of(&context.func));
    let claims = run(context, free);
    before.map_or(Ok(()), |before| check::check(&context.func, &claims, &before))
}

fn run(context: &mut Context, free: FreeExtensions) -> Vec<Claim> {
    let extensions = extensions(&context.func);
    if extensions.is_empty() {
        return Vec::new();
    }
    let mut graph = Graph::new(&context.func, &context.cfg, &extensions);
    if !graph.choices.is_empty() {
        graph.choose(context, &extensions, free);
    }
    let Context { func, domtree, .. } = context;
    Rewrite::new(func, domtree, extensions).run(&graph)
}
