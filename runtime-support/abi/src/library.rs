//! Libraries: what the compiler and the runtime agree on for Wasm code inside a native program.
//!
//! Everything that Wasm code writes (globals, descriptors of memories and tables, elements of tables, lengths of
//! segments) is one block, the *state* of an instance, which begins with an [`Instance`]. With one instance that is the symbol
//! [`STATE`], zeroes at first; of many, the runtime allocates each. [`LibraryInfo`] says what else there is to know.
//!
//! Compiled code calls Wasm functions from outside through [`ENTER`] alone, and stores [`Status::IMPORT`] in
//! [`Instance::STATUS`] before it calls a function of the embedder, and [`Status::WASM`] after it. It compares its stack
//! pointer with [`Instance::STACK_LIMIT`].

use core::mem::offset_of;
use core::sync::atomic::{AtomicU32, AtomicU64};

use crate::shared::shared;
use crate::trap::Trap;

/// What the runtime keeps at the start of each state. Addresses are 64 bits wide, wherever this is compiled.
#[repr(C, align(64))]
pub struct Instance {
    /// Who may enter without asking: the thread pointer of a thread, and one more than the number of its word in
    /// `inside`. 0: nobody.
    pub owner: AtomicU64,
    /// For each of the threads that may become `owner`: whether it is in the instance, or about to find out whether
    /// it may enter.
    pub inside: [AtomicU32; Instance::BIASED_THREADS],
    /// What a call does: a [`Status`].
    pub status: AtomicU32,
    /// A [`Life`].
    pub life: AtomicU32,
    /// The lowest address that the stack pointer of Wasm code may have.
    pub stack_limit: u64,
    /// The stack pointer in the frame of the innermost call of `ENTER`, where a trap resumes.
    pub catcher: u64,
    /// `LibraryInfo::stack_bytes`.
    pub stack_bytes: u64,
    /// Held by whoever changes `owner`, `holder` or `life`: its thread pointer, or 0.
    pub lock: AtomicU64,
    /// The thread pointer of the thread that is in the instance though it isn't the owner, or 0.
    pub holder: AtomicU64,
    /// The thread pointers that have words in `inside`, from the first one on.
    pub threads: [u64; Instance::BIASED_THREADS],
    /// How often the owner has changed.
    pub changes: u32,
    /// Whether there is no owner any more: 0 or 1.
    pub is_shared: u32,
    /// The error of the trap that has ended the instance, or 0.
    pub last_error: i32,
    /// What the program called `proc_exit` with.
    pub exit_code: i32,
    /// The text of the backtrace of the last trap.
    pub backtrace: u64,
    pub backtrace_length: u32,
    pub backtrace_capacity: u32,
    /// What the runtime knows of the instance beside this.
    pub private: u64,
    /// The [`ImportCall`] of the innermost call of a function of the embedder, if one is under way.
    pub import_call: u64,
}

/// A call of a function of the embedder, in the frame of the Wasm function that makes it.
#[repr(C)]
pub struct ImportCall {
    /// The frame pointer of the Wasm function.
    pub frame: u64,
    /// The address of its code, or 0: then nobody needs its name.
    pub code: u64,
    /// The call that was the innermost one before.
    pub outer: u64,
}

impl ImportCall {
    pub const FRAME: i32 = offset_of!(ImportCall, frame) as i32;
    pub const CODE: i32 = offset_of!(ImportCall, code) as i32;
    pub const OUTER: i32 = offset_of!(ImportCall, outer) as i32;
    pub const BYTES: u32 = size_of::<ImportCall>() as u32;
}

impl Instance {
    /// How many threads can become the owner, one after the other.
    pub const BIASED_THREADS: usize = 4;

    pub const OWNER: i32 = offset_of!(Instance, owner) as i32;
    pub const INSIDE: i32 = offset_of!(Instance, inside) as i32;
    pub const STATUS: i32 = offset_of!(Instance, status) as i32;
    pub const STACK_LIMIT: i32 = offset_of!(Instance, stack_limit) as i32;
    pub const IMPORT_CALL: i32 = offset_of!(Instance, import_call) as i32;
    pub const CATCHER: i32 = offset_of!(Instance, catcher) as i32;
    pub const STACK_BYTES: i32 = offset_of!(Instance, stack_bytes) as i32;
    pub const BYTES: u64 = size_of::<Instance>() as u64;
    /// Bytes of stack that there must be below `stack_limit`: for functions of the runtime, for the frame of a signal
    /// and for the frames of Wasm functions that don't take theirs into account, of at most
    /// [`Instance::UNCHECKED_FRAME`] bytes.
    pub const STACK_RESERVE: u64 = 64 << 10;
    /// Wasm functions with larger frames compare the stack pointer less the size of the frame with the limit.
    pub const UNCHECKED_FRAME: u64 = 4 << 10;
}

const _: () = assert!(Instance::BYTES == 192);

/// What a call in an instance does.
pub struct Status;

impl Status {
    /// Wasm code, or a function of the runtime, is running; also if no call is under way.
    pub const WASM: u32 = 1;
    /// A function of the embedder is running, which may call exports.
    pub const IMPORT: u32 = 2;
}

/// What can be done with an instance.
pub struct Life;

impl Life {
    /// It must be instantiated: what a state of zeroes says.
    pub const ABSENT: u32 = 0;
    /// It is being instantiated, which only the thread knows that does it.
    pub const STARTING: u32 = 1;
    pub const READY: u32 = 2;
    /// A trap or `proc_exit` has ended it.
    pub const ENDED: u32 = 3;
}

shared! {
    /// What the compiler tells the runtime of a library, beside [`ProgramInfo`](crate::layout::ProgramInfo), whose `main`
    /// isn't called. It has the symbol [`LIBRARY`].
    pub struct LibraryInfo<P> {
        /// A body for `ENTER` that makes the instance what Wasm says: steps of the instantiation, start functions,
        /// `_initialize`. `values` is null.
        pub instantiate: P::Code<Body>,
        /// The state of the only instance, [`STATE`]; null if there are many.
        pub state: P::Mut<Instance>,
        /// Bytes of a state, the `Instance` included.
        pub state_bytes: u64,
        /// Initial contents of what follows the `Instance` in the state; zeroes follow behind.
        pub template: P::Const<u8>,
        pub template_bytes: u64,
        /// Offsets in the state of the descriptors of all memories, whose `base` is null in the template.
        pub memories: P::Const<u64>,
        pub memory_count: u64,
        /// Offset in the state of the descriptor of the memory that host functions read and write; 0 if there is none.
        pub host_memory: u64,
        /// Tables that are written or grown.
        pub tables: P::Const<TablePlace>,
        pub table_count: u64,
        /// Bytes of stack that the code of a call may use.
        pub stack_bytes: u64,
        /// Makes and unmakes what WASI functions need: [`WASI`]; null if the library calls none of them.
        pub wasi: Option<P::Code<Wasi>>,
    }

    /// Where a table is in the state.
    #[derive(Clone, Copy)]
    pub struct TablePlace {
        /// Offset of its descriptor, whose `elements` are null in the template.
        pub descriptor: u64,
        /// Offset of its initial elements.
        pub elements: u64,
    }
}

/// What `ENTER` calls: a function of the compiler that takes parameters from `values` and puts results there.
pub type Body = extern "C" fn(values: *mut u64, instance: *mut Instance);

/// Makes what WASI functions need from these options; null: gives it back. Returns 0 or the number of an error.
pub type Wasi = extern "C" fn(instance: *mut Instance, options: *const Options) -> i32;

/// The options of an instance, as the C header declares them.
#[repr(C)]
pub struct Options {
    /// Bytes of the structure that the embedder knows: a later version may be larger.
    pub size: usize,
    /// Terminated strings.
    pub arguments: *const *const u8,
    pub argument_count: usize,
    /// Terminated strings `NAME=value`.
    pub environment: *const *const u8,
    pub environment_count: usize,
    pub directories: *const Directory,
    pub directory_count: usize,
    /// Null for the streams of the process; else three descriptors (on Windows, handles), -1 for none.
    pub streams: *const isize,
    /// Reads standard input, as POSIX's `read` does; null for the descriptor.
    pub read: Option<extern "C" fn(context: *mut u8, buffer: *mut u8, length: usize) -> isize>,
    /// Writes to stream 1 or 2, as POSIX's `write` does; null for the descriptors.
    pub write:
        Option<extern "C" fn(context: *mut u8, stream: i32, buffer: *const u8, length: usize) -> isize>,
    /// What both functions get.
    pub context: *mut u8,
}

/// A directory that is granted.
#[repr(C)]
pub struct Directory {
    /// Its path, terminated.
    pub host: *const u8,
    /// The name under which the guest sees it, terminated.
    pub guest: *const u8,
    /// [`Directory::READ_ONLY`] or 0.
    pub flags: u32,
}

impl Directory {
    /// Nothing below it may be created, written, renamed or removed.
    pub const READ_ONLY: u32 = 1;
}

/// The number of success, `NAME_ok`.
pub const OK: i32 = 0;

/// Defines [`LibraryError`]. A row has the number, the name in C (behind the prefix of the library) and the words.
macro_rules! errors {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal, $c_name:literal, $words:literal;)*) => {
        /// What a function of a library returns beside [`OK`] and the numbers of traps, 1 to 255.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(i32)]
        pub enum LibraryError {
            $($(#[doc = $doc])* $name = $number,)*
        }

        impl LibraryError {
            /// All, by their numbers.
            pub const ALL: [LibraryError; [$($number),*].len()] = [$(LibraryError::$name),*];

            /// The name in C, behind the prefix of the library.
            pub const fn c_name(self) -> &'static str {
                match self {
                    $(LibraryError::$name => $c_name,)*
                }
            }

            pub const fn message(self) -> &'static str {
                match self {
                    $(LibraryError::$name => $words,)*
                }
            }
        }
    };
}

errors! {
    NotInstantiated = 256, "not_instantiated", "the library isn't instantiated";
    AlreadyInstantiated = 257, "already_instantiated", "the library is instantiated already";
    /// Another thread is in the instance, or a signal handler has interrupted it.
    Busy = 258, "busy", "the instance is in use";
    /// After a trap or `proc_exit`.
    Unusable = 259, "unusable", "the instance has ended; it must be reset";
    NoMemory = 260, "no_memory", "not enough memory or address space";
    UnsupportedCpu = 261, "unsupported_cpu", "the CPU lacks instructions that the library was compiled for";
    /// By `proc_exit`, whatever the code is.
    Exited = 262, "exited", "the program has exited";
    InvalidOptions = 263, "invalid_options", "an option is invalid, or a directory can't be opened";
    /// A function of the embedder has called [`TRAP`].
    TrapHost = 264, "trap_host", "the host has ended the call";
    /// A defect of the runtime.
    Internal = 265, "internal", "internal error in the runtime";
}

/// The name in C of a trap, behind the prefix of the library: `trap` and the words of its message in lower case, joined by
/// `_`. What isn't a letter or a digit is between two words, but an apostrophe is nothing.
pub fn write_trap_name(trap: Trap, mut write: impl FnMut(char)) {
    "trap".chars().for_each(&mut write);
    let mut gap = true;
    for character in trap.message().chars().filter(|character| *character != '\'') {
        if !character.is_ascii_alphanumeric() {
            gap = true;
            continue;
        }
        if gap {
            write('_');
        }
        gap = false;
        write(character.to_ascii_lowercase());
    }
}

/// The [`LibraryInfo`]; defined by the compiler.
pub const LIBRARY: &str = "wasm_aot_library";
/// The state of the only instance, `LibraryInfo::state_bytes` zeroes at a multiple of 64; defined by the compiler.
pub const STATE: &str = "wasm_aot_state";
/// `fn(instance: *mut Instance, body: Body, values: *mut u64) -> i32`: calls the body in the instance; [`OK`] or an error.
pub const ENTER: &str = "wasm_aot_enter";
/// As [`ENTER`], but the body is a C function with the parameters of the function that jumps here, all in registers; the
/// instance and the body are in the registers that `codegen::thunk` of the compiler says. On x86-64 but for Windows.
pub const ENTER_DIRECT: &str = "wasm_aot_enter_direct";
/// `fn(instance: *mut Instance, options: *const Options) -> i32`; the options may be null.
pub const INSTANTIATE: &str = "wasm_aot_library_instantiate";
/// `fn(instance: *mut Instance) -> i32`: makes it anew.
pub const RESET: &str = "wasm_aot_library_reset";
/// `fn(instance: *mut Instance)`: gives back what it has.
pub const DELETE: &str = "wasm_aot_library_delete";
/// `fn(options: *const Options, instance: *mut *mut Instance) -> i32`: makes one of many.
pub const NEW: &str = "wasm_aot_library_new";
/// `fn(error: i32) -> *const u8`: words, terminated.
pub const MESSAGE: &str = "wasm_aot_library_message";
/// `fn(instance: *mut Instance, buffer: *mut u8, size: usize) -> usize`: the backtrace, as `strlcpy` copies.
pub const BACKTRACE: &str = "wasm_aot_library_backtrace";
/// `fn(instance: *mut Instance) -> i32`
pub const EXIT_CODE: &str = "wasm_aot_library_exit_code";
/// `fn(signal: i32, info: *mut u8, context: *mut u8) -> i32`: whether it was a trap, which is handled now. Not on Windows.
pub const HANDLE_SIGNAL: &str = "wasm_aot_library_handle_signal";
/// `fn(pointers: *mut u8) -> i32`: the same of Windows, with `EXCEPTION_POINTERS`.
pub const HANDLE_EXCEPTION: &str = "wasm_aot_library_handle_exception";
/// `fn(instance: *mut Instance) -> !`: ends the innermost call, from a function of the embedder.
pub const TRAP: &str = "wasm_aot_library_trap";
/// [`LibraryInfo::wasi`].
pub const WASI: &str = "wasm_aot_library_wasi";

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::String;

    use super::*;

    #[test]
    fn errors_follow_each_other_from_256_on() {
        for (index, error) in LibraryError::ALL.iter().enumerate() {
            assert_eq!(*error as usize, 256 + index);
        }
    }

    #[test]
    fn names_of_traps_are_identifiers() {
        let mut names = std::vec::Vec::new();
        for trap in Trap::ALL {
            let mut name = String::new();
            write_trap_name(trap, |character| name.push(character));
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                "{name}"
            );
            names.push(name);
        }
        assert!(names.contains(&String::from("trap_integer_divide_by_zero")));
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
