//! Zero-extensions from 32 to 64 bits.

use cranelift_codegen::ir::{Block, Function, Inst, Opcode, Value, types};

/// An instruction that zero-extends from 32 to 64 bits.
#[derive(Clone, Copy)]
pub struct Extension {
    pub inst: Inst,
    pub block: Block,
    /// What it extends.
    pub narrow: Value,
}

/// The extensions of a function, by what they extend.
pub fn extensions(func: &Function) -> Vec<Extension> {
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
pub fn extensions_of(extensions: &[Extension], narrow: Value) -> &[Extension] {
    let start = extensions.partition_point(|extension| extension.narrow < narrow);
    let count = extensions[start..].partition_point(|extension| extension.narrow == narrow);
    &extensions[start..start + count]
}
