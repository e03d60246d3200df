//! Puts the bodies of functions in the place of calls (`facts::Inlining` says which), by Cranelift's inliner, which forgets where
//! instructions come from: their source locations are set here.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use cranelift_codegen::inline::{Inline, InlineCommand};
use cranelift_codegen::ir::{
    Block, ExternalName, FuncRef, Function, GlobalValue, GlobalValueData, Inst, Opcode, Value,
};
use cranelift_codegen::traversals::Dfs;
use cranelift_codegen::{CodegenResult, Context};

use super::origins::{InlinedCall, Numbering, Origins, Place};
use crate::layout::Symbol;
use crate::program::FuncId;
use crate::translate::{Labels, symbol_of};

/// A function as translated, with what is inlined into it.
#[derive(Clone)]
pub struct Body {
    pub func: Function,
    pub origins: Origins,
    pub labels: Option<Labels>,
}

/// Inlines all calls of these functions. The result says where the instructions come from then.
///
/// # Errors
/// If Cranelift can't represent the result.
pub fn inline(context: &mut Context, bodies: &HashMap<FuncId, Arc<Body>>) -> CodegenResult<Origins> {
    if bodies.is_empty() {
        return Ok(Origins::default());
    }
    let mut inliner = Inliner { bodies, marks: Vec::new() };
    context.inline(&mut inliner)?;
    let Some(first) = inliner.marks.first() else { return Ok(Origins::default()) };
    let func = &mut context.func;
    let mut numbering = Numbering::new(func, first.first);
    let ends = inliner.marks.iter().skip(1).map(|mark| (mark.first, mark.first_block));
    let all = (Inst::from_u32(func.dfg.num_insts() as u32), Block::from_u32(func.dfg.num_blocks() as u32));
    let ends: Vec<(Inst, Block)> = ends.chain([all]).collect();
    for (mark, (end, end_block)) in inliner.marks.iter().zip(ends) {
        let body = &bodies[&mark.callee];
        name_globals(func, mark, &body.func);
        locate(func, mark, body, end, &mut numbering);
        // Blocks that are split off aren't cold by themselves.
        let block = func.layout.inst_block(mark.call);
        if block.is_some_and(|block| func.layout.is_cold(block)) {
            (mark.first_block.as_u32()..end_block.as_u32())
                .for_each(|block| func.layout.set_cold(Block::from_u32(block)));
        }
    }
    Ok(numbering.finish())
}

/// A call that is inlined.
struct Mark {
    callee: FuncId,
    call: Inst,
    opcode: Opcode,
    /// What comes into being by it begins with these.
    first: Inst,
    first_block: Block,
    first_global: GlobalValue,
}

struct Inliner<'b> {
    bodies: &'b HashMap<FuncId, Arc<Body>>,
    marks: Vec<Mark>,
}

impl Inline for Inliner<'_> {
    fn inline(
        &mut self,
        caller: &Function,
        call: Inst,
        opcode: Opcode,
        callee: FuncRef,
        _: &[Value],
    ) -> InlineCommand<'_> {
        let ExternalName::User(name) = caller.dfg.ext_funcs[callee].name else {
            return InlineCommand::KeepCall;
        };
        let Symbol::Func(callee) = symbol_of(&caller.params.user_named_funcs()[name]) else {
            return InlineCommand::KeepCall;
        };
        let Some(body) = self.bodies.get(&callee) else { return InlineCommand::KeepCall };
        self.marks.push(Mark {
            callee,
            call,
            opcode,
            first: Inst::from_u32(caller.dfg.num_insts() as u32),
            first_block: Block::from_u32(caller.dfg.num_blocks() as u32),
            first_global: caller.global_values.next_key(),
        });
        // What is to be inlined into the callee has been.
        InlineCommand::Inline { callee: Cow::Borrowed(&body.func), visit_callee: false }
    }
}

/// Names the symbols of what is in the place of a call: Cranelift copies references to names of the callee, which are references to
/// others in the caller (docs/upstream/cranelift-inline.md).
fn name_globals(func: &mut Function, mark: &Mark, callee: &Function) {
    for (index, source) in callee.global_values.iter() {
        let GlobalValueData::Symbol { name: ExternalName::User(name), .. } = source else { continue };
        let name = func.declare_imported_user_function(callee.params.user_named_funcs()[*name].clone());
        let copy = GlobalValue::from_u32(mark.first_global.as_u32() + index.as_u32());
        match &mut func.global_values[copy] {
            GlobalValueData::Symbol { name: copied, .. } => *copied = ExternalName::user(name),
            other => unreachable!("a copy of a symbol is one: {other:?}"),
        }
    }
}

/// Sets the source locations of what is in the place of a call: the instructions from the mark to `end`, which Cranelift has made
/// in a depth-first traversal of the callee's blocks.
fn locate(func: &mut Function, mark: &Mark, body: &Body, end: Inst, numbering: &mut Numbering) {
    let callee = &body.func;
    let site = numbering.place(func, mark.call);
    let call = numbering.call(InlinedCall { callee: mark.callee, parent: site.call, wasm: site.wasm });
    for inner in &body.origins.calls {
        numbering.call(InlinedCall { parent: call + inner.parent, ..*inner });
    }
    let blocks: Vec<Block> = Dfs::new().pre_order_iter(callee).collect();
    let sources: Vec<Inst> = blocks.into_iter().flat_map(|block| callee.layout.block_insts(block)).collect();
    // A call whose exceptions are caught may get a jump to where it continues, which comes first.
    let made = (end.as_u32() - mark.first.as_u32()) as usize;
    let jumps = made.checked_sub(sources.len()).expect("every instruction of the callee has been copied");
    assert!(jumps <= usize::from(mark.opcode == Opcode::TryCall), "nothing else has been made");
    for jump in 0..jumps as u32 {
        numbering.number(func, Inst::from_u32(mark.first.as_u32() + jump), site);
    }
    // What comes before the first operator belongs to it.
    let start = callee.params.base_srcloc();
    let entry = Place { wasm: if start.is_default() { site.wasm } else { start.bits() }, call: 0 };
    let first = mark.first.as_u32() + jumps as u32;
    for (inlined, source) in (first..).map(Inst::from_u32).zip(sources) {
        let Place { wasm, call: inner } = body.origins.place(callee.srcloc(source)).unwrap_or(entry);
        numbering.number(func, inlined, Place { wasm, call: call + inner });
    }
}
