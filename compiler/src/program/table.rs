//! Tables: their types and what they hold at first.
//!
//! A module says in some bytes how large a table is, so what is kept of it, here and in the executable, mustn't be in
//! proportion to that. A table with few elements for its size is *sparse*: in the executable it is zeroes that the file
//! doesn't have, and its elements are put there when the instance is instantiated.

use std::collections::BTreeMap;

use wasmparser::TableType;

use super::entity::FuncId;
use super::value::Value;

/// Largest number of elements of a table, as in the JavaScript API's implementation limits.
pub const MAX_TABLE_ELEMENTS: u64 = 10_000_000;

/// Most elements that the tables of a program have together at first. They take 8 bytes of address space each.
pub const MAX_ALL_ELEMENTS: u64 = 40_000_000;

/// A table isn't sparse as long as it is at most this many times as large as what segments put into it,
const DENSE: u64 = 4;

/// and as many elements more: of all tables of a program together.
pub const FREE_ELEMENTS: u64 = 4096;

pub struct TablePlan {
    pub ty: TableType,
    /// The initial elements, references, but for those that are `fill`.
    elements: Elements,
    /// Value of all other elements.
    pub fill: Value,
    /// Most elements that it may have, whatever its type says.
    limit: u64,
}

enum Elements {
    /// Those from 0 on.
    Dense(Vec<Value>),
    /// By their indices.
    Sparse(BTreeMap<u64, Value>),
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
        TablePlan { ty, elements, fill, limit }
    }

    /// Initial number of elements.
    pub fn size(&self) -> u64 {
        self.ty.initial
    }

    /// All initial elements, of a table that isn't sparse.
    pub fn dense(&self) -> impl Iterator<Item = Value> + '_ {
        let Elements::Dense(elements) = &self.elements else {
            unreachable!("validated by its callers: it isn't sparse")
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
}
