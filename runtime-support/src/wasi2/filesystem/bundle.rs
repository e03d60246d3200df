//! The functions for programs with bundles (`Variant::Bundle`).

use super::answer::answer;
use super::descriptor::{ComponentName, StringArgument};
use super::names::follows;
use super::status::{self, NewTimestamp};
use super::{contents, entries, names, streams};
use crate::component::Caller;
use crate::wasi::bundle::Bundles;
use crate::wasi::files::Tree;

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_read_via_stream(
    this: u32,
    offset: u64,
    result: u32,
    caller: &Caller,
) {
    streams::read_via_stream::<Bundles>(this, offset, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_read(
    this: u32,
    length: u64,
    offset: u64,
    result: u32,
    caller: &Caller,
) {
    contents::read::<Bundles>(this, length, offset, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_directory_entry_stream_read_directory_entry(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    entries::read_directory_entry::<Bundles>(this, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_stat(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    status::answer_with_stat(caller, result, || Bundles::stat(caller.borrow(this)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_stat_at(
    this: u32,
    path_flags: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    let name = ComponentName::new(this, path, length, caller);
    status::answer_with_stat(caller, result, || Bundles::stat_at(name, follows(path_flags)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_metadata_hash(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    status::answer_with_hash(caller, result, || Bundles::stat(caller.borrow(this)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_metadata_hash_at(
    this: u32,
    path_flags: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    let name = ComponentName::new(this, path, length, caller);
    status::answer_with_hash(caller, result, || Bundles::stat_at(name, follows(path_flags)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_set_times_at(
    this: u32,
    path_flags: u32,
    path: u32,
    length: u32,
    accessed: u32,
    accessed_seconds: u64,
    accessed_nanoseconds: u32,
    modified: u32,
    modified_seconds: u64,
    modified_nanoseconds: u32,
    result: u32,
    caller: &Caller,
) {
    let accessed = NewTimestamp(accessed, accessed_seconds, accessed_nanoseconds);
    let modified = NewTimestamp(modified, modified_seconds, modified_nanoseconds);
    let name = ComponentName::new(this, path, length, caller);
    status::set_times_at::<Bundles>(name, path_flags, [accessed, modified], result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_open_at(
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
    names::open_at::<Bundles>(name, path_flags, open_flags, flags, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_create_directory_at(
    this: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    answer(caller, result, || Bundles::create_directory(ComponentName::new(this, path, length, caller)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_remove_directory_at(
    this: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    answer(caller, result, || Bundles::remove_directory(ComponentName::new(this, path, length, caller)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_unlink_file_at(
    this: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    answer(caller, result, || Bundles::unlink(ComponentName::new(this, path, length, caller)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_symlink_at(
    this: u32,
    target: u32,
    target_length: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    let target = StringArgument { caller, pointer: target, length: target_length };
    answer(caller, result, || Bundles::symlink(target, ComponentName::new(this, path, length, caller)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_link_at(
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
    answer(caller, result, || Bundles::link(from, follows(path_flags), to));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_rename_at(
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
    answer(caller, result, || Bundles::rename(from, to));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_readlink_at(
    this: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    names::read_link_at::<Bundles>(ComponentName::new(this, path, length, caller), result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_bundle_filesystem_types_descriptor_is_same_object(
    this: u32,
    other: u32,
    caller: &Caller,
) -> u32 {
    status::is_same::<Bundles>(this, other, caller)
}
