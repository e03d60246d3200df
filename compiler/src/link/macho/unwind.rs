//! The table by which the system and debuggers walk the stack (`__unwind_info`, Apple's
//! `compact_unwind_encoding.h`). All functions, ours and the runtime's, keep frame pointers, and the table says nothing
//! more: neighbours with the same entry share it, so there is one entry for all code and one that ends it.

use super::extent::Extent;
use super::machine::Machine;

const VERSION: u32 = 1;
const HEADER_BYTES: u32 = 7 * 4;
/// function offset, offset of the page, offset of the descriptors of language-specific data.
const INDEX_BYTES: u32 = 3 * 4;
/// The code, and its end.
const INDEX_ENTRIES: u32 = 2;
/// `UNWIND_SECOND_LEVEL_REGULAR`.
const REGULAR_PAGE: u32 = 2;
const PAGE_HEADER_BYTES: u32 = 8;
/// function offset, encoding.
const PAGE_ENTRY_BYTES: u32 = 8;
const PAGE_AT: u32 = HEADER_BYTES + INDEX_ENTRIES * INDEX_BYTES;

/// Size of the table.
pub const BYTES: u64 = (PAGE_AT + PAGE_HEADER_BYTES + PAGE_ENTRY_BYTES) as u64;

/// The table for the code of an image with the preferred address `base`.
pub fn encode(machine: &Machine, code: Extent, base: u64) -> Vec<u8> {
    let start = (code.address - base) as u32;
    let end = start + code.bytes as u32;
    let words = [
        // Header: version; offset and number of common encodings, of personalities and of the index.
        [VERSION, HEADER_BYTES, 0, HEADER_BYTES, 0, HEADER_BYTES, INDEX_ENTRIES].as_slice(),
        &[start, PAGE_AT, PAGE_AT],
        &[end, 0, PAGE_AT],
        // Offset of the entries in the page, and how many there are.
        &[REGULAR_PAGE, PAGE_HEADER_BYTES | 1 << 16],
        &[start, machine.frame_encoding],
    ];
    words.concat().iter().flat_map(|word: &u32| word.to_le_bytes()).collect()
}
