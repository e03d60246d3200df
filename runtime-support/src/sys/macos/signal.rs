//! Signals: the handlers of hardware faults, on a stack of their own, and the register state that
//! they see and may change.

use core::ffi::c_int;
use core::ptr;

use libc::{
    SA_NODEFER, SA_ONSTACK, SA_SIGINFO, SIG_IGN, SIG_UNBLOCK, SIGBUS, SIGFPE, SIGILL, SIGPIPE, SIGSEGV,
    SIGTRAP, sigaction, siginfo_t, sigset_t, stack_t,
};

pub use super::context::Context;
pub use crate::sys::types::{Fault, Handler};

/// Bytes of a signal stack: `MINSIGSTKSZ`, and large enough for the largest register state.
pub const STACK_BYTES: usize = 32 << 10;

#[repr(align(16))]
struct SignalStack(#[expect(dead_code, reason = "only its address is used")] [u8; STACK_BYTES]);

static mut SIGNAL_STACK: SignalStack = SignalStack([0; STACK_BYTES]);

impl Fault<'_> {
    /// What the report of a fault that Wasm code can't have caused begins with, before the number, and the base of that.
    pub const INTERNAL_ERROR: &'static [u8] = b"wasm-aot: internal error: signal ";
    pub const NUMBER_BASE: usize = 10;

    /// Whether the fault is an access of memory. For pages that forbid it, the system raises SIGBUS.
    #[inline(always)]
    pub fn is_access(&self) -> bool {
        matches!(self.number as c_int, SIGSEGV | SIGBUS)
    }
}

static mut HANDLER: Option<Handler> = None;

/// Directs the hardware faults to `handler` and ignores SIGPIPE, as Wasm programs expect `EPIPE`.
pub fn install(handler: Handler) {
    // SAFETY: called once, at start; nothing else uses the stack.
    unsafe {
        HANDLER = Some(handler);
        use_stack((&raw mut SIGNAL_STACK).cast());
    }
    for signal in FAULTS {
        direct(signal, entry);
    }
    act(SIGPIPE, SIG_IGN, 0);
    unblock(&FAULTS);
}

/// The signals of hardware faults.
const FAULTS: [c_int; 5] = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP];

/// Lets signals through that whoever started the process may have blocked.
pub fn unblock(signals: &[c_int]) {
    let set = signals.iter().fold(0 as sigset_t, |set, signal| set | 1 << (signal - 1));
    // SAFETY: the system reads the set.
    unsafe { libc::sigprocmask(SIG_UNBLOCK, &raw const set, ptr::null_mut()) };
}

/// Makes the handlers of this thread run on a stack of its own.
///
/// # Safety
/// There are [`STACK_BYTES`] bytes, which nothing else uses as long as the thread lives.
#[inline(always)]
pub unsafe fn use_stack(bottom: *mut u8) {
    let stack = stack_t { ss_sp: bottom.cast(), ss_size: STACK_BYTES, ss_flags: 0 };
    // SAFETY: as the caller promises.
    unsafe { libc::sigaltstack(&raw const stack, ptr::null_mut()) };
}

/// What the system calls.
pub type EntryPoint = unsafe extern "C" fn(signal: c_int, info: *const siginfo_t, context: *mut Context);

/// Has `entry` called for a signal, on the signal stack.
pub fn direct(signal: c_int, entry: EntryPoint) {
    act(signal, entry as *const () as usize, SA_SIGINFO | SA_ONSTACK | SA_NODEFER);
}

fn act(signal: c_int, handler: usize, flags: c_int) {
    let action = sigaction { sa_sigaction: handler, sa_mask: 0 as sigset_t, sa_flags: flags };
    // SAFETY: the system reads the structure; the handler is a number of the system's or has the right type.
    unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
}

/// Aborts.
pub fn die() -> ! {
    // SAFETY: takes nothing.
    unsafe { libc::abort() }
}

/// Lets writes to a broken pipe end the process, as they do by default.
pub fn end_by_broken_pipes() {
    act(libc::SIGPIPE, libc::SIG_DFL, 0);
}

/// # Safety
/// Called by the system as a signal handler.
unsafe extern "C" fn entry(signal: c_int, info: *const siginfo_t, context: *mut Context) {
    // SAFETY: the system's structures; the context is ours to change.
    let (info, context) = unsafe { (&*info, &mut *context) };
    // SAFETY: `install` has set it.
    let handler = unsafe { HANDLER.unwrap_unchecked() };
    let (number, pc) = (signal as u32, context.fault_pc(signal as u32));
    handler(Fault { number, address: info.si_addr.addr(), pc, context });
}
