//! `wasi:io/poll`: pollables, and waiting for several.

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wasi2::ResourceKind;

use super::{buffer, ready};
use crate::component::slab::Slab;
use crate::component::{Caller, Resource, violation};

pub use super::ready::Event;

/// `wasi:io/poll.pollable`.
pub struct Pollable {
    pub event: Event,
    /// The number of children of the resource that it was made from, which can't be dropped before it.
    pub parent: Option<&'static Cell<u32>>,
}

/// The number of the element with which the next `poll` begins.
static START: AtomicU32 = AtomicU32::new(0);

static TABLE: Slab<Pollable> = Slab::empty();

impl Resource for Pollable {
    const KIND: ResourceKind = ResourceKind::Pollable;

    fn table() -> &'static Slab<Pollable> {
        &TABLE
    }
}

impl Pollable {
    /// One that waits for an event of a resource with this number of children.
    pub fn of(event: Event, children: &'static Cell<u32>) -> Pollable {
        children.set(children.get() + 1);
        Pollable { event, parent: Some(children) }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_poll_pollable_ready(this: u32, caller: &Caller) -> u32 {
    caller.check();
    ready::is_ready(caller.borrow::<Pollable>(this).event).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_poll_pollable_block(this: u32, caller: &Caller) {
    caller.check();
    ready::wait(caller.borrow::<Pollable>(this).event);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_poll_poll(list: u32, count: u32, result: u32, caller: &Caller) {
    caller.check();
    if count == 0 {
        violation(Trap::EmptyPoll);
    }
    let handles = caller.elements(list, count, 4, 4);
    let event = |i: u32| caller.borrow::<Pollable>(handles.get_u32(4 * i)).event;
    // All handles must be valid before anything is waited for.
    for i in 0..count {
        event(i);
    }
    // As many are reported as fit. The next call begins with the first that didn't, so that each has its turn.
    // SAFETY: host functions don't call each other.
    let (numbers, _) = unsafe { buffer::take(u64::MAX) }.as_chunks_mut::<4>();
    let start = START.load(Relaxed) % count;
    // It doesn't overflow, as the list fits into a memory.
    let turn = |i: u32| (start + i) % count;
    let mut length = 0;
    let mut left_out = None;
    ready::wait_for(&|i| event(turn(i)), count, &mut |i| match numbers.get_mut(length) {
        Some(number) => {
            *number = turn(i).to_le_bytes();
            length += 1;
        }
        None => _ = left_out.get_or_insert(turn(i)),
    });
    START.store(left_out.unwrap_or(0), Relaxed);
    let reported = numbers.get(..length).unwrap_or_default().as_flattened();
    let pointer = caller.new_elements(reported, 4);
    caller.return_list(result, (pointer, length as u32));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_poll_pollable_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<Pollable>(handle)
        && let Some(children) = Pollable::remove(number).parent
    {
        children.set(children.get() - 1);
    }
}
