//! Where the values that debug information names are in a function's code: see `translate::Labels`.

use std::ops::Range;

use crate::program::GlobalId;
use crate::translate::Subject;

/// The values of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// What each subject is before the operators at these offsets in the module; by subject, then by offset.
    pub known: Vec<(Subject, Range<u32>, Known)>,
    /// Where each root is.
    pub places: Places,
    /// Roots whose value a global has from the function's start to its end.
    pub globals: Vec<(u32, GlobalId)>,
    /// The globals that the function may change; none if they are unknown, since it calls others.
    pub written: Option<Vec<GlobalId>>,
    pub machine: Machine,
}

/// Where roots are, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// By root, then by the start of the range.
    all: Vec<Available>,
    /// Where the places of each root end in `all`.
    ends: Vec<u32>,
}

impl Places {
    /// `all`: each place with the number of its root; the lower ones come first.
    pub fn new(roots: usize, all: Vec<(u32, Available)>) -> Places {
        let mut ends = vec![0; roots];
        for (root, _) in &all {
            ends[*root as usize] += 1;
        }
        let mut end = 0;
        for count in &mut ends {
            end += *count;
            *count = end;
        }
        Places { all: all.into_iter().map(|(_, place)| place).collect(), ends }
    }

    /// The places of a root, ascending by the start of the range.
    pub fn of(&self, root: u32) -> &[Available] {
        let start =
            root.checked_sub(1).and_then(|before| self.ends.get(before as usize)).copied().unwrap_or(0);
        let end = self.ends.get(root as usize).copied().unwrap_or(start);
        &self.all[start as usize..end as usize]
    }
}

/// What expressions need to know of the architecture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// The number of the stack pointer in DWARF.
    pub stack_pointer: u16,
    pub big_endian: bool,
}

/// A value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub kind: Kind,
    pub formula: Formula,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    I32,
    I64,
    F32,
    F64,
    V128,
}

/// How a value is computed. Sums are those of the value's width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    Constant(u64),
    Sum { root: u32, addend: i64 },
}

/// A place that has the sum of a root and an addend. Of one of 32 bits, the lower half of the place counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Available {
    /// Offsets in the code.
    pub code: Range<u32>,
    pub at: At,
    pub addend: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// By its number in DWARF.
    Register(u16),
    /// The 8 bytes at this distance from a register, by its number in DWARF; without one, from the canonical frame address.
    Slot { base: Option<u16>, offset: i32 },
}
