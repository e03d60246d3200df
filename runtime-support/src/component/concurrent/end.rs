//! The ends of streams and futures, as components have them, and the built-ins that they call on them.

use core::cell::Cell;
use core::ptr;

use wasm_aot_abi::canonical::Ends;
use wasm_aot_abi::component::{Canonical, ComponentInstance};
use wasm_aot_abi::concurrent::{
    BLOCKED, CODE_BITS, CopyResult, EndTable, EndType, EventCode, MAX_COPY, TaskInstance,
};
use wasm_aot_abi::trap::Trap;

use super::instance::Instance;
use super::set;
use super::stream::{self, Side};
use super::waitable::{self, What};
use crate::component::{Caller, handle, violation};

/// An end that a component has.
pub struct End {
    /// The number of the stream.
    pub stream: u32,
    pub ty: &'static EndType,
    pub is_writer: bool,
    /// Who has it.
    pub instance: *mut ComponentInstance,
    state: Cell<State>,
    /// What the last copy is from or to.
    pub buffer: Cell<Buffer>,
    /// How the last copy has ended, if it has.
    pub result: Cell<CopyResult>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Copying,
    /// The other end has been dropped, or the only element of a future has been copied.
    Done,
}

/// Elements in the memory of a component, or bytes of the host's.
#[derive(Clone, Copy)]
pub struct Buffer {
    place: Place,
    pub length: u32,
    /// How many have been copied.
    pub progress: u32,
    /// Of an element, in bytes.
    pub size: u32,
}

#[derive(Clone, Copy)]
enum Place {
    /// There are none, or they take no room.
    Nowhere,
    /// From this pointer on in the memory of a component, in which they have been checked to be.
    Guest(&'static Caller, u32),
    Host(*mut u8),
}

impl Buffer {
    const EMPTY: Buffer = Buffer { place: Place::Nowhere, length: 0, progress: 0, size: 0 };

    /// So many elements of this size and alignment, in bytes, in the caller's memory. Traps if they aren't.
    fn of_guest(caller: &'static Caller, pointer: u32, count: u32, size: u32, alignment: u32) -> Buffer {
        let place = match size != 0 && count != 0 {
            true => {
                caller.elements(pointer, count, size, alignment);
                Place::Guest(caller, pointer)
            }
            false => Place::Nowhere,
        };
        Buffer { place, length: count, progress: 0, size }
    }

    /// So many bytes of the host's.
    pub fn of_host(start: *mut u8, length: u32) -> Buffer {
        Buffer { place: Place::Host(start), length, progress: 0, size: 1 }
    }

    /// The same, of which so many elements have been copied.
    pub fn copied(self, progress: u32) -> Buffer {
        Buffer { progress, ..self }
    }

    pub fn remaining(&self) -> u32 {
        self.length - self.progress
    }

    /// Where the elements are that haven't been copied: until compiled code runs again, since a memory that grows may move.
    pub fn place(&self) -> *mut u8 {
        let copied = self.progress * self.size;
        match self.place {
            Place::Nowhere => ptr::null_mut(),
            Place::Guest(caller, pointer) => caller.bytes(pointer + copied, self.remaining() * self.size),
            Place::Host(start) => start.wrapping_add(copied as usize),
        }
    }
}

/// The end with this number among waitables, which the caller knows to be one.
pub fn at(number: u32) -> &'static End {
    match &waitable::at(number).what {
        What::End(end) => end,
        What::Subtask(_) => unreachable!("the kind of the handle says what it is"),
    }
}

impl End {
    /// How the last copy has ended, of which its component learns now.
    pub fn deliver(&self, number: u32) -> (EventCode, u32) {
        stream::delivered(number, self);
        let result = self.result.get();
        let is_future = self.ty.is_future != 0;
        self.state.set(match result {
            CopyResult::Dropped => State::Done,
            CopyResult::Completed if is_future => State::Done,
            CopyResult::Completed | CopyResult::Cancelled => State::Idle,
        });
        let code = match (is_future, self.is_writer) {
            (false, false) => EventCode::StreamRead,
            (false, true) => EventCode::StreamWrite,
            (true, false) => EventCode::FutureRead,
            (true, true) => EventCode::FutureWrite,
        };
        let progress = if is_future { 0 } else { self.buffer.get().progress };
        (code, result as u32 | progress << CODE_BITS)
    }
}

/// The kind of handles of an end of a type.
fn kind_of(ty: &EndType, is_writer: bool) -> u32 {
    ty.kind as u32 + u32::from(is_writer)
}

/// Gives an instance an end of a stream, of which nobody had it; its handle.
pub fn give(stream: u32, ty: &'static EndType, is_writer: bool, instance: *mut ComponentInstance) -> u32 {
    let number = waitable::insert(What::End(End {
        stream,
        ty,
        is_writer,
        instance,
        state: Cell::new(State::Idle),
        buffer: Cell::new(Buffer::EMPTY),
        result: Cell::new(CopyResult::Completed),
    }));
    let side = if is_writer { &stream::at(stream).writer } else { &stream::at(stream).reader };
    side.set(Side::Guest);
    // SAFETY: the compiler's structure; programs of components have one thread.
    let handle = handle::add_own(unsafe { &mut *instance }, kind_of(ty, is_writer), number);
    waitable::at(number).handle.set(handle);
    handle
}

/// Takes a readable end from an instance, which passes it on; the number of the stream. Nobody has the end then.
pub fn take_readable(handle: u32, ty: &EndType, instance: *mut ComponentInstance) -> u32 {
    // SAFETY: the compiler's structure; programs of components have one thread.
    let instance = unsafe { &mut *instance };
    let number = handle::representation(instance, kind_of(ty, false), handle);
    let end = at(number);
    match end.state.get() {
        State::Idle => {}
        State::Copying => violation(Trap::BusyEnd),
        State::Done => violation(Trap::EndIsDone),
    }
    if waitable::at(number).set.get() != 0 {
        violation(Trap::EndInSet);
    }
    handle::remove(instance, kind_of(ty, false), handle);
    let stream = end.stream;
    stream::at(stream).reader.set(Side::Nobody);
    waitable::remove(number);
    stream
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_ends_new(tasks: *mut TaskInstance, end: *const EndType) -> Ends {
    // SAFETY: the compiler's structures.
    let (instance, ty) = unsafe { (Instance::new(tasks), &*end) };
    instance.check();
    let stream = stream::insert();
    let readable = give(stream, ty, false, instance.component());
    let writable = give(stream, ty, true, instance.component());
    Ends(u64::from(readable) | u64::from(writable) << 32)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_end_transfer(
    handle: u32,
    source: u32,
    destination: u32,
    tables: *const EndTable,
) -> u32 {
    // SAFETY: the compiler's array, of which adapters name elements.
    let (from, to) = unsafe { (&*tables.add(source as usize), &*tables.add(destination as usize)) };
    // SAFETY: the compiler's constant data.
    let stream = take_readable(handle, unsafe { &*from.ty }, from.instance);
    // SAFETY: as above.
    give(stream, unsafe { &*to.ty }, false, to.instance)
}

/// Begins a copy of so many elements at the end behind a handle.
///
/// # Safety
/// They are the compiler's structures.
unsafe fn begin(
    handle: u32,
    is_writer: bool,
    pointer: u32,
    count: u32,
    options: *const Canonical,
    ty: *const EndType,
) -> u32 {
    // SAFETY: as the caller promises.
    let (caller, ty) = unsafe { (Caller::of(options), &*ty) };
    caller.check();
    let number = caller.representation_of(kind_of(ty, is_writer), handle);
    let end = at(number);
    match end.state.get() {
        State::Idle => {}
        State::Copying => violation(Trap::BusyEnd),
        State::Done => violation(Trap::EndIsDone),
    }
    if count > MAX_COPY {
        violation(Trap::CopyTooLong);
    }
    end.buffer.set(Buffer::of_guest(caller, pointer, count, ty.size as u32, ty.alignment as u32));
    end.state.set(State::Copying);
    stream::copy(number, end);
    match waitable::at(number).has_event.get() {
        true => waitable::take_event(number).payload,
        false => BLOCKED,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_stream_read(
    handle: u32,
    pointer: u32,
    count: u32,
    options: *const Canonical,
    end: *const EndType,
) -> u32 {
    // SAFETY: compiled code passes the compiler's structures.
    unsafe { begin(handle, false, pointer, count, options, end) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_stream_write(
    handle: u32,
    pointer: u32,
    count: u32,
    options: *const Canonical,
    end: *const EndType,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_stream_read`.
    unsafe { begin(handle, true, pointer, count, options, end) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_future_read(
    handle: u32,
    pointer: u32,
    options: *const Canonical,
    end: *const EndType,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_stream_read`.
    unsafe { begin(handle, false, pointer, 1, options, end) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_future_write(
    handle: u32,
    pointer: u32,
    options: *const Canonical,
    end: *const EndType,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_stream_read`.
    unsafe { begin(handle, true, pointer, 1, options, end) }
}

/// Ends the copy at an end, which is cancelled if nothing has happened to it. That is done at once, so whoever may not wait may
/// do it, too.
///
/// # Safety
/// They are the compiler's structures.
unsafe fn cancel(handle: u32, is_writer: bool, tasks: *mut TaskInstance, ty: *const EndType) -> u32 {
    // SAFETY: as the caller promises.
    let (instance, ty) = unsafe { (Instance::new(tasks), &*ty) };
    instance.check();
    let number = handle::representation(instance.component(), kind_of(ty, is_writer), handle);
    let (waitable, end) = (waitable::at(number), at(number));
    if end.state.get() != State::Copying {
        violation(Trap::NoCopy);
    }
    if waitable.set.get() != 0 {
        violation(Trap::WaitableInSet);
    }
    if !waitable.has_event.get() {
        stream::cancel(end);
    } else if end.ty.is_future == 0 && end.result.get() == CopyResult::Completed {
        // What has been copied so far may be all; the test suite of the component model wants it told so, as wasmtime does,
        // although `CanonicalABI.md` has it told as a copy that has ended by itself.
        end.result.set(CopyResult::Cancelled);
    }
    waitable::take_event(number).payload
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_end_cancel_read(
    handle: u32,
    tasks: *mut TaskInstance,
    end: *const EndType,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_stream_read`.
    unsafe { cancel(handle, false, tasks, end) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_end_cancel_write(
    handle: u32,
    tasks: *mut TaskInstance,
    end: *const EndType,
) -> u32 {
    // SAFETY: as in `wasm_aot_component_stream_read`.
    unsafe { cancel(handle, true, tasks, end) }
}

/// Drops the end behind a handle.
///
/// # Safety
/// They are the compiler's structures.
unsafe fn drop_end(handle: u32, is_writer: bool, tasks: *mut TaskInstance, ty: *const EndType) {
    // SAFETY: as the caller promises.
    let (instance, ty) = unsafe { (Instance::new(tasks), &*ty) };
    instance.check();
    let kind = kind_of(ty, is_writer);
    let number = handle::representation(instance.component(), kind, handle);
    let end = at(number);
    if end.state.get() == State::Copying {
        violation(Trap::BusyEnd);
    }
    if is_writer && ty.is_future != 0 && end.state.get() != State::Done {
        violation(Trap::DropBeforeWrite);
    }
    set::join(number, None);
    handle::remove(instance.component(), kind, handle);
    let stream = end.stream;
    waitable::remove(number);
    stream::drop_end(stream, is_writer);
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_end_drop_readable(
    handle: u32,
    tasks: *mut TaskInstance,
    end: *const EndType,
) {
    // SAFETY: as in `wasm_aot_component_stream_read`.
    unsafe { drop_end(handle, false, tasks, end) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_end_drop_writable(
    handle: u32,
    tasks: *mut TaskInstance,
    end: *const EndType,
) {
    // SAFETY: as in `wasm_aot_component_stream_read`.
    unsafe { drop_end(handle, true, tasks, end) }
}
