//! The stack of the program: that of the first thread, which the system makes as large as the executable asks for.
//! The system commits its pages one after the other, and raises an exception at the last ones.

use core::ops::Range;
use core::ptr;

use super::Result;
use super::api::{GetCurrentThreadStackLimits, PAGE_BYTES, SetThreadStackGuarantee, VirtualProtect};
use super::error::check;

/// Bytes that are left for the handler of a trap when the stack is exhausted.
const GUARANTEED: u32 = 32 << 10;

const PAGE_READWRITE: u32 = 4;
const PAGE_GUARD: u32 = 0x100;

/// Where the stack of this thread is.
fn limits() -> Range<usize> {
    let (mut low, mut high) = (0, 0);
    // SAFETY: writes both.
    unsafe { GetCurrentThreadStackLimits(&raw mut low, &raw mut high) };
    low..high
}

/// Makes the stack ready; where it is. The executable has asked for `bytes`.
pub fn allocate(_bytes: usize) -> Result<Range<usize>> {
    guarantee()?;
    recover();
    Ok(limits())
}

/// Has the system leave room for the handler of traps on the stack of this thread.
pub fn guarantee() -> Result<()> {
    let mut guaranteed = GUARANTEED;
    // SAFETY: reads and writes `guaranteed`.
    check(unsafe { SetThreadStackGuarantee(&raw mut guaranteed) })
}

/// An address just below the stack of this thread.
pub fn below() -> usize {
    limits().start - 1
}

/// Runs the program, and ends the process.
///
/// # Safety
/// The program's function may be called.
#[inline(always)]
pub unsafe fn run(program: extern "C" fn(), _top: *mut u8) -> ! {
    // It has the convention of Wasm code and keeps fewer registers than functions of the system. Nobody needs them
    // any more. Functions of the runtime want 32 bytes of the caller's frame.
    #[cfg(target_arch = "x86_64")]
    // SAFETY: as the caller promises; it doesn't return from here.
    unsafe {
        core::arch::asm!(
            "and rsp, -16",
            "sub rsp, 32",
            "call {program}",
            "call {end}",
            program = in(reg) program,
            end = sym end,
            options(noreturn)
        );
    }
    #[cfg(target_arch = "aarch64")]
    {
        program();
        end()
    }
}

extern "C" fn end() -> ! {
    super::exit(0)
}

/// Puts the guard back after the stack was exhausted, if the pages at its end are committed: a page that is hit
/// first, and those that are then for the handler. The very last page is nobody's.
///
/// Wine commits all of a stack, and has only one page of guard at first: so this is done at start, too, where it
/// fails on other systems and changes nothing.
pub fn recover() {
    guard(limits().start);
}

/// Makes the guard of a stack whose pages are committed.
pub fn guard(bottom: usize) {
    let mut old = 0;
    // SAFETY: these pages are at the end of a stack, far below all that is in use.
    unsafe {
        let start = ptr::with_exposed_provenance_mut(bottom + PAGE_BYTES);
        let bytes = GUARANTEED as usize + PAGE_BYTES;
        VirtualProtect(start, bytes, PAGE_READWRITE | PAGE_GUARD, &raw mut old);
    }
}
