//! Control frames: the state of a Wasm block while its body is translated.

use cranelift_codegen::ir::{Block, Value};
use wasmparser::Catch;

/// A control frame.
pub struct Frame {
    pub kind: Kind,
    /// The number of operands below the frame's parameters.
    pub height: usize,
    pub results: usize,
    /// The number of frames with exception handlers that are active outside this frame, and inside it.
    pub handlers_outside: usize,
    pub handlers_inside: usize,
}

pub enum Kind {
    /// Branches go to the end. `reached`: whether any branch does.
    Block {
        end: Block,
        reached: bool,
    },
    /// Branches go to the start, with `params` operands.
    Loop {
        header: Block,
        params: usize,
    },
    /// Like `Block`, until `else` is seen; then `Block`. `params`: the operands at its start.
    If {
        end: Block,
        otherwise: Block,
        params: Vec<Value>,
        reached: bool,
    },
    /// Like `Block`. `catches`: its clauses, with the blocks where their code starts.
    TryTable {
        end: Block,
        reached: bool,
        catches: Vec<(Catch, Block)>,
    },
    LegacyTry(LegacyTry),
    /// Opened in code that can't be reached.
    Dead,
}

impl Frame {
    /// The frame of a function's body.
    pub fn body(exit: Block, results: usize) -> Frame {
        let kind = Kind::Block { end: exit, reached: false };
        Frame { kind, height: 0, results, handlers_outside: 0, handlers_inside: 0 }
    }
}

/// The part of a `try` that is being translated.
pub struct LegacyTry {
    pub end: Block,
    pub reached: bool,
    /// The landings of the clauses that are still to come.
    pub landings: std::vec::IntoIter<Block>,
    /// The exception that the current clause has caught.
    pub caught: Option<Value>,
}
