//! Raw system calls, s390x: number in r1, arguments in r2 to r7, result in r2.

use core::arch::asm;

/// # Safety
/// As the system call's manual demands of its arguments.
#[inline(always)]
pub unsafe fn syscall6(n: u32, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    let result: isize;
    // SAFETY: the kernel keeps all registers but r2; the rest is the caller's duty.
    unsafe {
        asm!("svc 0", in("r1") n as usize, inlateout("r2") a as isize => result, in("r3") b,
            in("r4") c, in("r5") d, in("r6") e, in("r7") f, options(nostack));
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
        asm!("svc 0", in("r1") n as usize, inlateout("r2") a as isize => result, in("r3") b,
            in("r4") c, in("r5") d, options(nostack));
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
        asm!("svc 0", in("r1") n as usize, inlateout("r2") a as isize => result, in("r3") b,
            in("r4") c, options(nostack));
    }
    result
}
