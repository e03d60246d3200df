//! Threads of a program that we are a library of.

use super::api::FlushProcessWriteBuffers;

/// The address of what is this thread's own: no other thread that is alive has the same. (`NT_TIB`, "Self".)
#[inline(always)]
pub fn thread_pointer() -> u64 {
    let thread: u64;
    // SAFETY: reads a register, or the address of the block that it points at.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("mov {}, gs:0x30", out(reg) thread, options(nostack, preserves_flags, readonly));
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!("mov {}, x18", out(reg) thread, options(nostack, preserves_flags, nomem));
    }
    thread
}

/// Whether `synchronise` will work.
pub fn can_synchronise() -> bool {
    true
}

/// Has every thread of the process run a full memory barrier.
pub fn synchronise() -> bool {
    // SAFETY: takes no pointers.
    unsafe { FlushProcessWriteBuffers() };
    true
}
