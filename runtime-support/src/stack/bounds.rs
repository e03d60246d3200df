//! The stacks on which Wasm code runs: as large as the policy says, each with an inaccessible guard below it.
//! Wasm frames larger than a page probe each page, so they can't step over the guard.

use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::sys::{self, GUARD_BYTES};

/// Bounds of a stack, without the guard that is below it.
pub struct Stack {
    pub bottom: usize,
    pub top: usize,
    /// The stacks form a list, to which threads add theirs. None is ever removed.
    next: AtomicPtr<Stack>,
}

static mut FIRST: Stack = Stack::new(0, 0);

impl Stack {
    pub const fn new(bottom: usize, top: usize) -> Stack {
        Stack { bottom, top, next: AtomicPtr::new(ptr::null_mut()) }
    }

    /// The stack that the program is started on.
    fn first() -> &'static Stack {
        // SAFETY: written once before Wasm code runs, but for the link, which is atomic.
        unsafe { &*ptr::addr_of!(FIRST) }
    }

    /// Makes the stack known to whatever walks stacks or classifies faults. One thread at a time may do this.
    pub fn add(&'static self) {
        let first = Stack::first();
        self.next.store(first.next.load(Ordering::Relaxed), Ordering::Relaxed);
        first.next.store(ptr::from_ref(self).cast_mut(), Ordering::Release);
    }
}

/// Makes the program's stack, of `bytes`, and returns its end.
#[inline(always)]
pub fn allocate(bytes: u64) -> sys::Result<*mut u8> {
    let bounds = sys::stack::allocate(bytes as usize)?;
    // SAFETY: there is one thread, and no Wasm code runs yet.
    unsafe {
        FIRST.bottom = bounds.start;
        FIRST.top = bounds.end;
    }
    Ok(ptr::with_exposed_provenance_mut(bounds.end))
}

/// The end of the only stack; none in a program with threads.
pub fn only_stack_top() -> Option<usize> {
    let first = Stack::first();
    first.next.load(Ordering::Relaxed).is_null().then_some(first.top)
}

/// Whether this address is in a stack of Wasm code.
pub fn stack_contains(address: usize) -> bool {
    lies_in(address, 0)
}

/// Whether this address is in the guard below a stack.
pub fn guard_contains(address: usize) -> bool {
    lies_in(address, GUARD_BYTES) && !lies_in(address, 0)
}

/// Whether this address is in a stack, or at most `below` bytes below one.
#[inline(never)]
fn lies_in(address: usize, below: usize) -> bool {
    let mut stack = ptr::from_ref(Stack::first());
    // SAFETY: all in the list are complete, and live as long as the program.
    while let Some(Stack { bottom, top, next }) = unsafe { stack.as_ref() } {
        if (bottom.saturating_sub(below)..*top).contains(&address) {
            return true;
        }
        stack = next.load(Ordering::Acquire);
    }
    false
}
