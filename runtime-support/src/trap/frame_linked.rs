//! Frames of instruction sets with a frame pointer register: it points at the caller's, with the
//! return address above it (x86-64, aarch64 and riscv64 as Cranelift lays frames out).

use crate::sys::signal::Context;

/// Offset of the return address from the frame pointer.
pub const RETURN_ADDRESS: usize = 8;

/// Frame pointer of the interrupted function.
pub fn interrupted(context: &Context) -> usize {
    context.frame_pointer()
}

/// Frame pointer of the function that this is inlined into.
#[cfg(not(target_arch = "riscv64"))]
#[inline(always)]
pub fn current() -> usize {
    let frame;
    // SAFETY: copies a register. The runtime is built with frame pointers.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("mov {}, rbp", out(reg) frame, options(nomem, nostack, preserves_flags));
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!("mov {}, x29", out(reg) frame, options(nomem, nostack, preserves_flags));
    }
    frame
}

/// Where the two words are of the frame of the function that this is inlined into: by the psABI, which
/// the runtime's functions follow, the frame pointer is the address behind them. Those words are of the
/// form that Cranelift's frames have, but what they link to is another function of the runtime, so this
/// goes up to the one that Wasm code called.
#[cfg(target_arch = "riscv64")]
#[inline(always)]
pub fn current() -> usize {
    let mut frame: usize;
    // SAFETY: copies a register. The runtime is built with frame pointers.
    unsafe { core::arch::asm!("mv {}, s0", out(reg) frame, options(nomem, nostack, preserves_flags)) };
    loop {
        let words = super::Frame(frame.wrapping_sub(16));
        match words.caller() {
            Some(caller) if is_host(caller.return_address) => frame = caller.frame.0,
            _ => return words.0,
        }
    }
}

#[cfg(target_arch = "riscv64")]
fn is_host(return_address: usize) -> bool {
    crate::trap::code_offset(crate::program::program(), return_address).is_none()
}
