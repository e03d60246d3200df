//! How tables are laid out.
//!
//! A module says in some bytes how large a table is, so what is kept of it, here and in the executable, mustn't be in
//! proportion to that. A table with few elements for its size is *sparse*: in the executable it is zeroes that the file
//! doesn't have, and its elements are put there when the instance is instantiated.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::TableType;

use super::{FuncId, Program, TableId, TypeId, Types, Value};

/// Largest number of elements of a table, as in the JavaScript API's implementation limits.
pub const MAX_TABLE_ELEMENTS: u64 = 10_000_000;

/// Most elements that the tables of a program have together at first. They take 8 bytes of address space each.
pub const MAX_ALL_ELEMENTS: u64 = 40_000_000;

/// A table isn't sparse as long as it is no more than so many times as large as what segments put into it,
const DENSE: u64 = 4;

/// and as many elements more: of all tables of a program together.
pub const FREE_ELEMENTS: u64 = 4096;

/// Per-signature arrays are used while they take at most this many bytes for one table.
const MAX_ARRAY_BYTES: u64 = 64 << 10;

pub struct TablePlan {
    pub ty: TableType,
    /// The initial elements, references, but for those that are `fill`.
    elements: Elements,
    /// Value of all other elements.
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

enum Elements {
    /// Those from 0 on.
    Dense(Vec<Value>),
    /// By their indices.
    Sparse(BTreeMap<u64, Value>),
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
    /// `used`: elements that the module's segments put into the table, or more. `free`: how many more a table may have
    /// without being sparse; what it takes of them is subtracted.
    pub fn new(ty: TableType, fill: Value, limit: u64, used: u64, free: &mut u64) -> TablePlan {
        let elements = match free.checked_sub(ty.initial.saturating_sub(used.saturating_mul(DENSE))) {
            Some(left) => {
                *free = left;
                Elements::Dense(Vec::new())
            }
            None => Elements::Sparse(BTreeMap::new()),
        };
        TablePlan {
            ty,
            elements,
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

    /// All initial elements, of a table that isn't sparse.
    pub fn dense(&self) -> impl Iterator<Item = Value> + '_ {
        let Elements::Dense(elements) = &self.elements else {
            unreachable!("sparse tables have another layout")
        };
        let rest = self.size() as usize - elements.len();
        elements.iter().copied().chain(std::iter::repeat_n(self.fill, rest))
    }

    /// The initial elements of a sparse table, with their indices, but for those that are `fill`.
    pub fn sparse(&self) -> Option<&BTreeMap<u64, Value>> {
        match &self.elements {
            Elements::Dense(_) => None,
            Elements::Sparse(elements) => Some(elements),
        }
    }

    /// Sets initial elements. The range is in bounds.
    pub fn set(&mut self, offset: u64, values: &[Value]) {
        match &mut self.elements {
            _ if values.is_empty() => {}
            Elements::Dense(elements) => {
                let offset = offset as usize;
                if elements.len() < offset + values.len() {
                    elements.resize(offset + values.len(), self.fill);
                }
                elements[offset..offset + values.len()].copy_from_slice(values);
            }
            Elements::Sparse(elements) => elements.extend((offset..).zip(values.iter().copied())),
        }
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
        let (dense, sparse) = match &self.elements {
            Elements::Dense(elements) => (elements.as_slice(), None),
            Elements::Sparse(elements) => (&[][..], Some(elements.values())),
        };
        let elements = dense.iter().chain(sparse.into_iter().flatten());
        elements.chain(std::iter::once(&self.fill)).filter_map(|value| match value {
            Value::Func(func) => Some(*func),
            _ => None,
        })
    }

    /// Are the elements seen as references, by the program or by what fills the table?
    pub fn holds_references(&self) -> bool {
        self.read || self.written || self.sparse().is_some()
    }

    fn choose_layout(&self, types: &Types) -> TableLayout {
        if self.holds_references() || !types.is_function_reference(self.ty.element_type) {
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
