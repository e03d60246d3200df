//! Names of files in the cache.

use std::ffi::CStr;

/// The executable of an entry.
pub const PROGRAM: &CStr = c"program";

/// The prefix of the names of files that are being written.
pub const TEMPORARY: &str = ".new-";
