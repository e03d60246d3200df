//! Signals: the handlers of hardware faults, on a stack of their own, and the register state that
//! they see and may change.

/// Defines the restorer, where the program brings it: the code that a handler returns to.
#[cfg(any(target_arch = "s390x", target_arch = "x86_64"))]
macro_rules! restorer {
    ($($instruction:literal),*) => {
        core::arch::global_asm!(".globl wasm_aot_sigreturn", "wasm_aot_sigreturn:", $($instruction),*);

        unsafe extern "C" {
            fn wasm_aot_sigreturn();
        }

        /// Type of `sa_restorer`.
        pub type Restorer = usize;

        pub fn restorer() -> Restorer {
            wasm_aot_sigreturn as *const () as usize
        }
    };
}

#[cfg(target_arch = "aarch64")]
#[path = "context_aarch64.rs"]
mod context;
#[cfg(target_arch = "riscv64")]
#[path = "context_riscv64.rs"]
mod context;
#[cfg(target_arch = "s390x")]
#[path = "context_s390x.rs"]
mod context;
#[cfg(target_arch = "x86_64")]
#[path = "context_x86_64.rs"]
mod context;

pub use crate::sys::types::{Fault, Handler};
pub use context::Context;

use core::ptr;

use linux_raw_sys::general::{
    __NR_rt_sigaction, __NR_sigaltstack, SA_NODEFER, SA_ONSTACK, SA_SIGINFO, SIGBUS, SIGFPE, SIGILL, SIGPIPE,
    SIGSEGV, SIGTRAP, stack_t,
};

use super::{syscall3, syscall6};

/// Bytes of the signal stack. Large enough for the largest register state (AVX-512, SVE, AMX).
pub const STACK_BYTES: usize = 32 << 10;

#[repr(align(16))]
struct SignalStack(#[expect(dead_code, reason = "only its address is used")] [u8; STACK_BYTES]);

static mut SIGNAL_STACK: SignalStack = SignalStack([0; STACK_BYTES]);

/// `struct kernel_sigaction`.
#[repr(C)]
struct Action {
    handler: usize,
    flags: usize,
    restorer: context::Restorer,
    mask: u64,
}

impl Fault<'_> {
    /// How the number is shown.
    pub const NUMBER_NAME: &'static [u8] = b"signal ";
    pub const NUMBER_BASE: usize = 10;

    /// Was it an access of memory?
    #[inline(always)]
    pub fn is_access(&self) -> bool {
        self.number == SIGSEGV || self.number == SIGBUS
    }
}

static mut HANDLER: Option<Handler> = None;

/// Directs the hardware faults to `handler` and ignores SIGPIPE, as Wasm programs expect `EPIPE`.
pub fn install(handler: Handler) {
    // SAFETY: called once, at start; the kernel reads the structures.
    unsafe {
        HANDLER = Some(handler);
        use_stack(ptr::addr_of_mut!(SIGNAL_STACK).cast());
        for signal in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP] {
            direct(signal, entry);
        }
        let flags = context::RESTORER_FLAG;
        let ignore = Action { handler: 1, flags, restorer: context::restorer(), mask: 0 };
        syscall6(__NR_rt_sigaction, SIGPIPE as usize, &raw const ignore as usize, 0, 8, 0, 0);
    }
}

/// What the kernel calls.
pub type EntryPoint = unsafe extern "C" fn(signal: i32, info: *const u8, context: *mut Context);

/// Has `entry` called for a signal, on the signal stack.
pub fn direct(signal: u32, entry: EntryPoint) {
    let action = Action {
        handler: entry as *const () as usize,
        flags: (SA_SIGINFO | SA_ONSTACK | SA_NODEFER) as usize | context::RESTORER_FLAG,
        restorer: context::restorer(),
        mask: 0,
    };
    // SAFETY: the kernel reads the structure; `entry` has the type of a signal handler.
    unsafe { syscall6(__NR_rt_sigaction, signal as usize, &raw const action as usize, 0, 8, 0, 0) };
}

/// Makes the handlers of this thread run on a stack of its own.
///
/// # Safety
/// There are [`STACK_BYTES`] bytes, which nothing else uses as long as the thread lives.
#[inline(always)]
pub unsafe fn use_stack(bottom: *mut u8) {
    let stack = stack_t { ss_sp: bottom.cast(), ss_flags: 0, ss_size: STACK_BYTES as _ };
    // SAFETY: as the caller promises.
    unsafe { syscall3(__NR_sigaltstack, &raw const stack as usize, 0, 0) };
}

/// # Safety
/// Called by the kernel as a signal handler.
unsafe extern "C" fn entry(signal: i32, info: *const u8, context: *mut Context) {
    // SAFETY: `siginfo_t` has `si_addr` at byte 16 for these signals; the context is ours to change.
    unsafe {
        let address = info.add(16).cast::<usize>().read();
        let handler = HANDLER.unwrap_unchecked();
        let (number, context) = (signal as u32, &mut *context);
        handler(Fault { number, address, pc: context.fault_pc(number), context });
    }
}
