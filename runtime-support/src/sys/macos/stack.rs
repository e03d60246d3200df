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
    // SAFETY: as the caller promises.
    unsafe { call_on_stack(program, top) };
    exit(0)
}

/// Calls `function` on another stack.
///
/// # Safety
/// `stack_top` is the end of a writable mapping, 16-byte aligned, that nothing else uses.
pub unsafe fn call_on_stack(function: extern "C" fn(), stack_top: *mut u8) {
    // SAFETY: the callee keeps the register that has the old stack pointer, so that is restored.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("mov r12, rsp", "mov rsp, {top}", "call {function}", "mov rsp, r12",
            top = in(reg) stack_top, function = in(reg) function, out("r12") _, clobber_abi("C"));
        #[cfg(target_arch = "aarch64")]
        asm!("mov x20, sp", "mov sp, {top}", "blr {function}", "mov sp, x20",
            top = in(reg) stack_top, function = in(reg) function, out("x20") _, clobber_abi("C"));
    }
}

/// Makes a stack that was exhausted usable again: it is.
#[inline(always)]
pub fn recover() {}
