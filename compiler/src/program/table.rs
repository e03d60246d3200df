//! Tables: their types and their initial contents.
//!
//! A module declares the size of a table in a few bytes, so what is stored for it, here and in the executable, mustn't
//! be proportional to that size. A table with few elements for its size is *sparse*: in the executable it is zeroes
//! that take no space in the file, and its elements are put there when the instance is instantiated.

use std::collections::BTreeMap;

use wasmparser::TableType;

use super::entity::FuncId;
use super::value::Value;

/// The maximum number of elements of a table, as in the JavaScript API's implementation limits.
pub const MAX_TABLE_ELEMENTS: u64 = 10_000_000;

/// The maximum total number of initial elements of a program's tables. Each takes 8 bytes of address space.
pub const MAX_ALL_ELEMENTS: u64 = 40_000_000;

/// A table isn't sparse if its size is at most this many times the number of elements that segments put into
/// it,
const DENSE: u64 = 4;

/// plus this many elements, in total for all tables of a program.
pub const FREE_ELEMENTS: u64 = 4096;

pub struct TablePlan {
    pub ty: TableType,
    /// The initial elements (references), except for those that are `fill`.
    elements: Elements,
    /// The value of all other elements.
    pub fill: Value,
    /// The maximum number of elements, whatever its type says.
    limit: u64,
}

enum Elements {
    /// The elements from 0 on.
    Dense(Vec<Value>),
    /// The elements, by index.
    Sparse(BTreeMap<u64, Value>),
}

impl TablePlan {
    /// `used`: at least the number of elements that the module's segments put into the table. `free`: how many more
    /// elements a table may have without being sparse; those that it uses are subtracted.
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

    /// The initial number of elements.
    pub fn size(&self) -> u64 {
        self.ty.initial
    }

    /// All initial elements of a table that isn't sparse.
    pub fn dense(&self) -> impl Iterator<Item = Value> + '_ {
        let Elements::Dense(elements) = &self.elements else {
            unreachable!("validated by its callers: it isn't sparse")
        };
        let rest = self.size() as usize - elements.len();
        elements.iter().copied().chain(std::iter::repeat_n(self.fill, rest))
    }

    /// The initial elements of a sparse table with their indices, except for those that are `fill`.
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

    /// Gives the table these elements, and no others.
    pub fn replace(&mut self, elements: &[Value]) {
        let used = elements.iter().filter(|value| **value != Value::Null).count() as u64;
        self.ty.initial = elements.len() as u64;
        self.fill = Value::Null;
        self.elements = if self.size() <= used.saturating_mul(DENSE).saturating_add(FREE_ELEMENTS) {
            Elements::Dense(elements.to_vec())
        } else {
            let used = (0..).zip(elements.iter().copied()).filter(|(_, value)| *value != Value::Null);
            Elements::Sparse(used.collect())
        };
    }

    /// Whether elements are put into it when it is instantiated, which are known.
    pub fn is_filled_at_start(&self) -> bool {
        let has_elements = |elements: &BTreeMap<u64, Value>| !elements.is_empty() || self.fill != Value::Null;
        self.fill != Value::Late && self.sparse().is_some_and(has_elements)
    }

    /// Makes the table at least this large.
    pub fn enlarge(&mut self, elements: u64) {
        self.ty.initial = self.ty.initial.max(elements);
        self.ty.maximum = self.ty.maximum.map(|maximum| maximum.max(elements));
    }

    pub fn maximum(&self) -> u64 {
        self.type_maximum().min(self.limit)
    }

    /// The maximum sizes, if `--max-table` and the type allow different ones.
    pub fn limits(&self) -> Option<[u64; 2]> {
        let limits = [self.maximum(), self.type_maximum()];
        (self.limit < MAX_TABLE_ELEMENTS && limits[0] < limits[1]).then_some(limits)
    }

    /// The maximum number of elements that the type allows.
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
