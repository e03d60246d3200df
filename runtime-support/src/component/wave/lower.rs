//! Lowers the arguments: copies what the compiler has laid out into memory that the callee allocates.

use core::ptr;

use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wave::{Block, Link};

use super::invocation;
use crate::component::Caller;
use crate::program::{bytes, slice};

/// `wasm_aot_abi::wave::LOWER`.
///
/// # Safety
/// There is room for the core arguments at `arguments`, and compiled code passes `callee`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_wave_lower(arguments: *mut u64, callee: &Caller) {
    let block = &invocation().arguments;
    for (index, word) in bytes(&block.bytes).as_chunks::<8>().0.iter().enumerate() {
        // SAFETY: the caller promises it.
        unsafe { ptr::write(arguments.add(index), u64::from_le_bytes(*word)) };
    }
    for link in links(block) {
        let pointer = place(&link.block, callee);
        // SAFETY: as above.
        unsafe { ptr::write(arguments.add(link.offset as usize / 8), pointer.into()) };
    }
}

fn links(block: &Block) -> &'static [Link] {
    // SAFETY: the compiler's constant data.
    unsafe { slice(block.links, block.link_count) }
}

/// Allocates a block and then those to which it points, as the canonical ABI stores a list before its elements. Its
/// address.
fn place(block: &Block, callee: &Caller) -> u32 {
    let bytes = bytes(&block.bytes);
    let length = bytes.len() as u32;
    let pointer = callee.allocate(length, block.alignment as u32);
    let start = callee.range(pointer, length, Trap::ReallocOutOfBounds);
    // SAFETY: `range` has checked the destination, which isn't in the executable's constant data.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), start, bytes.len()) };
    for link in links(block) {
        let inner = place(&link.block, callee);
        // The memory may have moved.
        callee.fields(pointer, length, 1).u32(link.offset as u32, inner);
    }
    pointer
}
