//! The end of a process that isn't ours.

/// Raises what an instruction raises that is illegal, whoever handles that.
pub fn abort() -> ! {
    // SAFETY: nothing is behind it.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("ud2", options(noreturn, nostack));
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!("udf 0", options(noreturn, nostack));
        #[cfg(target_arch = "riscv64")]
        core::arch::asm!("unimp", options(noreturn, nostack));
        #[cfg(target_arch = "s390x")]
        core::arch::asm!(".short 0", options(noreturn, nostack));
    }
}
