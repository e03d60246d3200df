//! The stack of the program.

use core::ops::Range;

use super::{Errno, Result, exit};

pub fn allocate(_bytes: usize) -> Result<Range<usize>> {
    Err(Errno::NOSYS)
}

/// # Safety
/// The end is that of a stack that nothing else uses.
pub unsafe fn run(_program: extern "C" fn(), _top: *mut u8) -> ! {
    exit(1)
}

pub fn recover() {}
