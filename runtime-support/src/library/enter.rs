//! The frame of `wasm_aot_enter`, through which each call of Wasm code from outside goes: `wasm_aot_abi::library::ENTER`.
//!
//! The function saves the registers that callees keep, so that a trap can go on behind the call without unwinding anything.
//! Whoever may enter at once isn't asked: see `owner`.

#[cfg_attr(target_arch = "aarch64", path = "enter_aarch64.rs")]
#[cfg_attr(target_arch = "riscv64", path = "enter_riscv64.rs")]
#[cfg_attr(target_arch = "s390x", path = "enter_s390x.rs")]
#[cfg_attr(all(target_arch = "x86_64", not(target_os = "windows")), path = "enter_x86_64.rs")]
#[cfg_attr(all(target_arch = "x86_64", target_os = "windows"), path = "enter_x86_64_windows.rs")]
mod arch;

use wasm_aot_abi::library::{Body, Instance};

use crate::stack::frame;
use crate::stack::resume::go_to;
use crate::sys::signal::Context;

unsafe extern "C" {
    /// As `wasm_aot_enter`, by the function that has seized the instance.
    pub fn wasm_aot_library_run(instance: *mut Instance, body: Body, values: *mut u64) -> i32;
    /// Where the body returns to: no function.
    fn wasm_aot_enter_entered();
    /// Where a trap resumes, with its number as result: no function.
    fn wasm_aot_enter_landing();
}

/// What lies at the stack pointer in the frame: see `Instance::catcher`.
#[repr(C)]
pub struct Frame {
    /// What is around this call: see `owner`.
    pub outer: u64,
    pub instance: *mut Instance,
}

/// Continues behind the innermost call, which returns this number.
///
/// # Safety
/// A call is under way in this thread, and nothing below it has anything to clean up.
pub unsafe fn leave(instance: *mut Instance, code: i32) -> ! {
    // SAFETY: as the caller promises; the landing expects to be entered so.
    unsafe {
        go_to(wasm_aot_enter_landing as *const () as usize, (*instance).catcher as usize, code as usize)
    }
}

/// Has interrupted code continue behind the innermost call, which returns this number.
///
/// # Safety
/// As for `leave`; the context is that of the thread.
pub unsafe fn resume(instance: *mut Instance, code: i32, context: &mut Context) {
    let landing = wasm_aot_enter_landing as *const () as usize;
    // SAFETY: as the caller promises.
    context.resume_at(landing, unsafe { (*instance).catcher } as usize, code as usize);
}

/// The instance that the code with this frame runs in; none if it isn't below a call.
pub fn instance_of(mut frame: frame::Frame) -> Option<*mut Instance> {
    let entered = wasm_aot_enter_entered as *const () as usize;
    while let Some(caller) = frame.caller() {
        if caller.return_address == entered {
            // SAFETY: such a frame lies there.
            return Some(unsafe { (*arch::frame_at(frame, &caller)).instance });
        }
        if caller.frame <= frame {
            break;
        }
        frame = caller.frame;
    }
    None
}
