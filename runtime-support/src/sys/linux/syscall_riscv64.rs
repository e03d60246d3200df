//! Raw system calls, riscv64: number in a7, arguments in a0 to a5, result in a0.

use core::arch::asm;

/// # Safety
/// As the system call's manual demands of its arguments.
#[inline(always)]
pub unsafe fn syscall6(n: u32, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    let result: isize;
    // SAFETY: the kernel keeps all registers but a0; the rest is the caller's duty.
    unsafe {
        asm!("ecall", in("a7") n as usize, inlateout("a0") a as isize => result, in("a1") b,
            in("a2") c, in("a3") d, in("a4") e, in("a5") f, options(nostack));
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
        asm!("ecall", in("a7") n as usize, inlateout("a0") a as isize => result, in("a1") b,
            in("a2") c, in("a3") d, options(nostack));
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
        asm!("ecall", in("a7") n as usize, inlateout("a0") a as isize => result, in("a1") b,
            in("a2") c, options(nostack));
    }
    result
}
