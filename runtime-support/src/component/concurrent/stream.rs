//! Streams and futures (`CanonicalABI.md`, "Stream State", "Future State"): what is between a readable and a writable end.
//! A future is a stream that has one element.
//!
//! Nothing is kept on the way: a copy that finds nobody at the other end is pending, and the other side copies from or to
//! its memory.

use core::cell::Cell;
use core::ptr;

use wasm_aot_abi::concurrent::{CopyResult, Elements};
use wasm_aot_abi::trap::Trap;

use super::end::{self, Buffer, End};
use super::source::{self, Host};
use super::waitable;
use crate::component::slab::Slab;
use crate::component::violation;

/// A stream or a future.
pub struct Stream {
    pub reader: Cell<Side>,
    pub writer: Cell<Side>,
    /// The number, plus 1, of the end at which a copy is pending; 0 if none is.
    pub pending: Cell<u32>,
}

/// Who has an end.
#[derive(Clone, Copy)]
pub enum Side {
    /// A component.
    Guest,
    Host(Host),
    Nobody,
}

static STREAMS: Slab<Stream> = Slab::empty();

/// The stream with this number.
pub fn at(number: u32) -> &'static Stream {
    STREAMS.get(number)
}

/// Keeps a new one, of which nobody has an end; its number.
pub fn insert() -> u32 {
    STREAMS.insert(Stream {
        reader: Cell::new(Side::Nobody),
        writer: Cell::new(Side::Nobody),
        pending: Cell::new(0),
    })
}

impl Stream {
    fn side(&self, is_writer: bool) -> &Cell<Side> {
        if is_writer { &self.writer } else { &self.reader }
    }

    /// The end at which a copy is pending.
    fn pending(&self) -> Option<u32> {
        self.pending.get().checked_sub(1)
    }

    fn set_pending(&self, number: Option<u32>) {
        self.pending.set(number.map_or(0, |number| number + 1));
    }
}

/// Ends the copy at the end with this number.
pub fn finish(number: u32, end: &End, result: CopyResult) {
    end.result.set(result);
    waitable::notify(number);
}

/// Ends the copy that is pending at a stream.
fn finish_pending(stream: &Stream, result: CopyResult) {
    if let Some(number) = stream.pending() {
        stream.set_pending(None);
        finish(number, end::at(number), result);
    }
}

/// Begins a copy at the end with this number, and ends it if it can.
pub fn copy(number: u32, end: &End) {
    let stream = at(end.stream);
    match stream.side(!end.is_writer).get() {
        Side::Nobody => finish(number, end, CopyResult::Dropped),
        Side::Host(host) => {
            stream.set_pending(Some(number));
            source::continue_copy(end.stream, host);
        }
        Side::Guest => match stream.pending() {
            None => stream.set_pending(Some(number)),
            Some(other) => meet(stream, number, end, other),
        },
    }
}

/// Copies between an end and the one at which a copy is pending.
fn meet(stream: &Stream, number: u32, end: &End, other_number: u32) {
    let other = end::at(other_number);
    if end.ty.elements != Elements::Numbers as u64 && end.instance == other.instance {
        violation(Trap::NotNumbers);
    }
    if end.ty.elements == Elements::Other as u64 {
        violation(Trap::UnsupportedElements);
    }
    let (mut buffer, mut pending) = (end.buffer.get(), other.buffer.get());
    let is_empty = buffer.length == 0 && pending.length == 0;
    if pending.remaining() > 0 {
        let count = buffer.remaining().min(pending.remaining());
        if count > 0 {
            let (from, to) = if end.is_writer { (&buffer, &pending) } else { (&pending, &buffer) };
            assert!(from.size == to.size);
            // SAFETY: both places were checked just now; they may overlap.
            unsafe { ptr::copy(from.place(), to.place(), (count * from.size) as usize) };
            buffer.progress += count;
            pending.progress += count;
            end.buffer.set(buffer);
            other.buffer.set(pending);
            // It stays pending until its component knows: more may be copied until then.
            finish(other_number, other, CopyResult::Completed);
            if end.ty.is_future != 0 {
                stream.set_pending(None);
            }
        }
        finish(number, end, CopyResult::Completed);
    } else if end.is_writer && is_empty {
        finish(number, end, CopyResult::Completed);
    } else {
        finish_pending(stream, CopyResult::Completed);
        stream.set_pending(Some(number));
    }
}

/// Notes that the component of the end with this number knows how its copy ended.
pub fn delivered(number: u32, end: &End) {
    let stream = at(end.stream);
    if stream.pending() == Some(number) {
        stream.set_pending(None);
    }
}

/// Cancels the copy that is pending at an end.
pub fn cancel(end: &End) {
    let stream = at(end.stream);
    if let Side::Host(host) = stream.side(!end.is_writer).get() {
        source::cancel(end.stream, host);
    }
    finish_pending(stream, CopyResult::Cancelled);
}

/// Gives an end up. If that was the last one, the stream is gone.
pub fn drop_end(number: u32, is_writer: bool) {
    let stream = at(number);
    stream.side(is_writer).set(Side::Nobody);
    match stream.side(!is_writer).get() {
        Side::Nobody => _ = STREAMS.remove(number),
        Side::Guest => finish_pending(stream, CopyResult::Dropped),
        Side::Host(host) => source::drop(number, host),
    }
}

/// Removes a stream of which nobody has an end.
pub fn remove(number: u32) {
    STREAMS.remove(number);
}

/// What is pending at a stream for the host to read or write.
pub fn pending_buffer(number: u32) -> Option<Buffer> {
    Some(end::at(at(number).pending()?).buffer.get())
}

/// Notes that the host has copied so many elements from or to what is pending at a stream, and ends that copy.
pub fn host_copied(number: u32, count: u32, result: CopyResult) {
    let stream = at(number);
    if let Some(number) = stream.pending() {
        let end = end::at(number);
        let buffer = end.buffer.get();
        end.buffer.set(buffer.copied(count));
        finish_pending(stream, result);
    }
}
