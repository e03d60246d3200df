//! Strings that end in a NUL byte, as the host takes and gives them, without the `strlen` that
//! `CStr` would want from a libc.

use core::ffi::CStr;

/// The string at the front of `bytes`; empty if there is no NUL.
pub fn first(bytes: &[u8]) -> &CStr {
    let Some(end) = bytes.iter().position(|&byte| byte == 0) else { return c"" };
    let string = bytes.get(..=end).unwrap_or(&[0]);
    // SAFETY: it ends with its only NUL byte.
    unsafe { CStr::from_bytes_with_nul_unchecked(string) }
}

/// The string at `start`, without its NUL.
///
/// # Safety
/// It is terminated, and nobody writes it for as long as the program runs.
pub unsafe fn at(start: *const u8) -> &'static [u8] {
    let mut length = 0;
    // Volatile, so that the loop isn't taken for a `strlen`.
    // SAFETY: no byte after the first NUL is read.
    while unsafe { start.add(length).read_volatile() } != 0 {
        length += 1;
    }
    // SAFETY: as the caller promises.
    unsafe { core::slice::from_raw_parts(start, length) }
}
