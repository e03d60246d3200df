//! Errors of the system's functions.

use super::{Errno, Result};

/// The error of the function that was just called.
#[cold]
#[inline(never)]
pub fn last() -> Errno {
    // SAFETY: the address of this thread's error number.
    match unsafe { *libc::__error() } {
        // There are two numbers for the same.
        libc::ENOTSUP => Errno::NOTSUP,
        number => Errno(number as u32),
    }
}

/// What functions return, -1 for an error.
pub trait Outcome: Copy {
    fn value(self) -> isize;
}

impl Outcome for i32 {
    #[inline(always)]
    fn value(self) -> isize {
        self as isize
    }
}

impl Outcome for isize {
    #[inline(always)]
    fn value(self) -> isize {
        self
    }
}

impl Outcome for i64 {
    #[inline(always)]
    fn value(self) -> isize {
        self as isize
    }
}

/// Splits what a function returns into value and error.
#[inline(always)]
pub fn check(result: impl Outcome) -> Result<usize> {
    if result.value() == -1 { Err(last()) } else { Ok(result.value() as usize) }
}

/// Repeats a call while signals interrupt it.
#[inline(always)]
pub fn retry<T: Outcome>(mut call: impl FnMut() -> T) -> Result<usize> {
    loop {
        match check(call()) {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}
