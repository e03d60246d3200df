//! Garbage collection: modules that make objects, and what keeps them from ending at once.
//!
//! Lengths and indices that wasm-smith makes up are mostly huge. An array that both sides can hold is as long as the low
//! bits of its length say ([`Bounds`]); in most modules it is also long enough for the indices of reads.

use wasm_smith::{Config, InstructionKind, InstructionKinds};
use wasmparser::Operator;

use super::random::Random;
use super::sections::signed_leb;

const I32_CONST: u8 = 0x41;
const I32_AND: u8 = 0x71;
const I32_OR: u8 = 0x72;

/// Makes wasm-smith generate modules with objects.
pub fn enable(config: &mut Config, random: &mut Random) -> Bounds {
    config.gc_enabled = true;
    config.max_types = config.min_types + random.below(20);
    // Many structures and arrays, and values to make them of.
    if random.below(4) != 0 {
        use InstructionKind::{Aggregate, Control, NumericInt, Parametric, Reference, Table, Variable};
        let kinds = [Aggregate, Control, NumericInt, Parametric, Reference, Table, Variable];
        config.allowed_instructions = InstructionKinds::new(&kinds);
    } else {
        config.allowed_instructions = InstructionKinds::all();
    }
    // Without traps there are no fields to read.
    config.disallow_traps = random.below(4) == 0;
    config.allow_start_export = false;
    config.max_type_size = *random.choose(&[50, 200, 1000]);
    Bounds { lengths: *random.choose(&[15, 15, 255, 4095, 65535]), indices: random.below(4) != 0 }
}

/// Keeps lengths and indices small.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// A mask for lengths.
    lengths: i32,
    /// Arrays have at least eight elements, and reads are of these.
    indices: bool,
}

impl Bounds {
    /// What to insert before an operator.
    pub fn before(self, operator: &Operator<'_>) -> Vec<u8> {
        let constant = |value, operator| [vec![I32_CONST], signed_leb(value), vec![operator]].concat();
        match operator {
            Operator::ArrayNew { .. } | Operator::ArrayNewDefault { .. } if self.indices => {
                [constant(self.lengths, I32_AND), constant(8, I32_OR)].concat()
            }
            Operator::ArrayNew { .. } | Operator::ArrayNewDefault { .. } => constant(self.lengths, I32_AND),
            Operator::ArrayGet { .. } | Operator::ArrayGetS { .. } | Operator::ArrayGetU { .. }
                if self.indices =>
            {
                constant(7, I32_AND)
            }
            _ => Vec::new(),
        }
    }
}
