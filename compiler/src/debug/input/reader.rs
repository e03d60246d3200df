//! How DWARF in modules is read, and the addresses in it that aren't any.

use gimli::{EndianSlice, LittleEndian};

/// A reader of DWARF sections in a module.
pub type Reader<'a> = EndianSlice<'a, LittleEndian>;

/// What a linker leaves in `.debug_info` and `.debug_line` for the address of a function that it has removed (wasm-ld), and
/// what it leaves in lists of ranges and locations, where the other one has a meaning.
pub const TOMBSTONES: [u64; 2] = [0xffff_ffff, 0xffff_fffe];

/// Whether an address in DWARF stands for code that a linker has removed. Before there were tombstones, they were 0, where
/// the number of functions is.
pub fn is_tombstone(address: u64) -> bool {
    address == 0 || TOMBSTONES.contains(&address) || address >= u64::MAX - 1
}
