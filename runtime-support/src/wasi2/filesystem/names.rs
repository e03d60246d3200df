//! Opening, making, removing and renaming names, and targets of links.

use super::answer::{answer, answer_with, answer_with_handle};
use super::descriptor::{ComponentName, StringArgument};
use crate::component::Caller;
use crate::wasi::files::open::Options;
use crate::wasi::files::{Host, Name, PathArgument, Tree};
use crate::wasi::path::PathBuffer;
use crate::wasi::types::{fdflags, lookupflags, oflags, rights};

/// `descriptor-flags`.
pub mod descriptor_flags {
    pub const READ: u32 = 1 << 0;
    pub const WRITE: u32 = 1 << 1;
    /// The three that ask for synchronous writes or reads.
    pub const SYNC: u32 = 7 << 2;
    pub const MUTATE_DIRECTORY: u32 = 1 << 5;
}

/// Whether `path-flags` have `symlink-follow`.
pub fn follows(path_flags: u32) -> bool {
    path_flags & lookupflags::SYMLINK_FOLLOW != 0
}

#[inline(always)]
pub fn open_at<T: Tree>(
    name: ComponentName,
    path_flags: u32,
    open_flags: u32,
    flags: u32,
    result: u32,
    caller: &Caller,
) {
    let when = |flag, right| if flags & flag != 0 { right } else { 0 };
    let options = Options {
        lookup: path_flags & lookupflags::ALL,
        open: open_flags & oflags::ALL,
        rights: when(descriptor_flags::READ, rights::FD_READ)
            | when(descriptor_flags::WRITE, rights::FD_WRITE),
        descriptor: if flags & descriptor_flags::SYNC != 0 { fdflags::SYNC } else { 0 },
    };
    answer_with_handle(caller, result, || {
        let directory = name.directory()?;
        let mut buffer = PathBuffer::new();
        let path = name.path().read(&mut buffer)?;
        Ok(caller.own(T::open(directory, path.as_c_str(), &options)?))
    });
}

#[inline(always)]
pub fn read_link_at<T: Tree>(name: ComponentName, result: u32, caller: &Caller) {
    let act = || {
        let mut list = (0, 0);
        T::read_link(name, &mut |target| list = caller.new_string(target))?;
        Ok(list)
    };
    answer_with(caller, result, (8, 4), act, |fields, at, (pointer, length)| {
        fields.u32(at, pointer);
        fields.u32(at + 4, length);
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_open_at(
    this: u32,
    path_flags: u32,
    path: u32,
    length: u32,
    open_flags: u32,
    flags: u32,
    result: u32,
    caller: &Caller,
) {
    let name = ComponentName::new(this, path, length, caller);
    open_at::<Host>(name, path_flags, open_flags, flags, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_create_directory_at(
    this: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    answer(caller, result, || Host::create_directory(ComponentName::new(this, path, length, caller)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_remove_directory_at(
    this: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    answer(caller, result, || Host::remove_directory(ComponentName::new(this, path, length, caller)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_unlink_file_at(
    this: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    answer(caller, result, || Host::unlink(ComponentName::new(this, path, length, caller)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_symlink_at(
    this: u32,
    target: u32,
    target_length: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    let target = StringArgument { caller, pointer: target, length: target_length };
    answer(caller, result, || Host::symlink(target, ComponentName::new(this, path, length, caller)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_link_at(
    from: u32,
    path_flags: u32,
    from_path: u32,
    from_length: u32,
    to: u32,
    to_path: u32,
    to_length: u32,
    result: u32,
    caller: &Caller,
) {
    let from = ComponentName::new(from, from_path, from_length, caller);
    let to = ComponentName::new(to, to_path, to_length, caller);
    answer(caller, result, || Host::link(from, follows(path_flags), to));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_rename_at(
    from: u32,
    from_path: u32,
    from_length: u32,
    to: u32,
    to_path: u32,
    to_length: u32,
    result: u32,
    caller: &Caller,
) {
    let from = ComponentName::new(from, from_path, from_length, caller);
    let to = ComponentName::new(to, to_path, to_length, caller);
    answer(caller, result, || Host::rename(from, to));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_readlink_at(
    this: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    read_link_at::<Host>(ComponentName::new(this, path, length, caller), result, caller);
}
