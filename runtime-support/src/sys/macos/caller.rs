//! Threads of a program that we are a library of.

/// The address of what is this thread's own: no other thread that is alive has the same.
#[inline(always)]
pub fn thread_pointer() -> u64 {
    let thread: u64;
    // SAFETY: reads a register, or the first of the thread's slots, which has the address of the thread itself. The low bits
    // of the register may have the number of the CPU.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("mov {}, gs:0", out(reg) thread, options(nostack, preserves_flags, readonly));
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!(
            "mrs {0}, tpidrro_el0",
            "and {0}, {0}, #0xfffffffffffffff8",
            out(reg) thread,
            options(nostack, preserves_flags, nomem)
        );
    }
    thread
}

/// Whether `synchronise` will work.
pub fn can_synchronise() -> bool {
    false
}

/// Has every thread of the process run a full memory barrier. Here that can't be done.
pub fn synchronise() -> bool {
    false
}
