//! Memory of the host for what is on its way from one place to another within one call of a host function.

/// Bytes that are read from or written to a stream at once, at most; as in wasmtime.
pub const SIZE: usize = 64 << 10;

static mut BUFFER: [u8; SIZE] = [0; SIZE];

/// So many bytes, or all that there are. What is in them is left over.
///
/// # Safety
/// Nobody uses what an earlier call has given.
pub unsafe fn take(length: u64) -> &'static mut [u8] {
    let length = length.min(SIZE as u64) as usize;
    // SAFETY: within the array; as the caller promises, and programs of components have one thread.
    unsafe { core::slice::from_raw_parts_mut((&raw mut BUFFER).cast(), length) }
}
