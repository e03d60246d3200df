//! An optimisation barrier for the functions that copy memory.

/// Keeps loops from being recognised as a copy or a fill.
#[inline(always)]
pub fn opaque<T>(pointer: *mut T) -> *mut T {
    let mut pointer = pointer;
    // SAFETY: no instruction.
    unsafe { core::arch::asm!("/* {0} */", inout(reg) pointer, options(nostack, preserves_flags)) };
    pointer
}
