//! What signals of hardware faults do, in a program that we are a library of.

use core::ffi::c_int;
use core::ptr;

use libc::{
    SA_ONSTACK, SA_RESETHAND, SA_SIGINFO, SIG_DFL, SIG_IGN, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP,
    sigaction, siginfo_t, sigset_t,
};

use super::context::Context;
use super::signal::Fault;

/// The signals of hardware faults.
pub const FAULTS: [u32; 5] = [SIGSEGV as u32, SIGBUS as u32, SIGILL as u32, SIGFPE as u32, SIGTRAP as u32];

pub type Info = siginfo_t;

#[derive(Clone, Copy)]
pub struct Action {
    pub handler: usize,
    flags: c_int,
    mask: sigset_t,
}

impl Action {
    /// What a signal does when no function handles it.
    pub const DEFAULT: usize = SIG_DFL;
    pub const IGNORE: usize = SIG_IGN;

    pub const NONE: Action = Action { handler: Action::DEFAULT, flags: 0, mask: 0 };

    /// What a signal does now.
    pub fn get(signal: u32) -> Action {
        let mut action = sigaction { sa_sigaction: SIG_DFL, sa_mask: 0, sa_flags: 0 };
        // SAFETY: the system writes the structure.
        unsafe { libc::sigaction(signal as c_int, ptr::null(), &raw mut action) };
        Action { handler: action.sa_sigaction, flags: action.sa_flags, mask: action.sa_mask }
    }

    /// Has a signal do this; what it did until then.
    pub fn set(&self, signal: u32) -> Action {
        let action = sigaction { sa_sigaction: self.handler, sa_mask: self.mask, sa_flags: self.flags };
        let mut before = sigaction { sa_sigaction: SIG_DFL, sa_mask: 0, sa_flags: 0 };
        // SAFETY: the system reads and writes structures; the handler is a number of the system's or the address of one.
        unsafe { libc::sigaction(signal as c_int, &raw const action, &raw mut before) };
        Action { handler: before.sa_sigaction, flags: before.sa_flags, mask: before.sa_mask }
    }

    /// Whether they do the same.
    pub fn is(&self, other: &Action) -> bool {
        (self.handler, self.flags, self.mask) == (other.handler, other.flags, other.mask)
    }

    /// With another handler, which takes three arguments and runs as this one does: on the same stack, with the same
    /// signals blocked.
    pub fn replaced_by(&self, handler: usize) -> Action {
        let own_stack = if self.has_function() { 0 } else { SA_ONSTACK };
        Action { handler, flags: self.flags & !SA_RESETHAND | SA_SIGINFO | own_stack, mask: self.mask }
    }

    /// Whether a function handles the signal.
    pub fn has_function(&self) -> bool {
        self.handler > Action::IGNORE
    }

    /// Whether the function takes three arguments.
    pub fn takes_info(&self) -> bool {
        self.flags & SA_SIGINFO != 0
    }

    /// Whether the signal does again what it does by default when the function is called.
    pub fn is_for_once(&self) -> bool {
        self.flags & SA_RESETHAND != 0
    }
}

/// The fault that a signal is for; none if somebody has sent it.
///
/// # Safety
/// The arguments are those of a handler of one of `FAULTS`.
pub unsafe fn fault<'a>(signal: u32, info: *const Info, context: *mut Context) -> Option<Fault<'a>> {
    // SAFETY: as the caller promises.
    let (info, context) = unsafe { (&*info, &mut *context) };
    if info.si_pid != 0 {
        return None;
    }
    Some(Fault { number: signal, address: info.si_addr.addr(), pc: context.fault_pc(signal), context })
}

/// Has a signal do to the process what it does by default.
pub fn resend(signal: u32) {
    Action::NONE.set(signal);
    // SAFETY: takes no pointers.
    unsafe { libc::kill(libc::getpid(), signal as c_int) };
}
