//! Calls between components in which handles are lent: the callee must drop what it borrows before it returns, and the
//! caller keeps what it lends until then (`CanonicalABI.md`, "lift_borrow", "lower_borrow").

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering};

use wasm_aot_abi::component::ComponentInstance;
use wasm_aot_abi::trap::Trap;

use super::handle;
use super::slab::Slab;
use super::violation;

/// A call that has begun and not ended.
struct Scope {
    /// The call in which it was made, or 0.
    outer: u32,
    /// Handles that the callee borrows and hasn't dropped.
    borrows: Cell<u32>,
    /// The number, plus 1, of the last of its [`Lender`]s; 0 if there is none.
    lenders: Cell<u32>,
}

/// An own handle that is lent in a call.
struct Lender {
    instance: *mut ComponentInstance,
    handle: u32,
    /// The lender before it in the same call, as in [`Scope::lenders`].
    earlier: u32,
}

static SCOPES: Slab<Scope> = Slab::empty();
static LENDERS: Slab<Lender> = Slab::empty();

/// The number, plus 1, of the innermost call; 0 outside of all.
static CURRENT: AtomicU32 = AtomicU32::new(0);

fn scope(number: u32) -> &'static Scope {
    SCOPES.get(number.wrapping_sub(1))
}

/// Notes that the callee of the innermost call borrows a handle; the number of the call.
pub fn borrow() -> u32 {
    let number = CURRENT.load(Ordering::Relaxed);
    let borrows = &scope(number).borrows;
    borrows.set(borrows.get() + 1);
    number
}

/// Notes that the callee of a call has dropped a handle that it borrowed.
pub fn dropped(number: u32) {
    let borrows = &scope(number).borrows;
    borrows.set(borrows.get().wrapping_sub(1));
}

/// Notes that a handle of the innermost call's caller is lent.
pub fn lend(instance: *mut ComponentInstance, handle: u32) {
    let lenders = &scope(CURRENT.load(Ordering::Relaxed)).lenders;
    lenders.set(LENDERS.insert(Lender { instance, handle, earlier: lenders.get() }) + 1);
}

/// Begins a call.
pub fn enter() {
    let outer = CURRENT.load(Ordering::Relaxed);
    let number = SCOPES.insert(Scope { outer, borrows: Cell::new(0), lenders: Cell::new(0) });
    CURRENT.store(number + 1, Ordering::Relaxed);
}

/// Has the call around the innermost one be that again, which goes on and ends some time later; its number.
pub fn set_aside() -> u32 {
    let number = CURRENT.load(Ordering::Relaxed);
    CURRENT.store(scope(number).outer, Ordering::Relaxed);
    number
}

/// Ends the innermost call.
pub fn exit() {
    let outer = end(CURRENT.load(Ordering::Relaxed));
    CURRENT.store(outer, Ordering::Relaxed);
}

/// Ends the call with this number; the number of the one around it.
pub fn end(number: u32) -> u32 {
    if scope(number).borrows.get() != 0 {
        violation(Trap::BorrowsRemain);
    }
    let Scope { outer, lenders, .. } = SCOPES.remove(number.wrapping_sub(1));
    let mut next = lenders.get();
    while let Some(number) = next.checked_sub(1) {
        let Lender { instance, handle, earlier } = LENDERS.remove(number);
        // SAFETY: the compiler's structure; programs of components have one thread.
        handle::give_back(unsafe { &mut *instance }, handle);
        next = earlier;
    }
    outer
}

/// Forgets all calls, which have been left.
#[cfg(feature = "servers")]
pub fn reset() {
    SCOPES.clear();
    LENDERS.clear();
    CURRENT.store(0, Ordering::Relaxed);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_component_enter_sync_call(_caller: u32, _callee_is_async: u32, _callee: u32) {
    enter();
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_component_exit_sync_call() {
    exit();
}
