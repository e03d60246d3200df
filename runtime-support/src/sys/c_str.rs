//! Strings that end in a NUL byte, as the host takes and gives them, without the `strlen` that
//! `CStr` would want from a libc.

use core::ffi::CStr;

/// The string at the front of `bytes`, if there is a NUL.
pub fn find(bytes: &[u8]) -> Option<&CStr> {
    let end = bytes.iter().position(|&byte| byte == 0)?;
    let string = bytes.get(..=end)?;
    // SAFETY: it ends with its only NUL byte.
    Some(unsafe { CStr::from_bytes_with_nul_unchecked(string) })
}

/// The string at the front of `bytes`; empty if there is no NUL. In terms of `find` it would be a half larger.
pub fn from_buffer(bytes: &[u8]) -> &CStr {
    let Some(end) = bytes.iter().position(|&byte| byte == 0) else { return c"" };
    let string = bytes.get(..=end).unwrap_or(&[0]);
    // SAFETY: it ends with its only NUL byte.
    unsafe { CStr::from_bytes_with_nul_unchecked(string) }
}

/// The string at `start`.
///
/// # Safety
/// It is terminated, and nobody writes it for as long as the program runs.
pub unsafe fn at(start: *const u8) -> &'static CStr {
    // SAFETY: as the caller promises; it ends with its only NUL byte.
    unsafe { CStr::from_bytes_with_nul_unchecked(core::slice::from_raw_parts(start, length(start) + 1)) }
}

/// The string at `start`, without its NUL.
///
/// # Safety
/// As for `at`.
pub unsafe fn bytes_at(start: *const u8) -> &'static [u8] {
    // SAFETY: as the caller promises.
    unsafe { core::slice::from_raw_parts(start, length(start)) }
}

/// # Safety
/// The string is terminated.
#[inline(always)]
unsafe fn length(start: *const u8) -> usize {
    let mut length = 0;
    // Volatile, so that the loop isn't taken for a `strlen`.
    // SAFETY: no byte after the first NUL is read.
    while unsafe { start.add(length).read_volatile() } != 0 {
        length += 1;
    }
    length
}
