//! Exceptions and the table by which their handlers are found.
//!
//! A call that may throw into its own function has an entry in the table, sorted by the offset of its
//! return address; see [`CallSite`] and [`Clause`].
//!
//! A second table says where each function saves its callee-saved registers, so that they can be restored when
//! an exception leaves the function: an array of words, of which the first are, for each function in the order
//! of `ProgramInfo::functions`, the index of its list in the same array. A list is its length and then that
//! many [`SavedRegister`]s. Functions that save the same registers in the same places share a list.

use core::mem::offset_of;

use crate::layout::Words;
use crate::shared::shared;

shared! {
    /// What the runtime must know to find handlers.
    pub struct ExceptionTables<P> {
        /// Calls whose exceptions are handled: `call_site_count` of them, and one more, whose `first_clause` is the
        /// total number of clauses.
        pub call_sites: P::Const<CallSite>,
        pub clauses: P::Const<ClauseEntry>,
        pub call_site_count: u64,
        /// Where functions save registers; null if there is no call site.
        pub saved_registers: P::Const<u32>,
        /// Where references of exceptions are kept besides the stack. A `Table` starts like `Words`.
        pub roots: P::Const<P::Const<Words<P>>>,
        pub root_count: u64,
    }
}

/// The head of an exception; the values that it carries follow, each at a multiple of its size, at
/// least 8 bytes apart.
#[repr(C, align(16))]
pub struct Exception {
    /// The header that makes it an object in a program that has objects, see [`crate::gc`].
    pub header: u32,
    /// The program-wide number of its tag.
    pub tag: u32,
    /// Size of the whole exception in bytes, this head included: a multiple of `ALIGNMENT`.
    pub size: u64,
}

impl Exception {
    pub const HEADER: i32 = offset_of!(Exception, header) as i32;
    pub const TAG: i32 = offset_of!(Exception, tag) as i32;
    pub const SIZE: i32 = offset_of!(Exception, size) as i32;
    /// Offset of the first value.
    pub const VALUES: i32 = 16;
    pub const ALIGNMENT: u32 = 16;
}

shared! {
    /// A call inside a `try_table` or `try`.
    #[derive(Clone, Copy)]
    pub struct CallSite {
        /// Offset of the return address from `ProgramInfo::text_start`.
        pub return_offset: u32,
        /// Bytes from the stack pointer, as it is during the call, up to the frame pointer.
        pub frame_bytes: u32,
        /// Index of its first clause; its clauses end at the first clause of the next call site.
        pub first_clause: u32,
    }

    /// A clause in the table.
    #[derive(Clone, Copy)]
    pub struct ClauseEntry {
        /// An encoded [`Clause`].
        pub clause: u32,
        /// Offset of its code from `ProgramInfo::text_start`. It takes the address of the exception in the first
        /// of the registers that Cranelift passes the payload of an exception in.
        pub landing_offset: u32,
    }
}

/// What a clause catches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Number of the tag; none for a clause that catches every exception.
    pub tag: Option<u32>,
    /// The code keeps a reference to the exception: it must be in the heap.
    pub keep: bool,
}

impl Clause {
    /// Stands in for a tag. No clause is encoded as `u32::MAX`, which Cranelift reserves.
    const ALL: u32 = (u32::MAX >> 1) - 1;

    pub const fn encode(self) -> u32 {
        let tag = match self.tag {
            Some(tag) => tag,
            None => Self::ALL,
        };
        tag << 1 | self.keep as u32
    }

    pub const fn decode(encoded: u32) -> Clause {
        let tag = encoded >> 1;
        Clause { tag: if tag == Self::ALL { None } else { Some(tag) }, keep: encoded & 1 != 0 }
    }
}

/// Contents of the callee-saved registers, each indexed by its number. The entries of other registers have no
/// meaning.
#[repr(C, align(16))]
pub struct Registers(pub [u64; Registers::COUNT]);

impl Registers {
    pub const COUNT: usize = 64;
    /// The index of float register 0. Integer register 0 has index 0.
    pub const FLOATS: u8 = 32;
}

/// Where a function saves a callee-saved register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SavedRegister {
    /// Its index in [`Registers`].
    pub place: u8,
    /// Where it is saved, in words of 8 bytes from the frame pointer.
    pub word: i32,
}

impl SavedRegister {
    pub const fn encode(self) -> u32 {
        (self.word << 8) as u32 | self.place as u32
    }

    pub const fn decode(encoded: u32) -> SavedRegister {
        SavedRegister { place: encoded as u8, word: encoded as i32 >> 8 }
    }
}

const _: () = assert!(size_of::<Exception>() == Exception::VALUES as usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_registers_round_trip() {
        for saved in [
            SavedRegister { place: 3, word: -2 },
            SavedRegister { place: Registers::FLOATS + 31, word: -70_000 },
            SavedRegister { place: 6, word: 6 },
        ] {
            assert_eq!(SavedRegister::decode(saved.encode()), saved);
        }
    }

    #[test]
    fn clauses_round_trip() {
        for tag in [None, Some(0), Some(77)] {
            for keep in [false, true] {
                let clause = Clause { tag, keep };
                assert_eq!(Clause::decode(clause.encode()), clause);
                assert_ne!(clause.encode(), u32::MAX);
            }
        }
    }
}
