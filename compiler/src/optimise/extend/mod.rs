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
//! `check` recomputes this from the result alone; it runs wherever Cranelift's verifier does.

mod check;
mod graph;
mod rewrite;
#[cfg(test)]
mod tests;

use cranelift_codegen::CodegenResult;
use cranelift_codegen::Context;
use cranelift_codegen::ir::{Block, Function, Inst, Opcode, Value, types};
use cranelift_codegen::isa::TargetIsa;
use target_lexicon::Architecture;

use graph::Graph;
use rewrite::Rewrite;

/// An instruction that zero-extends from 32 to 64 bits.
#[derive(Clone, Copy)]
struct Extension {
    inst: Inst,
    block: Block,
    /// What it extends.
    narrow: Value,
}

/// A 64-bit value in the place of the extension of a 32-bit one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Claim {
    narrow: Value,
    wide: Value,
}

/// What extensions take on an architecture. It decides what pays, not what is right.
#[derive(Clone, Copy)]
struct Costs {
    /// Whether extending the result of 32-bit arithmetic takes nothing.
    arithmetic_is_free: bool,
}

impl Costs {
    /// None, where addresses are extended by the instruction that adds the base.
    fn of(isa: &dyn TargetIsa) -> Option<Costs> {
        match isa.triple().architecture {
            Architecture::Aarch64(_) => None,
            Architecture::X86_64 => Some(Costs { arithmetic_is_free: true }),
            _ => Some(Costs { arithmetic_is_free: false }),
        }
    }
}

/// Removes extensions from a function that Cranelift has optimised.
///
/// # Errors
/// If what has been done isn't right, where that is verified.
pub fn extend(context: &mut Context, isa: &dyn TargetIsa) -> CodegenResult<()> {
    let Some(costs) = Costs::of(isa) else { return Ok(()) };
    let claims = run(context, costs);
    if isa.flags().enable_verifier() { check::check(&context.func, &claims) } else { Ok(()) }
}

fn run(context: &mut Context, costs: Costs) -> Vec<Claim> {
    let extensions = extensions(&context.func);
    if extensions.is_empty() {
        return Vec::new();
    }
    let mut graph = Graph::new(&context.func, &context.cfg, &extensions);
    if !graph.choices.is_empty() {
        context.compute_loop_analysis();
        graph.choose(context, &extensions, costs);
    }
    let Context { func, domtree, .. } = context;
    Rewrite::new(func, domtree, extensions).run(&graph)
}

/// The extensions of a function, by what they extend.
fn extensions(func: &Function) -> Vec<Extension> {
    let mut extensions = Vec::new();
    for block in func.layout.blocks() {
        for inst in func.layout.block_insts(block) {
            if func.dfg.insts[inst].opcode() != Opcode::Uextend
                || func.dfg.value_type(func.dfg.first_result(inst)) != types::I64
            {
                continue;
            }
            let narrow = func.dfg.resolve_aliases(func.dfg.inst_args(inst)[0]);
            if func.dfg.value_type(narrow) == types::I32 {
                extensions.push(Extension { inst, block, narrow });
            }
        }
    }
    // Stable: those of one value stay in the order of the code.
    extensions.sort_by_key(|extension| extension.narrow);
    extensions
}

/// The extensions of a value, of a sorted list.
fn extensions_of(extensions: &[Extension], narrow: Value) -> &[Extension] {
    let start = extensions.partition_point(|extension| extension.narrow < narrow);
    let count = extensions[start..].partition_point(|extension| extension.narrow == narrow);
    &extensions[start..start + count]
}
