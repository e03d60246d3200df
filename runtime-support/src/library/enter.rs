//! The frame of `wasm_aot_enter`, through which each call of Wasm code from outside goes: `wasm_aot_abi::library::ENTER`.
//!
//! The function saves the registers that callees keep, so that a trap can go on behind the call without unwinding anything.
//! Whoever may enter at once isn't asked: see `owner`.

/// Defines `wasm_aot_enter`, of which `wasm_aot_library_run` and the two labels below are parts, by instructions and operands that
/// are the architecture's own.
macro_rules! enter {
    ($($instruction:tt)*) => {
        core::arch::global_asm!(
            function_section!("wasm_aot_enter"),
            global!("wasm_aot_enter"),
            global_inside!("wasm_aot_library_run"),
            global_inside!("wasm_aot_enter_entered"),
            global_inside!("wasm_aot_enter_landing"),
            $($instruction)*
            owner = const wasm_aot_abi::library::Instance::OWNER,
            inside = const wasm_aot_abi::library::Instance::INSIDE,
            threads = const wasm_aot_abi::library::Instance::BIASED_THREADS,
            stack_limit = const wasm_aot_abi::library::Instance::STACK_LIMIT,
            stack_bytes = const wasm_aot_abi::library::Instance::STACK_BYTES,
            catcher = const wasm_aot_abi::library::Instance::CATCHER,
            maker = const $crate::library::owner::MAKER,
            nested = const $crate::library::owner::NESTED,
            ask = sym $crate::library::owner::wasm_aot_library_ask,
            left = sym $crate::library::owner::wasm_aot_library_left,
        );
    };
}

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

/// The frame of a call, from the place on that a trap resumes with in the stack pointer.
#[repr(C)]
pub struct Frame {
    /// The address of the instance, a multiple of 64, and what kind of call it is: see `owner`.
    pub word: u64,
}

impl Frame {
    /// Bits of `word` that aren't the instance's.
    const KIND: u64 = align_of::<Instance>() as u64 - 1;

    pub fn instance(&self) -> *mut Instance {
        (self.word & !Frame::KIND) as *mut Instance
    }

    pub fn kind(&self) -> u64 {
        self.word & Frame::KIND
    }

    /// What `Instance::catcher` was before this nested call.
    ///
    /// # Safety
    /// `frame` is that of a nested call.
    pub unsafe fn around(frame: *mut Frame) -> u64 {
        // SAFETY: it is there.
        unsafe { frame.byte_add(arch::AROUND).cast::<u64>().read() }
    }

    /// The frame that a value of `Instance::catcher` stands for.
    ///
    /// # Safety
    /// This thread is in the instance.
    pub unsafe fn at(instance: *mut Instance, catcher: u64) -> *mut Frame {
        if catcher != 0 {
            return catcher as *mut Frame;
        }
        // SAFETY: as the caller promises. The outermost call has set the limit.
        unsafe { ((*instance).stack_limit + (*instance).stack_bytes - arch::FRAME_BYTES) as *mut Frame }
    }

    /// That of the innermost call.
    ///
    /// # Safety
    /// This thread is in the instance.
    pub unsafe fn innermost(instance: *mut Instance) -> *mut Frame {
        // SAFETY: as the caller promises.
        unsafe { Frame::at(instance, (*instance).catcher) }
    }
}

/// Continues behind the innermost call, which returns this number.
///
/// # Safety
/// A call is under way in this thread, and nothing below it has anything to clean up.
pub unsafe fn leave(instance: *mut Instance, code: i32) -> ! {
    let landing = wasm_aot_enter_landing as *const () as usize;
    // SAFETY: as the caller promises; the landing expects to be entered so.
    unsafe { go_to(landing, Frame::innermost(instance).addr(), code as usize) }
}

/// Has interrupted code continue behind the innermost call, which returns this number.
///
/// # Safety
/// As for `leave`; the context is that of the thread.
pub unsafe fn resume(instance: *mut Instance, code: i32, context: &mut Context) {
    let landing = wasm_aot_enter_landing as *const () as usize;
    // SAFETY: as the caller promises.
    context.resume_at(landing, unsafe { Frame::innermost(instance) }.addr(), code as usize);
}

/// Whether this is where the body returns to.
pub fn is_entered(return_address: usize) -> bool {
    return_address == wasm_aot_enter_entered as *const () as usize
}

/// The instance that the code with this frame runs in; none if it isn't below a call.
pub fn instance_of(mut frame: frame::Frame) -> Option<*mut Instance> {
    while let Some(caller) = frame.caller() {
        if is_entered(caller.return_address) {
            // SAFETY: such a frame lies there.
            return Some(unsafe { (*arch::frame_at(frame)).instance() });
        }
        if caller.frame <= frame {
            break;
        }
        frame = caller.frame;
    }
    None
}
