//! `wasi:http/types.fields`: names in lower case, each with values that are bytes; those of one name stand together.

use core::cell::Cell;
use core::ptr;

use wasm_aot_abi::http::fields::is_forbidden;
use wasm_aot_abi::http::{is_token, is_value_byte};
use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wasi2::ResourceKind;

use super::storage::Block;
use crate::component::slab::Slab;
use crate::component::{Caller, Resource, violation};
use crate::wasi2::io::buffer;

/// Bytes of the lengths in front of each name.
const LENGTHS: usize = 8;

/// Bytes of one `fields`, at most.
const MOST_BYTES: usize = 1 << 20;

/// Records of one `fields`, at most: to add one, all are looked at. A response's head has no room for more.
const MOST_RECORDS: usize = 8 << 10;

/// `wasi:http/types.fields`: records of two lengths, a name and a value, one after the other.
pub struct Fields {
    block: Cell<Block>,
    length: Cell<usize>,
    is_immutable: bool,
}

static TABLE: Slab<Fields> = Slab::empty();

impl Resource for Fields {
    const KIND: ResourceKind = ResourceKind::Fields;

    fn table() -> &'static Slab<Fields> {
        &TABLE
    }
}

/// `header-error`.
#[derive(Clone, Copy)]
#[repr(u8)]
enum HeaderError {
    InvalidSyntax,
    Forbidden,
    Immutable,
}

type Result<T> = core::result::Result<T, HeaderError>;

/// A field, and where its record is.
struct Record<'f> {
    start: usize,
    end: usize,
    name: &'f [u8],
    value: &'f [u8],
}

/// The lengths of a name and a value, in front of both.
fn pack(name: usize, value: usize) -> [u8; LENGTHS] {
    (name as u64 | (value as u64) << 32).to_le_bytes()
}

fn unpack(lengths: [u8; LENGTHS]) -> [usize; 2] {
    let both = u64::from_le_bytes(lengths);
    [both as u32 as usize, (both >> 32) as usize]
}

impl Fields {
    pub fn new(is_immutable: bool) -> Fields {
        Fields { block: Cell::new(Block::EMPTY), length: Cell::new(0), is_immutable }
    }

    /// The fields that a component sees of the lines of a section.
    pub fn of_section(section: &[u8]) -> Fields {
        let fields = Fields::new(true);
        for (name, value) in wasm_aot_abi::http::fields::lines(section) {
            if !is_forbidden(name) {
                fields.append(name, value);
            }
        }
        fields
    }

    pub fn copy(&self, is_immutable: bool) -> Fields {
        let copy = Fields::new(is_immutable);
        copy.replace(0, 0, self.bytes());
        copy
    }

    fn bytes(&self) -> &[u8] {
        if self.length.get() == 0 {
            return &[];
        }
        // SAFETY: `replace` has written them; nothing changes them while somebody reads them.
        unsafe { core::slice::from_raw_parts(self.block.get().start, self.length.get()) }
    }

    fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let bytes = self.bytes();
        let mut start = 0;
        core::iter::from_fn(move || {
            let (lengths, rest) = bytes.get(start..)?.split_first_chunk::<LENGTHS>()?;
            let [name, value] = unpack(*lengths);
            let (name, rest) = rest.split_at_checked(name)?;
            let value = rest.get(..value)?;
            let record = Record { start, end: start + LENGTHS + name.len() + value.len(), name, value };
            start = record.end;
            Some(record)
        })
    }

    /// Calls `action` with each field.
    pub fn each(&self, action: &mut dyn FnMut(&[u8], &[u8])) {
        self.records().for_each(|record| action(record.name, record.value));
    }

    /// Replaces bytes by others, for which it makes room.
    fn replace(&self, from: usize, to: usize, bytes: &[u8]) {
        self.make_room(from, to, bytes.len());
        // SAFETY: `make_room` has made room there.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.block.get().start.wrapping_add(from), bytes.len())
        };
    }

    /// Makes `length` bytes of the bytes from `from` to `to`.
    fn make_room(&self, from: usize, to: usize, length: usize) {
        let old = self.block.get();
        let (before, after) = (self.length.get(), self.length.get() - (to - from) + length);
        if after > MOST_BYTES {
            violation(Trap::TooManyHandles);
        }
        let new = if after > old.bytes() { Block::new(after.max(2 * old.bytes())) } else { old };
        if after != 0 {
            // SAFETY: both blocks are large enough for what they hold; they are different or the same.
            unsafe {
                if new.start != old.start {
                    ptr::copy_nonoverlapping(old.start, new.start, from);
                }
                if before > to {
                    ptr::copy(old.start.wrapping_add(to), new.start.wrapping_add(from + length), before - to);
                }
            }
        }
        if new.start != old.start {
            old.free();
        }
        self.block.set(new);
        self.length.set(after);
    }

    /// Adds a value to a name, which is put into lower case.
    fn append(&self, name: &[u8], value: &[u8]) {
        let (mut at, mut count) = (self.length.get(), 0);
        for record in self.records() {
            count += 1;
            if record.name.eq_ignore_ascii_case(name) {
                at = record.end;
            }
        }
        if count == MOST_RECORDS {
            violation(Trap::TooManyHandles);
        }
        self.make_room(at, at, LENGTHS + name.len() + value.len());
        let mut to = self.block.get().start.wrapping_add(at);
        let lower = name.iter().map(u8::to_ascii_lowercase);
        for byte in pack(name.len(), value.len()).into_iter().chain(lower).chain(value.iter().copied()) {
            // SAFETY: `make_room` has made room for so many bytes.
            unsafe { to.write(byte) };
            to = to.wrapping_add(1);
        }
    }

    fn delete(&self, name: &[u8]) {
        // Those of one name stand together.
        let has_name = |record: &Record<'_>| record.name.eq_ignore_ascii_case(name);
        let mut same = self.records().skip_while(|record| !has_name(record)).take_while(has_name);
        let Some(first) = same.next() else { return };
        let (start, end) = (first.start, same.last().map_or(first.end, |last| last.end));
        self.make_room(start, end, 0);
    }

    fn find(&self, name: &[u8]) -> Option<Record<'_>> {
        self.records().find(|record| record.name.eq_ignore_ascii_case(name))
    }

    /// The first value of a name.
    pub fn get(&self, name: &[u8]) -> Option<&[u8]> {
        self.find(name).map(|record| record.value)
    }
}

impl Drop for Fields {
    fn drop(&mut self) {
        self.block.get().free();
    }
}

/// A name that the caller passes; none if it can't be one. Valid until the next name.
fn name(caller: &Caller, pointer: u32, length: u32) -> Option<&'static [u8]> {
    // SAFETY: host functions don't call each other, and each needs one name at a time.
    let buffer = unsafe { buffer::take(u64::MAX) };
    // SAFETY: bytes may be taken for such that aren't written yet.
    let buffer = unsafe { &mut *(ptr::from_mut(buffer) as *mut [core::mem::MaybeUninit<u8>]) };
    caller.string(pointer, length, buffer).filter(|name| is_token(name))
}

/// A value that the caller passes: valid until compiled code runs again.
fn value(caller: &Caller, pointer: u32, length: u32) -> Result<&[u8]> {
    let start = caller.bytes(pointer, length);
    // SAFETY: `bytes` has checked that they exist; no compiled code runs meanwhile.
    let value = unsafe { core::slice::from_raw_parts(start, length as usize) };
    if value.iter().all(|byte| is_value_byte(*byte)) { Ok(value) } else { Err(HeaderError::InvalidSyntax) }
}

/// A name that a component may set.
fn own_name(caller: &Caller, pointer: u32, length: u32) -> Result<&'static [u8]> {
    let name = name(caller, pointer, length).ok_or(HeaderError::InvalidSyntax)?;
    if is_forbidden(name) { Err(HeaderError::Forbidden) } else { Ok(name) }
}

fn mutable(fields: &Fields) -> Result<&Fields> {
    if fields.is_immutable { Err(HeaderError::Immutable) } else { Ok(fields) }
}

/// Gives the caller a `result<_, header-error>`.
fn answer(caller: &Caller, result: u32, outcome: Result<()>) {
    let fields = caller.fields(result, 2, 1);
    fields.u8(0, outcome.is_err().into());
    if let Err(error) = outcome {
        fields.u8(1, error as u8);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_fields(caller: &Caller) -> u32 {
    caller.check();
    caller.own(Fields::new(false))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_fields_from_list(
    list: u32,
    count: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let fields = Fields::new(false);
    let elements = caller.elements(list, count, 16, 4);
    let add = |index: u32| {
        let [name, name_length, start, length] = [0, 4, 8, 12].map(|at| elements.get_u32(16 * index + at));
        let name = own_name(caller, name, name_length)?;
        fields.append(name, value(caller, start, length)?);
        Ok(())
    };
    let outcome = (0..count).try_for_each(add);
    let own: Result<u32> = outcome.map(|()| caller.own(fields));
    let fields = caller.fields(result, 8, 4);
    fields.u8(0, own.is_err().into());
    match own {
        Ok(handle) => fields.u32(4, handle),
        Err(error) => fields.u8(4, error as u8),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_fields_get(
    this: u32,
    pointer: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let fields = caller.borrow::<Fields>(this);
    let name = name(caller, pointer, length).unwrap_or_default();
    let has_name = |record: &Record<'_>| record.name.eq_ignore_ascii_case(name);
    let count = fields.records().filter(has_name).count() as u32;
    let list = caller.allocate(count * 8, 4);
    for (index, record) in (0..).zip(fields.records().filter(has_name)) {
        let (start, length) = caller.new_list(record.value);
        // Allocating may have moved the memory.
        let elements = caller.elements(list, count, 8, 4);
        elements.u32(8 * index, start);
        elements.u32(8 * index + 4, length);
    }
    caller.return_list(result, (list, count));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_fields_has(
    this: u32,
    pointer: u32,
    length: u32,
    caller: &Caller,
) -> u32 {
    caller.check();
    let fields = caller.borrow::<Fields>(this);
    name(caller, pointer, length).is_some_and(|name| fields.find(name).is_some()).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_fields_set(
    this: u32,
    pointer: u32,
    length: u32,
    values: u32,
    count: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let fields = caller.borrow::<Fields>(this);
    let elements = caller.elements(values, count, 8, 4);
    let get = |index: u32| value(caller, elements.get_u32(8 * index), elements.get_u32(8 * index + 4));
    let set = || {
        let name = own_name(caller, pointer, length)?;
        // Either all of them or none.
        (0..count).try_for_each(|index| get(index).map(drop))?;
        let fields = mutable(fields)?;
        fields.delete(name);
        (0..count).try_for_each(|index| get(index).map(|value| fields.append(name, value)))
    };
    answer(caller, result, set());
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_fields_delete(
    this: u32,
    pointer: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let fields = caller.borrow::<Fields>(this);
    let delete = || {
        let name = own_name(caller, pointer, length)?;
        mutable(fields)?.delete(name);
        Ok(())
    };
    answer(caller, result, delete());
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_fields_append(
    this: u32,
    pointer: u32,
    length: u32,
    start: u32,
    bytes: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let fields = caller.borrow::<Fields>(this);
    let append = || {
        let name = own_name(caller, pointer, length)?;
        let value = value(caller, start, bytes)?;
        mutable(fields)?.append(name, value);
        Ok(())
    };
    answer(caller, result, append());
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_fields_entries(this: u32, result: u32, caller: &Caller) {
    caller.check();
    let fields = caller.borrow::<Fields>(this);
    let count = fields.records().count() as u32;
    let list = caller.allocate(count * 16, 4);
    for (index, record) in (0..).zip(fields.records()) {
        let (name, name_length) = caller.new_string(record.name);
        let (start, length) = caller.new_list(record.value);
        // Allocating may have moved the memory.
        let elements = caller.elements(list, count, 16, 4);
        for (at, word) in (0..).step_by(4).zip([name, name_length, start, length]) {
            elements.u32(16 * index + at, word);
        }
    }
    caller.return_list(result, (list, count));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_fields_clone(this: u32, caller: &Caller) -> u32 {
    caller.check();
    caller.own(caller.borrow::<Fields>(this).copy(false))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_fields_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<Fields>(handle) {
        drop(Fields::remove(number));
    }
}
