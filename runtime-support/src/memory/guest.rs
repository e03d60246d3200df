//! The one way in which host functions reach the guest's memory. A mistake here is a sandbox
//! escape. Every pointer and length of the guest is untrusted; it is checked, in 64-bit arithmetic,
//! against the size that the memory has at the moment of the access, and only then turned into an
//! address. A pointer that leads out of the memory, or isn't aligned as its type demands, is a trap
//! (WASI's witx-docs, "Pointers"). Guest memory is little-endian on every host.
//!
//! What is read is copied, each byte once: in a shared memory other threads may write meanwhile, and
//! what was checked must be what is used. The addresses handed out by [`range`] are for the host's
//! kernel; they are valid until the guest runs again, as only it grows or moves a memory, and a
//! shared one never moves.

use core::mem::MaybeUninit;
use core::ptr;

use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::trap::Trap;

use crate::fail;
#[cfg(not(feature = "libraries"))]
use crate::program::program;

#[cfg(feature = "libraries")]
use crate::library::memory::of_host as host_memory;

/// The memory of the guest, or null.
#[cfg(not(feature = "libraries"))]
#[inline(always)]
fn host_memory() -> *mut Memory {
    program().host_memory
}

/// The address of the guest's bytes `pointer..pointer + length`, all of which exist. Without any, the
/// pointer may be anything, as nobody follows it.
#[inline]
pub fn range(pointer: impl Into<u64>, length: u64) -> *mut u8 {
    if length == 0 {
        return ptr::dangling_mut();
    }
    aligned(pointer.into(), length, 1)
}

/// As [`range`], of something with this alignment, a power of two.
#[inline(never)]
fn aligned(pointer: u64, length: u64, alignment: u64) -> *mut u8 {
    let memory = host_memory();
    if memory.is_null() {
        fail::raise_in_host(Trap::MemoryOutOfBounds);
    }
    // SAFETY: the compiler points `host_memory` at the structure of a memory, and start-up has set
    // `base`; both fields are read anew each time because `memory.grow` changes them, perhaps in
    // another thread, which only makes the size larger.
    let (base, size) = unsafe { ((*memory).base, ptr::read_volatile(&raw const (*memory).size)) };
    match pointer.checked_add(length) {
        Some(end) if end <= size => {}
        _ => fail::raise_in_host(Trap::MemoryOutOfBounds),
    }
    if pointer & (alignment - 1) != 0 {
        fail::raise_in_host(Trap::UnalignedPointer);
    }
    // SAFETY: `pointer` is within the `size` accessible bytes at `base`, or one past their end.
    unsafe { base.add(pointer as usize) }
}

/// The address of the guest's bytes, if all of them exist, to look at what may be wrong.
pub fn try_range(pointer: u32, length: u64) -> Option<*mut u8> {
    // SAFETY: null, or set up as `aligned` says.
    let memory = unsafe { host_memory().as_ref() }?;
    // SAFETY: as in `aligned`.
    let size = unsafe { ptr::read_volatile(&raw const memory.size) };
    let end = u64::from(pointer).checked_add(length)?;
    if length == 0 {
        return Some(ptr::dangling_mut());
    }
    // SAFETY: as in `aligned`.
    (end <= size).then(|| unsafe { memory.base.add(pointer as usize) })
}

/// The address of bytes of a memory, if all of them exist. Without any, the pointer still mustn't be beyond the memory:
/// the canonical ABI traps for empty lists and strings, too.
///
/// # Safety
/// The memory is null, or the compiler's structure, whose `base` start-up has set.
pub unsafe fn range_of(memory: *const Memory, pointer: u32, length: u64) -> Option<*mut u8> {
    // SAFETY: as the caller promises.
    let memory = unsafe { memory.as_ref() }?;
    // SAFETY: as in `aligned`.
    let size = unsafe { ptr::read_volatile(&raw const memory.size) };
    let end = u64::from(pointer).checked_add(length)?;
    // SAFETY: as in `aligned`.
    (end <= size).then(|| unsafe { memory.base.add(pointer as usize) })
}

/// Bytes of the guest, if they exist.
pub fn try_read<const N: usize>(pointer: u32) -> Option<[u8; N]> {
    let start = try_range(pointer, N as u64)?;
    // SAFETY: `try_range` has checked that the bytes exist. Volatile, as others may write them.
    Some(core::array::from_fn(|i| unsafe { ptr::read_volatile(start.add(i)) }))
}

/// Copies the guest's bytes to the front of `buffer`, which is long enough.
pub fn copy_from(pointer: impl Into<u64>, length: u64, buffer: &mut [MaybeUninit<u8>]) -> &mut [u8] {
    let start = range(pointer, length);
    let buffer = buffer.get_mut(..length as usize).unwrap_or_default();
    for (i, slot) in buffer.iter_mut().enumerate() {
        // SAFETY: `range` has checked that the bytes exist. Volatile, so that it is read once.
        slot.write(unsafe { ptr::read_volatile(start.add(i)) });
    }
    // SAFETY: all of it has been written.
    unsafe { buffer.assume_init_mut() }
}

/// Writes `N` bytes of something with this alignment.
#[inline]
pub fn write<const N: usize>(pointer: impl Into<u64>, alignment: u64, value: [u8; N]) {
    let start = aligned(pointer.into(), N as u64, alignment);
    // SAFETY: `aligned` has checked that the `N` bytes exist; an array of bytes needs no alignment.
    unsafe { ptr::write(start.cast(), value) };
}

/// Copies `source` to the guest. `source` is not in guest memory.
pub fn copy_to(pointer: impl Into<u64>, source: &[u8]) {
    let start = range(pointer, source.len() as u64);
    // SAFETY: `range` has checked the destination; the caller promises that they don't overlap.
    unsafe { ptr::copy_nonoverlapping(source.as_ptr(), start, source.len()) };
}

/// Reads two numbers of 32 bits, one after the other.
#[inline]
pub fn read_pair(pointer: impl Into<u64>) -> (u32, u32) {
    let start = aligned(pointer.into(), 8, 4).cast::<u32>();
    // SAFETY: `aligned` has checked that the bytes exist, at a multiple of 4: memories begin at a page.
    let [first, second] = unsafe { [ptr::read_volatile(start), ptr::read_volatile(start.add(1))] };
    (u32::from_le(first), u32::from_le(second))
}

/// Reads `N` numbers of 64 bits, one after the other.
#[inline]
pub fn read_words<const N: usize>(pointer: u32) -> [u64; N] {
    let start = aligned(pointer.into(), 8 * N as u64, 8).cast::<u64>();
    // SAFETY: as in `read_pair`, at a multiple of 8.
    core::array::from_fn(|i| u64::from_le(unsafe { ptr::read_volatile(start.add(i)) }))
}

pub fn write_u32(pointer: impl Into<u64>, value: u32) {
    write(pointer, 4, value.to_le_bytes());
}

pub fn write_u64(pointer: impl Into<u64>, value: u64) {
    write(pointer, 8, value.to_le_bytes());
}

/// Checks that something can be written there later.
pub fn check_writable(pointer: u32, length: u64, alignment: u64) {
    aligned(pointer.into(), length, alignment);
}
