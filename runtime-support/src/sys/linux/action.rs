//! What signals of hardware faults do, in a program that we are a library of.

use linux_raw_sys::general::{
    __NR_rt_sigaction, SA_ONSTACK, SA_RESETHAND, SA_SIGINFO, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP,
};

use super::context::{self, Context};
use super::signal::{self, Fault, is_sent};
use super::syscall4;

/// The signals of hardware faults.
pub const FAULTS: [u32; 5] = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP];

/// The restorer of whoever has set the action is used, and not the kernel's (asm/signal.h).
const SA_RESTORER: usize = 0x0400_0000;

/// `struct kernel_sigaction`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Action {
    pub handler: usize,
    flags: usize,
    restorer: context::Restorer,
    mask: u64,
}

pub type Info = u8;

impl Action {
    /// What a signal does when no function handles it.
    pub const DEFAULT: usize = 0;
    pub const IGNORE: usize = 1;

    pub const NONE: Action =
        Action { handler: Action::DEFAULT, flags: 0, restorer: context::NO_RESTORER, mask: 0 };

    /// What a signal does now.
    pub fn get(signal: u32) -> Action {
        // Emulators (qemu-user) write a word more than kernels for riscv64 do.
        let mut room = [Action::NONE; 2];
        // SAFETY: the kernel writes the structure.
        unsafe { syscall4(__NR_rt_sigaction, signal as usize, 0, &raw mut room as usize, 8) };
        let [action, _] = room;
        action
    }

    /// Has a signal do this; what it did until then.
    pub fn set(&self, signal: u32) -> Action {
        let mut room = [Action::NONE; 2];
        let (action, before) = (&raw const *self as usize, &raw mut room as usize);
        // SAFETY: as in `get`; the handler is a number of the kernel's or the address of one.
        unsafe { syscall4(__NR_rt_sigaction, signal as usize, action, before, 8) };
        let [before, _] = room;
        before
    }

    /// Whether they do the same.
    pub fn is(&self, other: &Action) -> bool {
        (self.handler, self.flags, self.mask) == (other.handler, other.flags, other.mask)
    }

    /// With another handler, which takes three arguments and runs as this one does: on the same stack, with the same
    /// signals blocked.
    pub fn replaced_by(&self, handler: usize) -> Action {
        let own_stack = if self.has_function() { 0 } else { SA_ONSTACK };
        Action {
            handler,
            flags: self.flags & !(SA_RESETHAND as usize | SA_RESTORER)
                | (SA_SIGINFO | own_stack) as usize
                | context::RESTORER_FLAG,
            restorer: context::restorer(),
            mask: self.mask,
        }
    }

    /// Whether a function handles the signal.
    pub fn has_function(&self) -> bool {
        self.handler > Action::IGNORE
    }

    /// Whether the function takes three arguments.
    pub fn takes_info(&self) -> bool {
        self.flags & SA_SIGINFO as usize != 0
    }

    /// Whether the signal does again what it does by default when the function is called.
    pub fn is_for_once(&self) -> bool {
        self.flags & SA_RESETHAND as usize != 0
    }
}

/// The fault that a signal is for; none if somebody has sent it.
///
/// # Safety
/// The arguments are those of a handler of one of `FAULTS`.
pub unsafe fn fault<'a>(signal: u32, info: *const Info, context: *mut Context) -> Option<Fault<'a>> {
    // SAFETY: as the caller promises. `siginfo_t` has `si_addr` at byte 16 for these signals.
    unsafe {
        if is_sent(info) && signal != Context::UNNAMED_TRAP {
            return None;
        }
        let address = info.add(16).cast::<usize>().read();
        let context = &mut *context;
        Some(Fault { number: signal, address, pc: context.fault_pc(signal), context })
    }
}

/// Has a signal do to the process what it does by default.
pub fn resend(signal: u32) {
    signal::pass_on(signal);
}
