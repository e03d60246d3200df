//! Frames of Wasm code: from one to its caller. All that is known of their layout is here, for
//! whatever walks the stack.
//!
//! Each frame has a frame pointer, at which the caller's frame pointer is stored; the return address
//! is at a fixed offset from it. That is so on every instruction set: Cranelift's
//! `preserve_frame_pointers` is on in all Wasm code.

#[cfg_attr(target_arch = "s390x", path = "frame_s390x.rs")]
#[cfg_attr(all(target_arch = "x86_64", target_os = "windows"), path = "frame_x86_64_windows.rs")]
#[cfg_attr(
    not(any(target_arch = "s390x", all(target_arch = "x86_64", target_os = "windows"))),
    path = "frame_linked.rs"
)]
mod layout;

use super::bounds::stack_contains;
use crate::sys::signal::Context;

/// A frame pointer.
///
/// On s390x, which has no register for it, that is the stack pointer at the entry of the function:
/// what the ABI calls the backchain, and what Cranelift's call sites count from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Frame(pub usize);

/// What a frame knows of its caller.
pub struct Caller {
    /// Where it goes on.
    pub return_address: usize,
    pub frame: Frame,
}

impl Frame {
    /// How the report of a fault continues, before the address of the access.
    pub const ACCESS_AT: &[u8] = layout::ACCESS_AT;

    /// The frame of Wasm code that a signal interrupted.
    pub fn interrupted(context: &Context) -> Frame {
        Frame(layout::interrupted(context))
    }

    /// The frame of the function of the runtime that this is inlined into, which calls others, or of one
    /// of its callers in the runtime.
    #[inline(always)]
    pub fn current() -> Frame {
        Frame(layout::current())
    }

    /// The caller of this frame; none if this is no address in the stack of Wasm code.
    pub fn caller(self) -> Option<Caller> {
        let (link, return_address) = (self.0, self.0.wrapping_add(layout::RETURN_ADDRESS));
        if !self.0.is_multiple_of(8) || !stack_contains(link) || !stack_contains(return_address) {
            return None;
        }
        // SAFETY: both words lie in the stack of the Wasm code, which stays mapped; its bounds are
        // multiples of 8.
        unsafe {
            // Above this it is the program's own stack.
            #[cfg(feature = "libraries")]
            if crate::library::enter::is_entered((return_address as *const usize).read()) {
                return Some(Caller {
                    return_address: (return_address as *const usize).read(),
                    frame: Frame(0),
                });
            }
            Some(Caller {
                return_address: (return_address as *const usize).read(),
                frame: Frame((link as *const usize).read()),
            })
        }
    }
}
