//! Handlers of signals beside those of the program that we are a library of: what isn't ours goes to whoever handled it
//! before, as the system would have called it.

use core::mem::transmute;
use core::sync::atomic::{AtomicBool, Ordering};

use super::action::{Action, FAULTS, Info, fault, resend};
use super::clock;
use super::context::Context;
use crate::sys::types::Fault;

/// Whether the fault was handled: its context is changed.
type Handler = fn(Fault<'_>) -> bool;

static mut HANDLER: Option<Handler> = None;

/// What the signals did before, in the order of `FAULTS`.
static mut BEFORE: [Action; FAULTS.len()] = [Action::NONE; FAULTS.len()];

/// For each, whether that is known, which it isn't for a moment after our handler was installed.
static KNOWN: [AtomicBool; FAULTS.len()] = [const { AtomicBool::new(false) }; FAULTS.len()];

/// Times that our handler looks whether it is known. It may have interrupted the thread that is about to find out.
const PATIENCE: u32 = 1 << 16;

/// For each, whether our handler is, or may be, among those that are called.
static INSTALLED: [AtomicBool; FAULTS.len()] = [const { AtomicBool::new(false) }; FAULTS.len()];

fn own() -> usize {
    entry as *const () as usize
}

/// Has the faults of the process shown to `handler` first. One thread at a time may do this.
pub fn install(handler: Handler) {
    // SAFETY: always the same function; nobody else writes it.
    unsafe { HANDLER = Some(handler) };
    for (index, &signal) in FAULTS.iter().enumerate() {
        // Whoever has come before us since may call us, and would for ever, if we called it.
        if INSTALLED[index].swap(true, Ordering::Relaxed) {
            continue;
        }
        let expected = Action::get(signal);
        KNOWN[index].store(false, Ordering::Relaxed);
        let before = expected.replaced_by(own()).set(signal);
        // SAFETY: nobody reads what isn't known.
        unsafe { BEFORE[index] = before };
        KNOWN[index].store(true, Ordering::Release);
        // Another library, which has a runtime and a lock of its own, may have been faster: ours is to run as that handler does.
        if !before.is(&expected) {
            put_back_others(before.replaced_by(own()).set(signal), signal);
        }
    }
}

/// After our handler has been installed once more, or removed: has a handler that was replaced by that stay, which
/// somebody else has installed over ours, and which may call it. Whether there was one.
///
/// The system has no way to replace a handler only if it is the expected one, so that other handler isn't called for an instant.
fn put_back_others(replaced: Action, signal: u32) -> bool {
    let is_other = replaced.handler != own();
    if is_other {
        replaced.set(signal);
    }
    is_other
}

/// Undoes it, but for the signals for which somebody else has installed a handler since: that may call ours.
pub fn remove() {
    for (index, &signal) in FAULTS.iter().enumerate() {
        if Action::get(signal).handler == own() {
            // SAFETY: written when our handler was installed, by a thread that had the same lock.
            let before = unsafe { BEFORE[index] };
            let has_other = put_back_others(before.set(signal), signal);
            INSTALLED[index].store(has_other, Ordering::Relaxed);
        }
    }
}

/// Handles a signal that the program's own handler got; whether it was ours.
///
/// # Safety
/// The arguments are those of a handler.
unsafe fn handle(signal: u32, info: *const Info, context: *mut Context) -> bool {
    // SAFETY: as the caller promises; `HANDLER` is written before Wasm code runs.
    unsafe {
        FAULTS.contains(&signal)
            && HANDLER.is_some_and(|handler| fault(signal, info, context).is_some_and(handler))
    }
}

/// # Safety
/// Called by the system as a signal handler.
unsafe extern "C" fn entry(signal: i32, info: *const Info, context: *mut Context) {
    // SAFETY: as the caller promises.
    unsafe {
        if !handle(signal as u32, info, context) {
            pass_on(signal as u32, info, context);
        }
    }
}

/// Does what the signal did before.
///
/// # Safety
/// As for `entry`.
unsafe fn pass_on(signal: u32, info: *const Info, context: *mut Context) {
    let Some(index) = FAULTS.iter().position(|&fault| fault == signal) else { return };
    for _ in 0..PATIENCE {
        if KNOWN[index].load(Ordering::Acquire) {
            break;
        }
        clock::yield_now();
    }
    // SAFETY: nobody writes what is known.
    let before = unsafe { BEFORE[index] };
    // SAFETY: as the caller promises.
    let is_fault = unsafe { fault(signal, info, context) }.is_some();
    if before.handler == Action::IGNORE && !is_fault {
        return;
    }
    if !before.has_function() {
        // Most faults happen again when this returns, but not all: some instructions count as executed.
        resend(signal);
        return;
    }
    if before.is_for_once() {
        // SAFETY: no other handler of ours writes it but to the same.
        unsafe { BEFORE[index] = Action::NONE };
    }
    // SAFETY: the system would have called it so.
    unsafe {
        if before.takes_info() {
            type Informed = unsafe extern "C" fn(i32, *const Info, *mut Context);
            transmute::<usize, Informed>(before.handler)(signal as i32, info, context);
        } else {
            transmute::<usize, unsafe extern "C" fn(i32)>(before.handler)(signal as i32);
        }
    }
}

/// `wasm_aot_abi::library::HANDLE_SIGNAL`.
///
/// # Safety
/// The arguments are those of a handler of a signal.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_library_handle_signal(
    signal: i32,
    info: *const Info,
    context: *mut Context,
) -> i32 {
    // SAFETY: as the caller promises.
    i32::from(unsafe { handle(signal as u32, info, context) })
}
