//! The structures that the compiler writes and the runtime reads (and, for memories and tables, writes), from their root,
//! [`ProgramInfo`].

use core::mem::offset_of;

use crate::exception::ExceptionTables;
use crate::library::Instance;
use crate::policy::Policy;
use crate::shared::shared;

/// Shows the frames of a trap: from the instruction at `pc` (0: in the runtime) and a frame pointer on. `address`: what the
/// instruction accessed, if the hardware says that. `instance`: in a library.
pub type Report = extern "C" fn(pc: usize, frame: usize, address: usize, instance: *mut Instance);

shared! {
    /// One instance of a linear memory. Compiled code reads `base` and `size`.
    pub struct Memory<P> {
        /// Address of byte 0; set at start-up (a constant for memories with a constant base).
        pub base: P::Mut<u8>,
        /// Current size in bytes.
        pub size: u64,
        /// Largest size in bytes that `memory.grow` may reach.
        pub maximum: u64,
        /// The address that compiled code assumes for byte 0, or 0 if any address will do.
        pub fixed_base: u64,
        /// Bytes of address space to reserve at `base`, guard region included; the runtime stores the number
        /// that it has reserved. If 0, nothing is reserved and the memory moves when it grows
        /// (`--memory-guard=none`).
        pub reservation: u64,
        /// The smallest acceptable reservation, for when `reservation` bytes of address space aren't available.
        /// Compiled code assumes no more than this. If nothing is reserved, the number of bytes mapped at
        /// first: at least a granule.
        pub smallest_reservation: u64,
        /// Bytes at the end of the reservation that never become part of the memory: [`Memory::GUARD`], or 0
        /// if the end of each access is checked against `size`.
        pub guard: u64,
        /// Bytes of a Wasm page.
        pub page_size: u64,
        /// Initial contents: `image_count` chunks, ascending, not overlapping.
        pub image: P::Const<ImageChunk<P>>,
        pub image_count: u64,
    }

    /// Initial contents of a part of a linear memory.
    ///
    /// Most chunks are moved: they start at a multiple of [`IMAGE_ALIGNMENT`] in the memory and in the executable,
    /// and the runtime moves their pages into the memory. What follows them in the last page isn't theirs, and is
    /// replaced by zeroes. That page may reach beyond the size of a memory whose pages are smaller.
    pub struct ImageChunk<P> {
        pub bytes: P::Const<u8>,
        /// Where the bytes go: their offset from the start of the memory.
        pub offset: u64,
        /// The number of bytes.
        pub length: u64,
        /// Total size of the pages that are moved: `length` rounded up, in bytes. 0 if the chunk is copied.
        pub moved: u64,
    }

    /// A table that is written or grown. Elements are 8 bytes: a reference (see `FuncRef`), 0 is null.
    pub struct Table<P> {
        pub elements: P::Mut<u64>,
        /// Current number of elements.
        pub size: u64,
        /// Largest number of elements that `table.grow` may reach.
        pub maximum: u64,
        /// Elements that fit at `elements` without moving.
        pub capacity: u64,
    }

    /// What a function reference points at. The address of a `FuncRef` is the reference.
    #[derive(Clone, Copy)]
    pub struct FuncRef<P> {
        pub code: P::Const<u8>,
        /// Canonical number of the function's type in the program.
        pub signature: u64,
    }

    /// The root of everything that the compiler tells the runtime; it has the symbol
    /// [`crate::symbols::PROGRAM`].
    pub struct ProgramInfo<P> {
        /// Wasm code is in `text_start..text_end`; offsets in tables are from `text_start`.
        pub text_start: P::Const<u8>,
        pub text_end: P::Const<u8>,
        pub traps: TrapTable<P>,
        pub exceptions: ExceptionTables<P>,
        pub functions: FunctionTable<P>,
        /// Every memory that has to be set up at start.
        pub memories: P::Const<P::Mut<Memory<P>>>,
        pub memory_count: u64,
        /// The memory that host functions read and write, or null.
        pub host_memory: P::Mut<Memory<P>>,
        /// Instantiates the modules and runs the program; returns for exit code 0.
        pub main: P::Code<extern "C" fn()>,
        /// Grants, see [`crate::policy`]. Never null.
        pub policy: P::Const<Policy<P>>,
        /// Shows the frames of a trap. One of [`crate::symbols::REPORT_NAMES`] and its like, so that a program has
        /// only what it needs of that.
        pub report: P::Code<Report>,
        /// What the program demands of the CPU; null if it demands nothing.
        pub cpu: P::Const<CpuDemands<P>>,
    }

    /// Instructions that trap, see [`crate::trap`].
    pub struct TrapTable<P> {
        pub offsets: P::Const<u32>,
        pub codes: P::Const<u8>,
        pub count: u64,
        pub messages: P::Const<u8>,
    }

    /// The positions and names of functions.
    pub struct FunctionTable<P> {
        /// Offsets of the functions' first bytes, ascending.
        pub starts: P::Const<u32>,
        /// `count + 1` offsets into `names`; the name of function `i` is
        /// `names[name_offsets[i]..name_offsets[i + 1]]`, UTF-8, demangled, without a terminator.
        pub name_offsets: P::Const<u32>,
        pub names: P::Const<u8>,
        pub count: u64,
    }

    /// What a program demands of the CPU.
    pub struct CpuDemands<P> {
        /// Ends the program if the CPU doesn't meet the demands: [`crate::symbols::CHECK_CPU`].
        pub check: P::Code<extern "C" fn(demands: &CpuDemands)>,
        /// See [`crate::cpu`].
        pub demands: P::Const<u8>,
        pub length: u64,
    }

    /// What the runtime must know about the threads of a program that can start them. It has the symbol
    /// [`crate::symbols::THREADS`], and its `ProgramInfo::main` is [`crate::symbols::THREADS_MAIN`].
    ///
    /// Each thread has a region of the address space, at a multiple of its size. In it are, from its start: the
    /// thread's state, as compiled code knows it; what the runtime keeps of the thread; a guard; its stack, up
    /// to the end. Compiled code finds the state from its stack pointer.
    pub struct ThreadInfo<P> {
        /// Initial contents of a thread's state.
        pub state: P::Const<u8>,
        pub state_bytes: u64,
        /// Bytes of a region: a power of two.
        pub region_bytes: u64,
        /// The function that the first thread runs.
        pub main: P::Code<extern "C" fn()>,
        /// The function that each further thread runs.
        pub start: P::Code<extern "C" fn(thread: u32, argument: u32)>,
    }

    /// An array of words.
    pub struct Words<P> {
        pub start: P::Const<u64>,
        pub count: u64,
    }

    /// A sequence of calls whose results are printed: how the tests drive a program. It has the symbol
    /// [`crate::symbols::SCRIPT`] in a program whose `main` is [`crate::symbols::SCRIPT_MAIN`].
    pub struct Script<P> {
        pub commands: P::Const<ScriptCommand<P>>,
        pub command_count: u64,
    }

    /// One step of a [`Script`]. The runtime prints a line for each: its number, then `ok` and the
    /// `result_count` 64-bit words in hexadecimal (two words per v128), or `trap` and the message.
    pub struct ScriptCommand<P> {
        /// Writes its results to the array.
        pub call: P::Code<extern "C" fn(results: *mut u64)>,
        pub result_count: u64,
    }
}

impl Memory {
    pub const BASE: i32 = offset_of!(Memory, base) as i32;
    pub const SIZE: i32 = offset_of!(Memory, size) as i32;
    /// Reservations, and the parts of them that are made accessible, are multiples of this: the
    /// largest page of any kernel.
    pub const GRANULE: u64 = 64 << 10;
    /// Largest static offset of an access that the guard region covers.
    pub const GUARDED_OFFSET: u64 = 1 << 30;
    /// Bytes of a guard region: the offset, and the width of the access.
    pub const GUARD: u64 = Memory::GUARDED_OFFSET + Memory::GRANULE;
}

/// Alignment of image chunks that are moved. On kernels with larger pages the chunks are copied instead.
pub const IMAGE_ALIGNMENT: u64 = 4096;

impl Table {
    pub const ELEMENTS: i32 = offset_of!(Table, elements) as i32;
    pub const SIZE: i32 = offset_of!(Table, size) as i32;
}

impl FuncRef {
    pub const CODE: i32 = offset_of!(FuncRef, code) as i32;
    pub const SIGNATURE: i32 = offset_of!(FuncRef, signature) as i32;
    pub const BYTES: usize = size_of::<FuncRef>();
}

impl ThreadInfo {
    /// Bytes below the stack in a region, not counting the state: the guard, and what the runtime keeps.
    pub const BELOW_STACK: u64 = 2 * Memory::GRANULE;

    /// Size in bytes of a region with this much state and stack.
    pub const fn region_bytes(state_bytes: u64, stack_bytes: u64) -> u64 {
        let state_bytes = state_bytes.next_multiple_of(Memory::GRANULE);
        (state_bytes + ThreadInfo::BELOW_STACK + stack_bytes).next_power_of_two()
    }
}

/// The maximum number of words that a script command may produce.
pub const SCRIPT_MAX_RESULTS: usize = 1024;
