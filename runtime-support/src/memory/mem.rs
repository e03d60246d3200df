//! The memory functions that compiled code and Rust itself call: there is no libc to bring them.
//!
//! Written so that no loop can be turned into a call of the very function that it implements: long blocks go
//! through string instructions on x86-64, everything else through an optimisation barrier.

#[cfg_attr(target_arch = "riscv64", path = "memcpy_aligned.rs")]
#[cfg_attr(not(target_arch = "riscv64"), path = "memcpy_words.rs")]
mod bulk;

use core::ptr;

/// # Safety
/// As C's `memmove`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, n: usize) -> *mut u8 {
    // SAFETY: as the caller promises.
    unsafe { bulk::copy_overlapping(to, from, n) };
    to
}

/// # Safety
/// As C's `memcpy`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, n: usize) -> *mut u8 {
    // SAFETY: as the caller promises.
    unsafe { bulk::copy(to, from, n) };
    to
}

/// # Safety
/// As C's `memset`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memset(to: *mut u8, byte: i32, n: usize) -> *mut u8 {
    // SAFETY: as the caller promises.
    unsafe { bulk::fill(to, byte as u8, n) };
    to
}

/// # Safety
/// As C's `memcmp`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    for i in 0..n {
        // SAFETY: as the caller promises; volatile, so that this isn't made a call of itself.
        let (x, y) = unsafe { (ptr::read_volatile(a.add(i)), ptr::read_volatile(b.add(i))) };
        if x != y {
            return i32::from(x) - i32::from(y);
        }
    }
    0
}

/// # Safety
/// As the `bcmp` of POSIX.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { memcmp(a, b, n) }
}

/// What compilers for macOS make a `memset` with 0 into.
///
/// # Safety
/// As the `bzero` of POSIX.
#[cfg(target_os = "macos")]
#[cfg_attr(target_arch = "x86_64", unsafe(export_name = "__bzero"))]
#[cfg_attr(target_arch = "aarch64", unsafe(no_mangle))]
pub unsafe extern "C" fn bzero(to: *mut u8, n: usize) {
    // SAFETY: as the caller promises.
    unsafe { bulk::fill(to, 0, n) };
}
