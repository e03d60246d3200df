//! Raw system calls, x86-64: number in rax, arguments in rdi, rsi, rdx, r10, r8, r9, result in
//! rax; rcx and r11 are clobbered.

use core::arch::asm;

/// # Safety
/// As the system call's manual demands of its arguments.
#[inline(always)]
pub unsafe fn syscall6(n: u32, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    let result: isize;
    // SAFETY: the kernel keeps all registers but rax, rcx and r11; the rest is the caller's duty.
    unsafe {
        asm!("syscall", inlateout("rax") n as usize as isize => result, in("rdi") a, in("rsi") b,
            in("rdx") c, in("r10") d, in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _,
            options(nostack));
    }
    result
}

/// # Safety
/// As for [`syscall6`].
#[inline(always)]
pub unsafe fn syscall4(n: u32, a: usize, b: usize, c: usize, d: usize) -> isize {
    let result: isize;
    // SAFETY: as in `syscall6`.
    unsafe {
        asm!("syscall", inlateout("rax") n as usize as isize => result, in("rdi") a, in("rsi") b,
            in("rdx") c, in("r10") d, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}

/// # Safety
/// As for [`syscall6`].
#[inline(always)]
pub unsafe fn syscall3(n: u32, a: usize, b: usize, c: usize) -> isize {
    let result: isize;
    // SAFETY: as in `syscall6`.
    unsafe {
        asm!("syscall", inlateout("rax") n as usize as isize => result, in("rdi") a, in("rsi") b,
            in("rdx") c, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}
