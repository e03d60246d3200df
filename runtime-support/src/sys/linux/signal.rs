//! Signals: the handlers of hardware faults, on a stack of their own, and the register state that
//! they see and may change.

pub use super::context::Context;
pub use crate::sys::types::{Fault, Handler};

use core::ptr;

use linux_raw_sys::general::{
    __NR_getpid, __NR_gettid, __NR_kill, __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_sigaltstack,
    __NR_tgkill, SA_NODEFER, SA_ONSTACK, SA_SIGINFO, SIG_UNBLOCK, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGPIPE,
    SIGSEGV, SIGTRAP, stack_t,
};

use super::{context, syscall3, syscall4};

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
    /// What the report of a fault that Wasm code can't have caused begins with, before the number, and the base of that.
    pub const INTERNAL_ERROR: &'static [u8] = b"wasm-aot: internal error: signal ";
    pub const NUMBER_BASE: usize = 10;

    /// Whether the fault is an access of memory.
    #[inline(always)]
    pub fn is_access(&self) -> bool {
        self.number == SIGSEGV || self.number == SIGBUS
    }
}

static mut HANDLER: Option<Handler> = None;

/// The signals of hardware faults.
static FAULTS: [u8; 5] = [SIGSEGV as u8, SIGBUS as u8, SIGILL as u8, SIGFPE as u8, SIGTRAP as u8];
/// The same as a set of the kernel's.
static FAULT_SET: u64 =
    1 << (SIGSEGV - 1) | 1 << (SIGBUS - 1) | 1 << (SIGILL - 1) | 1 << (SIGFPE - 1) | 1 << (SIGTRAP - 1);

/// What a signal does when no function handles it.
const DEFAULT: usize = 0;
const IGNORE: usize = 1;

/// Directs the hardware faults to `handler` and ignores SIGPIPE, as Wasm programs expect `EPIPE`.
pub fn install(handler: Handler) {
    // SAFETY: called once, at start; nothing else uses the stack.
    unsafe {
        HANDLER = Some(handler);
        use_stack(ptr::addr_of_mut!(SIGNAL_STACK).cast());
    }
    for &signal in &FAULTS {
        direct(signal.into(), entry);
    }
    act(SIGPIPE, IGNORE);
    unblock(&FAULT_SET);
}

/// Lets signals through that whoever started the process may have blocked.
#[inline(always)]
pub fn unblock(set: &u64) {
    let set = ptr::from_ref(set) as usize;
    // SAFETY: the kernel reads the set.
    unsafe { syscall4(__NR_rt_sigprocmask, SIG_UNBLOCK as usize, set, 0, 8) };
}

/// Has signals wait until they are let through.
#[cfg(feature = "servers")]
pub fn block(set: &u64) {
    use linux_raw_sys::general::SIG_BLOCK;
    let set = ptr::from_ref(set) as usize;
    // SAFETY: the kernel reads the set.
    unsafe { syscall4(__NR_rt_sigprocmask, SIG_BLOCK as usize, set, 0, 8) };
}

/// What the kernel calls.
pub type EntryPoint = unsafe extern "C" fn(signal: i32, info: *const u8, context: *mut Context);

/// Has `entry` called for a signal, on the signal stack.
#[inline(always)]
pub fn direct(signal: u32, entry: EntryPoint) {
    act(signal, entry as *const () as usize);
}

#[inline(never)]
fn act(signal: u32, handler: usize) {
    let action = Action {
        handler,
        // Without a function, they have no meaning.
        flags: (SA_SIGINFO | SA_ONSTACK | SA_NODEFER) as usize | context::RESTORER_FLAG,
        restorer: context::restorer(),
        mask: 0,
    };
    // SAFETY: the kernel reads the structure; the handler is a number of the kernel's or has the type of one.
    unsafe { syscall4(__NR_rt_sigaction, signal as usize, &raw const action as usize, 0, 8) };
}

/// Whether a process has sent the signal; else the kernel did, which had a reason.
///
/// # Safety
/// `info` is what a handler got.
#[inline(always)]
pub unsafe fn is_sent(info: *const u8) -> bool {
    // SAFETY: `siginfo_t` has `si_code` at byte 8.
    unsafe { info.add(8).cast::<i32>().read() <= 0 }
}

/// Has a signal do what it does to a process that doesn't handle it: it ends. For handlers, which aren't blocked.
#[inline(always)]
pub fn pass_on(signal: u32) {
    act(signal, DEFAULT);
    let signal = signal as usize;
    // SAFETY: takes no pointers. `getpid` takes nothing at all: the arguments are there for the next call.
    unsafe {
        let process = syscall3(__NR_getpid, 0, signal, 0);
        syscall3(__NR_kill, process as usize, signal, 0);
    }
}

/// Aborts: in this thread, so that it is the one that debuggers show. Whoever started the process may have blocked the signal.
pub fn die() -> ! {
    act(SIGABRT, DEFAULT);
    unblock(&(1 << (SIGABRT - 1)));
    loop {
        // SAFETY: takes no pointers.
        unsafe {
            let process = syscall3(__NR_getpid, 0, 0, 0) as usize;
            let thread = syscall3(__NR_gettid, 0, 0, 0) as usize;
            syscall3(__NR_tgkill, process, thread, SIGABRT as usize);
        }
    }
}

/// Lets writes to a broken pipe end the process, as they do by default.
pub fn end_by_broken_pipes() {
    act(SIGPIPE, DEFAULT);
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
        if is_sent(info) {
            return pass_on(signal as u32);
        }
        let address = info.add(16).cast::<usize>().read();
        let handler = HANDLER.unwrap_unchecked();
        let (number, context) = (signal as u32, &mut *context);
        handler(Fault { number, address, pc: context.fault_pc(number), context });
    }
}
