//! What files are: types, sizes, times, identities.

use wasm_aot_abi::trap::Trap;

use super::answer::{answer, answer_with};
use super::descriptor::{ComponentName, file, is_directory};
use super::names::{descriptor_flags, follows};
use crate::component::{Caller, Fields};
use crate::fail;
use crate::sys::dir::NewTime;
use crate::sys::file::{self, FileKind, Stat};
use crate::wasi::descriptor::{Descriptor, Kind};
use crate::wasi::files::{Host, Tree, status};
use crate::wasi::types::{Errno, Result};

/// `descriptor-type`. As in wasmtime, FIFOs and sockets are of type `unknown`.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum DescriptorType {
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    SymbolicLink = 5,
    RegularFile = 6,
}

impl From<FileKind> for DescriptorType {
    fn from(kind: FileKind) -> DescriptorType {
        match kind {
            FileKind::Regular => DescriptorType::RegularFile,
            FileKind::Directory => DescriptorType::Directory,
            FileKind::SymbolicLink => DescriptorType::SymbolicLink,
            FileKind::BlockDevice => DescriptorType::BlockDevice,
            FileKind::CharacterDevice => DescriptorType::CharacterDevice,
            FileKind::Other => DescriptorType::Unknown,
        }
    }
}

const NANOSECONDS: u64 = 1_000_000_000;

/// Writes a `descriptor-stat`: 96 bytes.
fn write_stat(fields: &Fields, at: u32, stat: Stat) {
    fields.u8(at, DescriptorType::from(stat.kind) as u8);
    fields.u64(at + 8, stat.links.into());
    fields.u64(at + 16, stat.size);
    for (offset, time) in [(24, stat.accessed), (48, stat.modified), (72, stat.changed)] {
        // An `option<datetime>`.
        fields.u8(at + offset, 1);
        fields.u64(at + offset + 8, time / NANOSECONDS);
        fields.u32(at + offset + 16, (time % NANOSECONDS) as u32);
    }
}

/// Answers with a `descriptor-stat`.
#[inline(always)]
pub fn answer_with_stat(caller: &Caller, result: u32, stat: impl FnOnce() -> Result<Stat>) {
    answer_with(caller, result, (96, 8), stat, write_stat);
}

/// Answers with a `metadata-hash-value`: the same for the same file, and another for each other one.
#[inline(always)]
pub fn answer_with_hash(caller: &Caller, result: u32, stat: impl FnOnce() -> Result<Stat>) {
    answer_with(caller, result, (16, 8), stat, |fields, at, stat| {
        let lower = mix(stat.inode ^ mix(stat.device));
        fields.u64(at, lower);
        fields.u64(at + 8, mix(lower ^ stat.device));
    });
}

/// Distributes differences over all bits (the finaliser of SplitMix64); no two numbers give the same.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Whether two descriptors are of the same file.
pub fn is_same<T: Tree>(a: u32, b: u32, caller: &Caller) -> u32 {
    caller.check();
    let identity = |handle| T::stat(caller.borrow(handle)).map(|stat| (stat.device, stat.inode));
    let (a, b) = (identity(a), identity(b));
    (a.is_ok() && a == b).into()
}

/// A `new-timestamp` as flat values: the case, and the `datetime` of one of them.
#[derive(Clone, Copy)]
pub struct NewTimestamp(pub u32, pub u64, pub u32);

impl NewTimestamp {
    /// More nanoseconds than a second's count as seconds, as in wasmtime.
    fn decode(self) -> Result<NewTime> {
        match self {
            NewTimestamp(0, ..) => Ok(NewTime::Keep),
            NewTimestamp(1, ..) => Ok(NewTime::Now),
            NewTimestamp(2, seconds, nanoseconds) => {
                let time =
                    seconds.checked_mul(NANOSECONDS).and_then(|time| time.checked_add(nanoseconds.into()));
                Ok(NewTime::At(time.ok_or(Errno::OVERFLOW)?))
            }
            _ => fail::raise_in_host(Trap::InvalidDiscriminant),
        }
    }
}

#[inline(always)]
pub fn set_times_at<T: Tree>(
    name: ComponentName,
    path_flags: u32,
    times: [NewTimestamp; 2],
    result: u32,
    caller: &Caller,
) {
    answer(caller, result, || {
        let [accessed, modified] = times.map(NewTimestamp::decode);
        T::set_times_at(name, follows(path_flags), accessed?, modified?)
    });
}

fn flags(descriptor: &Descriptor) -> Result<u32> {
    Ok(match descriptor.kind {
        Kind::File => {
            let mode = file::open_mode(descriptor.host)?;
            let read = if mode.read { descriptor_flags::READ } else { 0 };
            read | if mode.write { descriptor_flags::WRITE } else { 0 }
        }
        Kind::Grant if !descriptor.read_only => descriptor_flags::READ | descriptor_flags::MUTATE_DIRECTORY,
        _ => descriptor_flags::READ,
    })
}

fn descriptor_type(descriptor: &Descriptor) -> Result<DescriptorType> {
    match descriptor.kind {
        Kind::Bundled => Ok(DescriptorType::RegularFile),
        _ if is_directory(descriptor) => Ok(DescriptorType::Directory),
        _ => Ok(file::stat(descriptor.host)?.kind.into()),
    }
}

/// As in wasmtime, only granted directories have `mutate-directory`, although what is opened beneath them can be changed, too.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_get_flags(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    let act = || flags(caller.borrow(this));
    answer_with(caller, result, (1, 1), act, |fields, at, flags| fields.u8(at, flags as u8));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_get_type(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    let act = || descriptor_type(caller.borrow(this));
    answer_with(caller, result, (1, 1), act, |fields, at, ty| fields.u8(at, ty as u8));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_set_size(
    this: u32,
    size: u64,
    result: u32,
    caller: &Caller,
) {
    answer(caller, result, || status::set_size(file(this, caller)?, size));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_set_times(
    this: u32,
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
    answer(caller, result, || {
        let descriptor = caller.borrow(this);
        let [accessed, modified] = [accessed, modified].map(NewTimestamp::decode);
        status::set_times(descriptor, accessed?, modified?)
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_set_times_at(
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
    set_times_at::<Host>(name, path_flags, [accessed, modified], result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_stat(this: u32, result: u32, caller: &Caller) {
    answer_with_stat(caller, result, || Host::stat(caller.borrow(this)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_stat_at(
    this: u32,
    path_flags: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    let name = ComponentName::new(this, path, length, caller);
    answer_with_stat(caller, result, || Host::stat_at(name, follows(path_flags)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_is_same_object(
    this: u32,
    other: u32,
    caller: &Caller,
) -> u32 {
    is_same::<Host>(this, other, caller)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_metadata_hash(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    answer_with_hash(caller, result, || Host::stat(caller.borrow(this)));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_metadata_hash_at(
    this: u32,
    path_flags: u32,
    path: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    let name = ComponentName::new(this, path, length, caller);
    answer_with_hash(caller, result, || Host::stat_at(name, follows(path_flags)));
}
