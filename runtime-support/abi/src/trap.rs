//! Trap codes and the trap table.
//!
//! Section `.wasm_aot.traps` holds one entry for each instruction of Wasm code that traps on
//! purpose (`ud2`, `udf`, a hardware division), sorted by offset:
//!
//! ```text
//! offsets: [u32; n]   byte offset of the instruction from `ProgramInfo::text_start`
//! codes:   [u8; n]    a `Trap`
//! ```
//!
//! Loads and stores of linear memory have no entry: a fault whose address lies in a memory's
//! reservation, raised by an instruction in Wasm code, is `Trap::MemoryOutOfBounds`.
//!
//! `TrapTable::messages` has the words for the traps of the table and for those that any program may
//! end by; a function of the runtime that traps brings its own. So a program has no words that it
//! can't say:
//!
//! ```text
//! messages:
//!     code: u8        a `Trap`; 0 at the end
//!     length: u8      of the text
//!     text            UTF-8
//! ```

/// Why a Wasm program was stopped. The discriminants are stored in trap tables and are the
/// (non-zero) user trap codes that the compiler gives to Cranelift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Trap {
    Unreachable = 1,
    MemoryOutOfBounds = 2,
    TableOutOfBounds = 3,
    /// `call_indirect` with an index beyond the table.
    UndefinedElement = 4,
    /// `call_indirect` through a null element.
    UninitializedElement = 5,
    IndirectCallTypeMismatch = 6,
    IntegerOverflow = 7,
    IntegerDivideByZero = 8,
    InvalidConversionToInteger = 9,
    CallStackExhausted = 10,
    /// A call of an import that nothing provides (`--trap-unknown-imports`).
    UnknownImport = 11,
    /// `ref.as_non_null` of null.
    NullReference = 12,
    /// An atomic access at an address that isn't a multiple of its width.
    UnalignedAtomic = 13,
    /// `memory.atomic.wait` on a memory that isn't shared.
    ExpectedSharedMemory = 14,
    NullExceptionReference = 15,
    /// An exception that nothing catches.
    UncaughtException = 16,
    /// `call_ref` of null.
    NullFunctionReference = 17,
    /// A pointer passed to the host that isn't a multiple of its type's alignment.
    UnalignedPointer = 18,
    /// `--timeout`.
    Timeout = 19,
    /// `--fuel`.
    OutOfFuel = 20,
    /// `memory.grow` beyond `--max-memory`.
    MemoryLimit = 21,
    /// `table.grow` beyond `--max-table`.
    TableLimit = 22,
    NullStructure = 23,
    NullArray = 24,
    NullI31 = 25,
    ArrayOutOfBounds = 26,
    CastFailure = 27,
    /// All that the heap of objects may take is in use.
    HeapExhausted = 28,
}

impl Trap {
    /// Every trap, in the order of the discriminants, which are 1..=len.
    pub const ALL: [Trap; 28] = [
        Trap::Unreachable,
        Trap::MemoryOutOfBounds,
        Trap::TableOutOfBounds,
        Trap::UndefinedElement,
        Trap::UninitializedElement,
        Trap::IndirectCallTypeMismatch,
        Trap::IntegerOverflow,
        Trap::IntegerDivideByZero,
        Trap::InvalidConversionToInteger,
        Trap::CallStackExhausted,
        Trap::UnknownImport,
        Trap::NullReference,
        Trap::UnalignedAtomic,
        Trap::ExpectedSharedMemory,
        Trap::NullExceptionReference,
        Trap::UncaughtException,
        Trap::NullFunctionReference,
        Trap::UnalignedPointer,
        Trap::Timeout,
        Trap::OutOfFuel,
        Trap::MemoryLimit,
        Trap::TableLimit,
        Trap::NullStructure,
        Trap::NullArray,
        Trap::NullI31,
        Trap::ArrayOutOfBounds,
        Trap::CastFailure,
        Trap::HeapExhausted,
    ];

    /// The trap with this discriminant, if there is one.
    pub fn from_code(code: u8) -> Option<Trap> {
        Self::ALL.get((code as usize).wrapping_sub(1)).copied()
    }

    /// The words of the specification's test suite for this trap.
    #[inline(always)]
    pub fn message(self) -> &'static str {
        match self {
            Trap::Unreachable => "unreachable",
            Trap::MemoryOutOfBounds => "out of bounds memory access",
            Trap::TableOutOfBounds => "out of bounds table access",
            Trap::UndefinedElement => "undefined element",
            Trap::UninitializedElement => "uninitialized element",
            Trap::IndirectCallTypeMismatch => "indirect call type mismatch",
            Trap::IntegerOverflow => "integer overflow",
            Trap::IntegerDivideByZero => "integer divide by zero",
            Trap::InvalidConversionToInteger => "invalid conversion to integer",
            Trap::CallStackExhausted => "call stack exhausted",
            Trap::UnknownImport => "call of an import that nothing provides",
            Trap::NullReference => "null reference",
            Trap::UnalignedAtomic => "unaligned atomic",
            Trap::ExpectedSharedMemory => "expected shared memory",
            Trap::NullFunctionReference => "null function reference",
            Trap::NullExceptionReference => "null exception reference",
            Trap::UnalignedPointer => "unaligned pointer",
            Trap::UncaughtException => "uncaught exception",
            Trap::Timeout => "timeout",
            Trap::OutOfFuel => "out of fuel",
            Trap::MemoryLimit => "memory limit reached",
            Trap::TableLimit => "table limit reached",
            Trap::NullStructure => "null structure reference",
            Trap::NullArray => "null array reference",
            Trap::NullI31 => "null i31 reference",
            Trap::ArrayOutOfBounds => "out of bounds array access",
            Trap::CastFailure => "cast failure",
            Trap::HeapExhausted => "garbage-collected heap exhausted",
        }
    }
}

/// The exit code of a program that ended by a trap: 128 + SIGABRT, as a shell shows `abort()`.
pub const TRAP_EXIT_CODE: i32 = 134;

/// Looks `offset` up in a trap table.
pub fn lookup(offsets: &[u32], codes: &[u8], offset: u32) -> Option<Trap> {
    let index = offsets.binary_search(&offset).ok()?;
    Trap::from_code(*codes.get(index)?)
}

/// Encodes the messages of these traps.
pub fn encode_messages(traps: impl IntoIterator<Item = Trap>, mut write: impl FnMut(&[u8])) {
    for trap in traps {
        let text = trap.message().as_bytes();
        write(&[trap as u8, text.len() as u8]);
        write(text);
    }
    write(&[0]);
}

/// The message of a trap; empty if it isn't among them.
///
/// # Safety
/// `messages` was encoded so.
pub unsafe fn find_message(mut messages: *const u8, trap: Trap) -> &'static [u8] {
    // SAFETY: the code at the end is 0; before that, a code has its length behind it and then its text.
    unsafe {
        while *messages != 0 {
            let text = core::slice::from_raw_parts(messages.add(2), *messages.add(1) as usize);
            if *messages == trap as u8 {
                return text;
            }
            messages = text.as_ptr().add(text.len());
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    #[test]
    fn messages_are_found() {
        let mut bytes = Vec::new();
        encode_messages(Trap::ALL, |part| bytes.extend_from_slice(part));
        let bytes = bytes.leak();
        for trap in Trap::ALL {
            // SAFETY: just encoded.
            assert_eq!(unsafe { find_message(bytes.as_ptr(), trap) }, trap.message().as_bytes());
        }
        // SAFETY: these are no messages, and the end.
        assert_eq!(unsafe { find_message([0].as_ptr(), Trap::Timeout) }, b"");
    }

    #[test]
    fn codes_round_trip() {
        for trap in Trap::ALL {
            assert_eq!(Trap::from_code(trap as u8), Some(trap));
        }
        assert_eq!(Trap::from_code(0), None);
        assert_eq!(Trap::from_code(Trap::ALL.len() as u8 + 1), None);
    }

    #[test]
    fn lookup_is_exact() {
        let offsets = [4, 10, 12];
        let codes = [1, 2, 9];
        assert_eq!(lookup(&offsets, &codes, 10), Some(Trap::MemoryOutOfBounds));
        assert_eq!(lookup(&offsets, &codes, 11), None);
    }
}
