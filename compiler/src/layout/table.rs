//! The representation of tables in memory.

use cranelift_entity::SecondaryMap;

use crate::facts::Facts;
use crate::program::{Program, TableId};

/// Per-signature arrays are used if they take at most this many bytes for one table.
const MAX_ARRAY_BYTES: u64 = 64 << 10;

/// The signature of null entries in `Symbol::TablePairs`: no real signature has this number.
pub const NULL_SIGNATURE: u32 = u32::MAX;

/// The representation of a table in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableLayout {
    /// Never written, called only. For each signature that calls use there is an array of code
    /// pointers, in which the elements that have another signature, or are null, point at code
    /// that traps. A call is a bounds check, a load and a jump.
    CodeArrays,
    /// Never written, called only: an array of {code, signature} pairs. A call compares the
    /// signature.
    Pairs,
    /// A `wasm_aot_abi::layout::Table` of references.
    #[default]
    References,
}

/// The layout of every table, which depends on how it is used.
pub fn lay_out(program: &Program<'_>, facts: &Facts) -> SecondaryMap<TableId, TableLayout> {
    let mut layouts = SecondaryMap::new();
    for (table, plan) in &program.tables {
        let facts = facts.table(table);
        let called = facts.called.len() as u64;
        layouts[table] =
            if facts.holds_references(plan) || !program.types.is_function_reference(plan.ty.element_type) {
                TableLayout::References
            } else if plan.size() * 8 * called <= MAX_ARRAY_BYTES {
                TableLayout::CodeArrays
            } else {
                TableLayout::Pairs
            };
    }
    layouts
}
