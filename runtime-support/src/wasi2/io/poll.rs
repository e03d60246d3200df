//! `wasi:io/poll`: pollables, what they wait for, and waiting for several.

use core::cell::Cell;

use wasm_aot_abi::wasi2::ResourceKind;

use crate::component::Resource;
use crate::component::slab::Slab;
use crate::sys::file::Fd;

/// What a pollable waits for.
#[derive(Clone, Copy)]
pub enum Event {
    /// Nothing: it is always ready.
    Now,
    /// Until the monotonic clock shows this time, in nanoseconds.
    Deadline(u64),
    /// Until something can be read from a descriptor of the host, or until its peer has ended.
    Readable(Fd),
    /// Until something can be written to it.
    Writable(Fd),
}

/// `wasi:io/poll.pollable`.
pub struct Pollable {
    pub event: Event,
    /// The number of children of the resource that it was made from, which can't be dropped before it.
    pub parent: Option<&'static Cell<u32>>,
}

static TABLE: Slab<Pollable> = Slab::new();

impl Resource for Pollable {
    const KIND: ResourceKind = ResourceKind::Pollable;

    fn table() -> &'static Slab<Pollable> {
        &TABLE
    }
}
