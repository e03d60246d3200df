//! What is known of values: which ones something has where, and what happens to a local.

use std::collections::HashMap;
use std::ops::Range;

use cranelift_codegen::ir::{Block, Value};

/// Something that has values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Local(u32),
    /// By its distance from the bottom of the stack.
    Operand(u32),
    /// The initial value of a parameter, by its local.
    Entry(u32),
    /// The address of the state of a library's instance.
    State,
}

/// What has a value before each of these operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub subject: Subject,
    /// Offsets in the module.
    pub offsets: Range<u32>,
    pub value: Value,
}

/// What is known of a local.
#[derive(Default)]
pub struct History {
    /// The block, the offset of the operator and the value, for each that sets it.
    pub sets: Vec<(Block, u32, Value)>,
    /// Its value at the start of blocks in which it is read first.
    pub reads: HashMap<Block, Value>,
}
