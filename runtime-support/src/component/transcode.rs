//! Strings that adapters pass from one memory to another. The adapters have checked what they pass; it is checked here once
//! more, as everything that points into a memory.

use wasm_aot_abi::canonical::Pair;
use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::trap::Trap;

use super::text::{self, Progress, Unit};
use super::violation;
use crate::memory::guest;

/// So many code units of `T` in a memory.
///
/// # Safety
/// The memory is the compiler's.
unsafe fn units<T>(memory: *const Memory, pointer: u32, count: u32) -> *mut T {
    // SAFETY: as the caller promises.
    match unsafe { guest::range_of(memory, pointer, u64::from(count) * size_of::<T>() as u64) } {
        // Code units are arrays of bytes, and so need no alignment.
        Some(start) => start.cast(),
        None => violation(Trap::StringOutOfBounds),
    }
}

/// The code units of the source and those of the destination.
///
/// # Safety
/// The memories are the compiler's; no compiled code runs while the result is in use.
unsafe fn both<'a, S, D>(
    (from, source, length): (*const Memory, u32, u32),
    (to, destination, capacity): (*const Memory, u32, u32),
) -> (&'a [S], &'a mut [D]) {
    // Adapters are for components that have memories of their own.
    assert!(from != to);
    // SAFETY: both ranges exist, and they are in different memories; any bytes are code units. The rest as the caller
    // promises.
    unsafe {
        let source = units(from, source, length);
        let destination = units(to, destination, capacity);
        (
            core::slice::from_raw_parts(source, length as usize),
            core::slice::from_raw_parts_mut(destination, capacity as usize),
        )
    }
}

/// What a conversion has given, or the trap.
fn checked<T>(result: Result<T, Trap>) -> T {
    match result {
        Ok(value) => value,
        Err(Trap::InvalidUtf16) => violation(Trap::InvalidUtf16),
        Err(_) => violation(Trap::InvalidUtf8),
    }
}

fn pair(Progress { read, written }: Progress) -> Pair {
    read as u64 | (written as u64) << 32
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_copy_utf8(
    source: u32,
    length: u32,
    destination: u32,
    from: *const Memory,
    to: *const Memory,
) {
    // SAFETY: adapters pass the memories of their components.
    let (source, destination) = unsafe { both((from, source, length), (to, destination, length)) };
    destination.copy_from_slice(checked(text::utf8(source)).as_bytes());
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_copy_utf16(
    source: u32,
    length: u32,
    destination: u32,
    from: *const Memory,
    to: *const Memory,
) {
    // SAFETY: as in `wasm_aot_component_transcode_copy_utf8`.
    let (source, destination) = unsafe { both((from, source, length), (to, destination, length)) };
    checked(text::copy_utf16(source, destination));
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_copy_latin1(
    source: u32,
    length: u32,
    destination: u32,
    from: *const Memory,
    to: *const Memory,
) {
    // SAFETY: as in `wasm_aot_component_transcode_copy_utf8`.
    let (source, destination) = unsafe { both::<u8, u8>((from, source, length), (to, destination, length)) };
    destination.copy_from_slice(source);
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_latin1_to_utf16(
    source: u32,
    length: u32,
    destination: u32,
    from: *const Memory,
    to: *const Memory,
) {
    // SAFETY: as in `wasm_aot_component_transcode_copy_utf8`.
    let (source, destination) = unsafe { both((from, source, length), (to, destination, length)) };
    text::latin1_to_utf16(source, destination);
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_utf8_to_utf16(
    source: u32,
    length: u32,
    destination: u32,
    from: *const Memory,
    to: *const Memory,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_transcode_copy_utf8`.
    let (source, destination) = unsafe { both((from, source, length), (to, destination, length)) };
    checked(text::utf8_to_utf16(source, destination)) as u32
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_utf16_to_utf8(
    source: u32,
    length: u32,
    destination: u32,
    capacity: u32,
    only_ascii: u32,
    from: *const Memory,
    to: *const Memory,
) -> Pair {
    // SAFETY: as in `wasm_aot_component_transcode_copy_utf8`.
    let (source, destination) =
        unsafe { both::<Unit, _>((from, source, length), (to, destination, capacity)) };
    pair(checked(text::utf16_to_utf8(source, destination, only_ascii != 0)))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_latin1_to_utf8(
    source: u32,
    length: u32,
    destination: u32,
    capacity: u32,
    only_ascii: u32,
    from: *const Memory,
    to: *const Memory,
) -> Pair {
    // SAFETY: as in `wasm_aot_component_transcode_copy_utf8`.
    let (source, destination) = unsafe { both((from, source, length), (to, destination, capacity)) };
    pair(text::latin1_to_utf8(source, destination, only_ascii != 0))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_utf16_to_compact_probably_utf16(
    source: u32,
    length: u32,
    destination: u32,
    from: *const Memory,
    to: *const Memory,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_transcode_copy_utf8`.
    let (source, destination) = unsafe { both((from, source, length), (to, destination, length)) };
    checked(text::utf16_to_compact(source, destination))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_utf8_to_latin1(
    source: u32,
    length: u32,
    destination: u32,
    from: *const Memory,
    to: *const Memory,
) -> Pair {
    // SAFETY: as in `wasm_aot_component_transcode_copy_utf8`.
    let (source, destination) = unsafe { both((from, source, length), (to, destination, length)) };
    pair(text::utf8_to_latin1(source, destination))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_utf16_to_latin1(
    source: u32,
    length: u32,
    destination: u32,
    from: *const Memory,
    to: *const Memory,
) -> Pair {
    // SAFETY: as in `wasm_aot_component_transcode_copy_utf8`.
    let (source, destination) = unsafe { both((from, source, length), (to, destination, length)) };
    pair(text::utf16_to_latin1(source, destination))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_utf8_to_compact_utf16(
    source: u32,
    length: u32,
    destination: u32,
    capacity: u32,
    written: u32,
    from: *const Memory,
    to: *const Memory,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_transcode_copy_utf8`.
    let (source, destination) = unsafe { both((from, source, length), (to, destination, capacity)) };
    written + checked(text::utf8_to_utf16(source, text::widen(destination, written as usize))) as u32
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_transcode_utf16_to_compact_utf16(
    source: u32,
    length: u32,
    destination: u32,
    capacity: u32,
    written: u32,
    from: *const Memory,
    to: *const Memory,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_transcode_copy_utf8`.
    let (source, destination) = unsafe { both((from, source, length), (to, destination, capacity)) };
    checked(text::copy_utf16(source, text::widen(destination, written as usize)));
    written + length
}
