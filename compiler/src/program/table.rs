//! How tables are laid out.

use std::collections::BTreeSet;

use wasmparser::TableType;

use super::{FuncId, Program, TableId, TypeId, Types, Value};

/// Largest number of elements of a table, as in the JavaScript API's implementation limits.
pub const MAX_TABLE_ELEMENTS: u64 = 10_000_000;

/// Per-signature arrays are used while they take at most this many bytes for one table.
const MAX_ARRAY_BYTES: u64 = 64 << 10;

pub struct TablePlan {
    pub ty: TableType,
    /// Initial elements: references. All of them are `fill` if it is empty.
    pub elements: Vec<Value>,
    /// Value of the elements that `elements` doesn't reach.
    pub fill: Value,
    pub layout: TableLayout,
    /// Signatures with which reachable code calls through the table.
    pub called: BTreeSet<TypeId>,
    /// Reachable code takes elements as values.
    pub read: bool,
    /// Reachable code changes elements or the size.
    pub written: bool,
    /// Most elements that it may have, whatever its type says.
    limit: u64,
}

/// What a table is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableLayout {
    /// Never written, called only. For each signature that calls use there is an array of code
    /// pointers, in which the elements that have another signature, or are null, point at code
    /// that traps. A call is a bounds check, a load and a jump.
    CodeArrays,
    /// Never written, called only: an array of {code, signature} pairs. A call compares the
    /// signature.
    Pairs,
    /// A `wasm_aot_abi::layout::Table` of references.
    References,
}

impl TablePlan {
    pub fn new(ty: TableType, fill: Value, limit: u64) -> TablePlan {
        TablePlan {
            ty,
            elements: Vec::new(),
            fill,
            layout: TableLayout::References,
            called: BTreeSet::new(),
            read: false,
            written: false,
            limit,
        }
    }

    /// Initial number of elements.
    pub fn size(&self) -> u64 {
        self.ty.initial
    }

    pub fn element(&self, index: usize) -> Value {
        self.elements.get(index).copied().unwrap_or(self.fill)
    }

    /// Sets initial elements. The range is in bounds.
    pub fn set(&mut self, offset: usize, values: &[Value]) {
        if self.elements.len() < offset + values.len() {
            self.elements.resize(offset + values.len(), self.fill);
        }
        self.elements[offset..offset + values.len()].copy_from_slice(values);
    }

    pub fn maximum(&self) -> u64 {
        self.type_maximum().min(self.limit)
    }

    /// The largest sizes, if `--max-table` and the type allow different ones.
    pub fn limits(&self) -> Option<[u64; 2]> {
        let limits = [self.maximum(), self.type_maximum()];
        (self.limit < MAX_TABLE_ELEMENTS && limits[0] < limits[1]).then_some(limits)
    }

    /// Most elements that the type allows.
    fn type_maximum(&self) -> u64 {
        let index = if self.ty.table64 { u64::MAX } else { u32::MAX.into() };
        self.ty.maximum.unwrap_or(index).min(index)
    }

    /// The functions among the initial elements.
    pub fn functions(&self) -> impl Iterator<Item = FuncId> + '_ {
        self.elements.iter().chain(std::iter::once(&self.fill)).filter_map(|value| match value {
            Value::Func(func) => Some(*func),
            _ => None,
        })
    }

    fn choose_layout(&self, types: &Types) -> TableLayout {
        if self.read || self.written || !types.is_function_reference(self.ty.element_type) {
            TableLayout::References
        } else if self.size() * 8 * (self.called.len() as u64) <= MAX_ARRAY_BYTES {
            TableLayout::CodeArrays
        } else {
            TableLayout::Pairs
        }
    }
}

/// Chooses the layout of every table, once it is known what is done with it.
pub fn choose_layouts(program: &mut Program<'_>) {
    let tables: Vec<TableId> = program.tables.keys().collect();
    for table in tables {
        let plan = &mut program.tables[table];
        plan.layout = plan.choose_layout(&program.types);
    }
}
