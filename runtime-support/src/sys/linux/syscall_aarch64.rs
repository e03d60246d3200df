//! Raw system calls, aarch64: number in x8, arguments in x0 to x5, result in x0.

use core::arch::asm;

/// # Safety
/// As the system call's manual demands of its arguments.
#[inline(always)]
pub unsafe fn syscall6(n: u32, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    let result: isize;
    // SAFETY: the kernel keeps all registers but x0; the rest is the caller's duty.
    unsafe {
        asm!("svc 0", in("x8") n as usize, inlateout("x0") a as isize => result, in("x1") b,
            in("x2") c, in("x3") d, in("x4") e, in("x5") f, options(nostack));
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
        asm!("svc 0", in("x8") n as usize, inlateout("x0") a as isize => result, in("x1") b,
            in("x2") c, in("x3") d, options(nostack));
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
        asm!("svc 0", in("x8") n as usize, inlateout("x0") a as isize => result, in("x1") b,
            in("x2") c, options(nostack));
    }
    result
}
