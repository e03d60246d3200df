//! What a program has whose state becomes the initial state of another one (`--preinit`): it runs on the build host, and
//! writes its state to a file once its initialiser has returned. The compiler reads the file, and trusts nothing in it.
//!
//! The file is a sequence of words of 64 bits in the host's byte order, and of bytes:
//!
//! ```text
//! MAGIC
//! descriptor     the first one that isn't what it was at start, and 1 more; 0 if there is none
//! is_open        1 if it is one that has been opened, or replaced; 0 if it has been closed
//! functions      their number; for each its number and its reference
//! globals        the number of words; the words
//! lengths        the number of segments that can be dropped; their lengths
//! tables         their number; for each its number, its size, its elements
//! memories       their number; for each its size in bytes, and runs: an offset, a length, bytes. A length of 0 ends them
//! MAGIC
//! ```

use crate::layout::{FuncRef, Table, Words};
use crate::shared::shared;

/// The first and the last word of the file.
pub const MAGIC: u64 = u64::from_be_bytes(*b"preinit1");

/// Memories are written in units of this many bytes: one that is all zeroes isn't written.
pub const UNIT: u64 = 4096;

shared! {
    /// It has the symbol [`crate::symbols::PREINIT`].
    pub struct Preinit<P> {
        /// Runs the initialiser.
        pub main: P::Code<extern "C" fn()>,
        /// The path of the file, which exists; with a NUL at its end.
        pub path: P::Const<u8>,
        /// The functions to which there may be references.
        pub functions: P::Const<Function<P>>,
        pub function_count: u64,
        /// The written globals.
        pub globals: Words<P>,
        /// The lengths of the segments that can be dropped.
        pub lengths: Words<P>,
        /// The written tables.
        pub tables: P::Const<NumberedTable<P>>,
        pub table_count: u64,
    }

    /// A function, by the compiler's number.
    pub struct Function<P> {
        pub number: u64,
        pub reference: P::Const<FuncRef<P>>,
    }

    /// A table, by the compiler's number.
    pub struct NumberedTable<P> {
        pub number: u64,
        pub table: P::Const<Table<P>>,
    }
}
