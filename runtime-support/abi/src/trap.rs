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
//! `TrapTable::messages` has the messages of the traps in the table and of those that can end any program; a
//! function of the runtime that traps brings its own. So a program contains only messages that it may print:
//!
//! ```text
//! messages:
//!     code: u8        a `Trap`; 0 at the end
//!     length: u8      of the text
//!     text            UTF-8
//! ```

/// Defines [`Trap`] and everything known about each trap. A row has the code, the message, and a comment on what
/// the trap is where the message doesn't say it. The codes are 1, 2, 3 and so on.
macro_rules! traps {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $message:literal;)*) => {
        /// Why a Wasm program was stopped. The discriminants are stored in trap tables and are the
        /// (non-zero) user trap codes that the compiler gives to Cranelift.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Trap {
            $($(#[doc = $doc])* $name = $code,)*
        }

        impl Trap {
            /// Every trap, in the order of the discriminants, which are 1..=len.
            pub const ALL: [Trap; [$($code),*].len()] = [$(Trap::$name),*];

            /// The words of the specification's test suite for this trap.
            #[inline(always)]
            pub const fn message(self) -> &'static str {
                match self {
                    $(Trap::$name => $message,)*
                }
            }
        }
    };
}

traps! {
    Unreachable = 1, "unreachable";
    MemoryOutOfBounds = 2, "out of bounds memory access";
    TableOutOfBounds = 3, "out of bounds table access";
    /// `call_indirect` with an index beyond the table.
    UndefinedElement = 4, "undefined element";
    /// `call_indirect` through a null element.
    UninitializedElement = 5, "uninitialized element";
    IndirectCallTypeMismatch = 6, "indirect call type mismatch";
    IntegerOverflow = 7, "integer overflow";
    IntegerDivideByZero = 8, "integer divide by zero";
    InvalidConversionToInteger = 9, "invalid conversion to integer";
    CallStackExhausted = 10, "call stack exhausted";
    /// A call of an import that nothing provides (`--trap-unknown-imports`).
    UnknownImport = 11, "call of an import that nothing provides";
    /// `ref.as_non_null` of null.
    NullReference = 12, "null reference";
    /// An atomic access at an address that isn't a multiple of its width.
    UnalignedAtomic = 13, "unaligned atomic";
    /// `memory.atomic.wait` on a memory that isn't shared.
    ExpectedSharedMemory = 14, "expected shared memory";
    NullExceptionReference = 15, "null exception reference";
    /// An exception that nothing catches.
    UncaughtException = 16, "uncaught exception";
    /// `call_ref` of null.
    NullFunctionReference = 17, "null function reference";
    /// A pointer passed to the host that isn't a multiple of its type's alignment.
    UnalignedPointer = 18, "unaligned pointer";
    /// `--timeout`.
    Timeout = 19, "timeout";
    /// `--fuel`.
    OutOfFuel = 20, "out of fuel";
    /// `memory.grow` beyond `--max-memory`.
    MemoryLimit = 21, "memory limit reached";
    /// `table.grow` beyond `--max-table`.
    TableLimit = 22, "table limit reached";
    NullStructure = 23, "null structure reference";
    NullArray = 24, "null array reference";
    NullI31 = 25, "null i31 reference";
    ArrayOutOfBounds = 26, "out of bounds array access";
    CastFailure = 27, "cast failure";
    /// The garbage-collected heap has reached its maximum size.
    HeapExhausted = 28, "garbage-collected heap exhausted";
    // Violations of the canonical ABI.
    /// A call out of a component instance while it lowers or allocates.
    CannotLeave = 29, "cannot leave component instance";
    /// A call into a component instance that is being called from there.
    CannotEnter = 30, "cannot enter component instance";
    UnknownHandle = 31, "unknown handle index";
    /// A handle of another type of resource.
    WrongHandleType = 32, "handle index used with the wrong type";
    /// A borrowed handle where an owned one is needed.
    NotOwned = 33, "cannot transfer a borrowed resource";
    /// An owned resource that is dropped or passed on while others borrow it.
    ResourceLent = 34, "cannot remove owned resource while borrowed";
    /// A call that returns before it has dropped the handles that it borrows.
    BorrowsRemain = 35, "borrow handles still remain at the end of the call";
    /// A resource of the host that others depend on: a stream whose pollable is still there.
    ResourceHasChildren = 36, "resource has children";
    /// More handles than a table may have.
    TooManyHandles = 37, "too many handles";
    StringOutOfBounds = 38, "string content out-of-bounds";
    ListOutOfBounds = 39, "list content out-of-bounds";
    /// What `realloc` returned is outside the memory.
    ReallocOutOfBounds = 40, "realloc returned memory out-of-bounds";
    UnalignedRealloc = 41, "realloc returned an unaligned pointer";
    InvalidUtf8 = 42, "invalid utf-8 encoding";
    InvalidUtf16 = 43, "invalid utf-16 encoding";
    InvalidChar = 44, "invalid `char` bit pattern";
    InvalidDiscriminant = 45, "invalid variant discriminant";
    /// A function of the host that isn't there yet: `wasi:http`.
    UnsupportedImport = 46, "call of an import that isn't supported yet";
    /// `wasi:io/poll.poll` without a pollable.
    EmptyPoll = 47, "poll of an empty list";
    /// More than the host lets a component write to a stream at once.
    WriteTooLarge = 48, "write of more than the stream permits";
    // Those of asynchronous components.
    /// Tasks wait, and nothing can happen any more.
    Deadlock = 49, "deadlock detected: event loop cannot make further progress";
    /// A synchronous function that waits before it returns.
    CannotBlock = 50, "cannot block a synchronous task before returning";
    /// A task that ends before `task.return` or `task.cancel`.
    NoResult = 51, "async-lifted export failed to produce a result";
    ReturnedTwice = 52, "`task.return` or `task.cancel` called more than once for current task";
    /// `task.return` with other types or options than those with which the function is lifted.
    InvalidTaskReturn = 53, "invalid `task.return` signature and/or options for current task";
    NotCancelled = 54, "`task.cancel` called by task which has not been cancelled";
    BackpressureOverflow = 55, "backpressure counter overflow";
    InvalidCallbackCode = 56, "unsupported callback code";
    SetHasWaiters = 57, "cannot drop waitable set with waiters";
    SetHasWaitables = 58, "cannot drop waitable set with waitables in it";
    SubtaskNotResolved = 59, "cannot drop a subtask which has not yet resolved";
    CancelledTwice = 60, "`subtask.cancel` called after terminal status delivered";
    /// A synchronous built-in on a waitable that is in a set.
    WaitableInSet = 61, "waitable cannot be used synchronously while added to a waitable set";
    /// A copy at an end at which another hasn't ended, or after which there is none, or the cancellation of none.
    BusyEnd = 62, "cannot have concurrent operations active on a future/stream";
    /// After the other end has been dropped, or a future has been read or written.
    EndIsDone = 63, "cannot use a stream or future that is done";
    NoCopy = 64, "cannot cancel a copy of a stream or future that has none";
    CopyTooLong = 65, "stream read/write count too large";
    DropBeforeWrite = 66, "cannot drop future write end without first writing a value";
    EndInSet = 67, "cannot lift a stream or future that is in a waitable set";
    /// Within one instance, the canonical ABI lets only numbers be copied.
    NotNumbers = 68, "cannot read from and write to intra-component future/stream with non-numeric payload";
    /// Between instances, what can't be copied as it is. Components that can do so aren't built.
    UnsupportedElements = 69, "copying values of this type between components isn't supported yet";
}

// `Trap::from_code` counts on it.
const _: () = {
    let mut index = 0;
    while index < Trap::ALL.len() {
        assert!(Trap::ALL[index] as usize == index + 1, "the codes of traps have no gaps");
        index += 1;
    }
};

impl Trap {
    /// The trap with this discriminant, if there is one.
    pub fn from_code(code: u8) -> Option<Trap> {
        Self::ALL.get((code as usize).wrapping_sub(1)).copied()
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
/// `messages` was encoded by [`encode_messages`].
pub unsafe fn find_message(mut messages: *const u8, trap: Trap) -> &'static [u8] {
    // SAFETY: the code at the end is 0; before that, each code is followed by the length of its text and the
    // text.
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
