//! The line table: where in the Wasm module and in the source each instruction comes from that a backtrace may show. It is in
//! programs whose module has debug information, see [`LineInfo`].
//!
//! The table is a sequence of bytes without addresses, the same for every target. Numbers of its fixed parts are 32 bits wide,
//! little-endian, at any alignment:
//!
//! ```text
//! sites: u32, names: u32, calls: u32       how many there are
//! models: [u8; MODELS]                     the probabilities of the coder, see `coder`
//! block index: [(offset, end)]             for each block: the code offset of its first site, and the end of its bytes
//! name index: [end]                        for each name: the end of its bytes
//! call index: [end]                        for each group of CALLS_PER_GROUP inlined calls: the end of its bytes
//! bytes of the blocks, of the calls, of the names
//! ```
//!
//! The ends are relative to the start of the bytes of the same kind. Names are UTF-8: paths of files, and functions that were
//! inlined. Name 0 is empty: unknown.
//!
//! A *site* is an instruction that can trap, by its first byte, or a call, by its last byte. A block has up to
//! `SITES_PER_BLOCK` of them, in the order of the code. Each is coded by what differs from the one before; before the first one
//! of a block everything is 0, but for its code offset, which is in the index:
//!
//! ```text
//! kind         what it accesses, `Access`
//! wasm         the offset in the module, as a difference, zigzag
//! offset       the offset in the code, as a difference
//! change       SAME position; LINE: another line or column; CALL: another inlined call or file, too
//!   call       CALL only: the number of the innermost inlined call, as a difference, zigzag
//!   file       CALL only: the number of the name, as a difference, zigzag
//!   line       LINE, CALL: as a difference, zigzag
//!   column     LINE, CALL: itself
//! ```
//!
//! An *inlined call* is a node of a tree: calls are numbered from 1 on, 0 is no call. Each is coded like a site, by what
//! differs from the one before in its group:
//!
//! ```text
//! parent       how much less its number is than that of this call
//! name         the function that was inlined, as a difference, zigzag
//! file, line   where it is called, as differences, zigzag
//! column
//! wasm         0 if the producer of the module inlined it; else 1 more than where it is called in the Wasm module, as a difference
//!              to the last one that isn't 0, zigzag: the compiler inlined it
//! ```

pub mod coder;
mod read;

use crate::layout::FunctionTable;
use crate::shared::shared;
pub use read::{Call, Position, Site, Table};

shared! {
    /// What is known of the lines of a program. It has the symbol [`crate::symbols::LINES`]; readers of executables find it by
    /// its first two fields.
    pub struct LineInfo<P> {
        /// [`LineInfo::MARK`].
        pub mark: u64,
        /// [`LineInfo::VERSION`].
        pub version: u64,
        /// Where the code begins; offsets of the code are relative to it.
        pub text_start: P::Const<u8>,
        pub text_end: P::Const<u8>,
        pub functions: FunctionTable<P>,
        pub table: P::Const<u8>,
        pub table_bytes: u64,
        /// What is shown of a trap, if the user doesn't say otherwise: a [`Backtrace`].
        pub backtrace: u64,
        /// Whether the user can't say otherwise: 0 or 1.
        pub is_locked: u64,
    }
}

impl LineInfo {
    /// "\u{1}waLines", as a number of the target.
    pub const MARK: u64 = u64::from_be_bytes(*b"\x01waLines");
    pub const VERSION: u64 = 2;
}

/// How much is shown of a trap: the values of `--backtrace` and of [`BACKTRACE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Backtrace {
    /// The message alone.
    Message = 0,
    /// The innermost and the outermost frames of Wasm code.
    Frames = 1,
    /// All frames, with the addresses of their instructions.
    Full = 2,
}

impl Backtrace {
    /// The one that is called so.
    pub fn from_name(name: &[u8]) -> Option<Backtrace> {
        match name {
            b"0" => Some(Backtrace::Message),
            b"1" => Some(Backtrace::Frames),
            b"full" => Some(Backtrace::Full),
            _ => None,
        }
    }
}

/// The environment variable with which the user chooses what is shown of a trap, unless the policy is locked.
pub const BACKTRACE: &str = "WASM_AOT_BACKTRACE";

/// How a Wasm operator accesses memory. The values are those of `Site::access`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access(pub u8);

impl Access {
    /// None, or not by a single address.
    pub const NONE: Access = Access(0);
    /// A call, which accesses nothing.
    pub const CALL: Access = Access(1);
    const LOAD: u8 = 2;
    const STORE: u8 = 7;
    const UPDATE: u8 = 12;

    /// A load of this many bytes, a power of two of at most 16.
    pub fn load(bytes: u32) -> Access {
        Access(Access::LOAD + bytes.trailing_zeros().min(4) as u8)
    }

    pub fn store(bytes: u32) -> Access {
        Access(Access::STORE + bytes.trailing_zeros().min(4) as u8)
    }

    /// An atomic operation that loads and stores.
    pub fn update(bytes: u32) -> Access {
        Access(Access::UPDATE + bytes.trailing_zeros().min(3) as u8)
    }

    /// What is done, and to how many bytes.
    pub fn describe(self) -> Option<(&'static str, u32)> {
        match self.0 {
            first @ Access::LOAD..Access::STORE => Some(("load", 1 << (first - Access::LOAD))),
            first @ Access::STORE..Access::UPDATE => Some(("store", 1 << (first - Access::STORE))),
            first @ Access::UPDATE..16 => Some(("atomic access", 1 << (first - Access::UPDATE))),
            _ => None,
        }
    }
}

/// Sites in a block, but for the last one.
pub const SITES_PER_BLOCK: usize = 256;
/// Inlined calls in a group, but for the last one.
pub const CALLS_PER_GROUP: usize = 64;
/// The deepest nesting of inlined calls.
pub const MOST_NESTED: usize = 64;

/// What a change of position is.
pub mod change {
    pub const SAME: u32 = 0;
    pub const LINE: u32 = 1;
    pub const CALL: u32 = 2;
}

/// The signed difference that `zigzag` encoded, added to a number.
pub fn add_zigzag(to: u32, value: u32) -> u32 {
    to.wrapping_add((value >> 1) ^ (value & 1).wrapping_neg())
}

/// A difference of numbers, as a small number if it is near 0.
pub fn zigzag(from: u32, to: u32) -> u32 {
    let difference = to.wrapping_sub(from);
    (difference << 1) ^ ((difference as i32) >> 31) as u32
}

/// The contexts in which numbers are coded: each has a model.
pub mod model {
    /// The kind of a site: by the kind before.
    pub fn kind(before: u8) -> usize {
        (before & 15) as usize
    }

    const WASM: usize = 16;
    /// The offset in the module: by the kind.
    pub fn wasm(kind: u8) -> usize {
        WASM + (kind & 15) as usize
    }

    const OFFSET: usize = WASM + 16;
    /// The offset in the code: by the kind's class and the difference in the module.
    pub fn offset(kind: u8, wasm: u32) -> usize {
        let distance = match wasm {
            1 | 3 | 5 => 0,
            0..=5 => 1,
            6..=8 => 2,
            9..=12 => 3,
            13..=18 => 4,
            19..=28 => 5,
            29..=48 => 6,
            _ => 7,
        };
        let class = match kind {
            0 => 0,
            1 => 1,
            2..=6 => 2,
            _ => 3,
        };
        OFFSET + 8 * class + distance
    }

    const CHANGE: usize = OFFSET + 32;
    /// Whether the position changes: by the difference in the module and the change before.
    pub fn change(wasm: u32, before: u32) -> usize {
        let distance = match wasm {
            0..=6 => 0,
            7..=12 => 1,
            13..=24 => 2,
            _ => 3,
        };
        CHANGE + 4 * before as usize + distance
    }

    pub const CALL: usize = CHANGE + 12;
    pub const FILE: usize = CALL + 1;
    /// The line: by the change.
    pub fn line(change: u32) -> usize {
        FILE + change as usize
    }

    const COLUMN: usize = FILE + 3;
    /// The column: by whether the line is the same.
    pub fn column(line: u32) -> usize {
        COLUMN + usize::from(line != 0)
    }

    const INLINED: usize = COLUMN + 2;
    pub const PARENT: usize = INLINED;
    pub const NAME: usize = INLINED + 1;
    pub const CALL_FILE: usize = INLINED + 2;
    pub const CALL_LINE: usize = INLINED + 3;
    pub const CALL_COLUMN: usize = INLINED + 4;
    pub const CALL_WASM: usize = INLINED + 5;
    pub const COUNT: usize = INLINED + 6;
}

/// Bytes of all models.
pub const MODELS: usize = model::COUNT * coder::MODEL_BYTES;
