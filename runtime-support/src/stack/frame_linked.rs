//! Frames of instruction sets with a frame pointer register: it points at the caller's, with the
//! return address above it (x86-64, aarch64 and riscv64 as Cranelift lays frames out).

use crate::sys::signal::Context;

/// Offset of the return address from the frame pointer.
pub const RETURN_ADDRESS: usize = 8;

/// How the report of a fault continues, before the address of the access.
pub const ACCESS_AT: &[u8] = b" at 0x";

/// Frame pointer of the interrupted function.
#[cfg(not(target_arch = "riscv64"))]
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

/// Frame pointer of the interrupted function, or of the Wasm code that called the runtime, if it
/// interrupted a function of the runtime.
#[cfg(target_arch = "riscv64")]
pub fn interrupted(context: &Context) -> usize {
    let frame = context.frame_pointer();
    if !is_host(context.fault_pc(0)) {
        return frame;
    }
    // A function that Wasm code called, and that has no frame yet, leaves the register to its caller.
    let link = context.return_address();
    let has_frame = host_words(frame).caller().is_some_and(|caller| caller.return_address == link);
    if is_host(link) || has_frame { outermost_host(frame) } else { frame }
}

/// As for the other instruction sets; in the form that Cranelift's frames have.
#[cfg(target_arch = "riscv64")]
#[inline(always)]
pub fn current() -> usize {
    let frame: usize;
    // SAFETY: copies a register. The runtime is built with frame pointers.
    unsafe { core::arch::asm!("mv {}, s0", out(reg) frame, options(nomem, nostack, preserves_flags)) };
    outermost_host(frame)
}

/// Where the two words are of a frame of the runtime: by the psABI, which its functions follow, the frame
/// pointer is the address behind them.
#[cfg(target_arch = "riscv64")]
fn host_words(frame: usize) -> super::Frame {
    super::Frame(frame.wrapping_sub(16))
}

/// The words of the frame of the function that Wasm code called, from the frame pointer of it or of one that
/// it called.
#[cfg(target_arch = "riscv64")]
fn outermost_host(mut frame: usize) -> usize {
    loop {
        let words = host_words(frame);
        match words.caller() {
            Some(caller) if is_host(caller.return_address) && caller.frame.0 > frame => {
                frame = caller.frame.0
            }
            _ => return words.0,
        }
    }
}

#[cfg(target_arch = "riscv64")]
fn is_host(return_address: usize) -> bool {
    #[cfg(feature = "libraries")]
    if crate::library::enter::is_entered(return_address) {
        return false;
    }
    crate::program::code_offset(crate::program::program(), return_address).is_none()
}
