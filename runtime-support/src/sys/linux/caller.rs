//! Threads of a program that we are a library of.

use core::sync::atomic::{AtomicBool, Ordering};

use linux_raw_sys::general::__NR_membarrier;

use super::{check, syscall3};

/// `enum membarrier_cmd` (linux/membarrier.h).
const PRIVATE_EXPEDITED: usize = 1 << 3;
const REGISTER_PRIVATE_EXPEDITED: usize = 1 << 4;

/// The address of what is this thread's own: no other thread that is alive has the same.
#[inline(always)]
pub fn thread_pointer() -> u64 {
    let thread: u64;
    // SAFETY: reads a register; on x86-64 the word that it points at, which is its own address (System V ABI, "Thread-Local
    // Storage").
    unsafe {
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("mov {}, fs:0", out(reg) thread, options(nostack, preserves_flags, readonly));
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!("mrs {}, tpidr_el0", out(reg) thread, options(nostack, preserves_flags, nomem));
        #[cfg(target_arch = "riscv64")]
        core::arch::asm!("mv {}, tp", out(reg) thread, options(nostack, preserves_flags, nomem));
        #[cfg(target_arch = "s390x")]
        core::arch::asm!(
            "ear {0}, %a0",
            "sllg {0}, {0}, 32",
            "ear {0}, %a1",
            out(reg) thread,
            options(nostack, preserves_flags, nomem)
        );
    }
    thread
}

/// Whether the process has told the system that it will synchronise, and nothing has refused it since.
static REGISTERED: AtomicBool = AtomicBool::new(false);

/// Whether `synchronise` will work.
pub fn can_synchronise() -> bool {
    REGISTERED.load(Ordering::Relaxed) || {
        let can = barrier(REGISTER_PRIVATE_EXPEDITED);
        REGISTERED.store(can, Ordering::Relaxed);
        can
    }
}

/// Has every thread of the process run a full memory barrier; whether that was done.
pub fn synchronise() -> bool {
    // A process made by `fork` may have to register again.
    let done =
        barrier(PRIVATE_EXPEDITED) || barrier(REGISTER_PRIVATE_EXPEDITED) && barrier(PRIVATE_EXPEDITED);
    if !done {
        // By a filter, say. Instances that are made from now on do without.
        REGISTERED.store(false, Ordering::Relaxed);
    }
    done
}

fn barrier(command: usize) -> bool {
    // SAFETY: takes no pointers.
    check(unsafe { syscall3(__NR_membarrier, command, 0, 0) }).is_ok()
}
