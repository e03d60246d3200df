//! The stack of the program: a mapping of its own, so that its size doesn't depend on `ulimit -s`.

use core::arch::asm;
use core::ops::Range;

use super::{Result, exit, map};
use crate::start::GUARD_BYTES;

/// The largest page of the system, at least.
const PAGE_BYTES: usize = 16 << 10;
const _: () = assert!(GUARD_BYTES.is_multiple_of(PAGE_BYTES));

/// Maps a stack of `bytes` with a guard below it; where it is, without the guard.
#[inline(always)]
pub fn allocate(bytes: usize) -> Result<Range<usize>> {
    let bytes = bytes.next_multiple_of(PAGE_BYTES);
    let start = map::map(0, bytes + GUARD_BYTES, false)?;
    // SAFETY: part of the mapping just made, which nobody else knows.
    let bottom = unsafe {
        map::commit(start.add(GUARD_BYTES), bytes)?;
        start.expose_provenance() + GUARD_BYTES
    };
    Ok(bottom..bottom + bytes)
}

/// Runs the program on the stack with this end, and ends the process.
///
/// # Safety
/// The end is that of a stack that nothing else uses.
#[inline(always)]
pub unsafe fn run(program: extern "C" fn(), top: *mut u8) -> ! {
    // The program's frame is the outermost: nothing goes back to the stack of the system. What is called is
    // called at a multiple of 16 bytes.
    // SAFETY: as the caller promises; it doesn't return from here.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("mov rsp, {top}", "xor ebp, ebp", "call {program}", "call {end}", "ud2",
            top = in(reg) top, program = in(reg) program, end = sym end, options(noreturn));
        #[cfg(target_arch = "aarch64")]
        asm!("mov sp, {top}", "mov x29, xzr", "blr {program}", "bl {end}", "udf 0",
            top = in(reg) top, program = in(reg) program, end = sym end, options(noreturn));
    }
}

extern "C" fn end() -> ! {
    exit(0)
}

/// Makes a stack that was exhausted usable again: it is.
#[inline(always)]
pub fn recover() {}
