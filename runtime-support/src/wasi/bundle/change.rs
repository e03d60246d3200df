//! Changing names: `path_create_directory`, `path_filestat_set_times`, `path_link`, `path_remove_directory`,
//! `path_rename`, `path_symlink`, `path_unlink_file`. Only what a granted directory has can be changed: what the
//! bundle has below it gives `ROFS`, and its names are taken (`EXIST`), except that a file may be moved over
//! one of the bundle, which it hides. Removing a name shows again what the bundle has under it.

use super::super::dir_entries::{
    wasm_aot_wasi_path_create_directory, wasm_aot_wasi_path_link, wasm_aot_wasi_path_remove_directory,
    wasm_aot_wasi_path_rename, wasm_aot_wasi_path_symlink, wasm_aot_wasi_path_unlink_file,
};
use super::super::filestat::wasm_aot_wasi_path_filestat_set_times;
use super::super::path::PathBuffer;
use super::super::types::{Errno, answer};
use super::lookup::Place;
use super::{get_directory, is_missing};

/// A path of the guest: descriptor, address, length.
#[derive(Clone, Copy)]
struct Name(u32, u32, u32);

impl Name {
    /// Where the name is, if its directory can be changed and lies over a bundle.
    fn find(self) -> Option<Place> {
        let (directory, _) = get_directory(self.0)?;
        if !directory.has_host() || directory.read_only {
            return None;
        }
        let mut buffer = PathBuffer::new();
        // Slashes behind a name don't make it one of something else.
        let path = buffer.read(self.1, self.2).ok()?.without_slashes();
        Place::find(&directory, path.as_c_str(), false).ok()
    }

    /// Whether it is the name of something that only the bundle has.
    fn is_taken(self) -> bool {
        self.find().is_some_and(|place| !place.on_host && place.node.is_some())
    }

    /// Whether only the bundle has it, or the directory that it is in.
    fn is_in_bundle(self) -> bool {
        let Some((directory, _)) = get_directory(self.0) else { return false };
        self.find().is_some_and(|place| {
            !place.on_host && (place.node.is_some() || place.parent(&directory).is_none())
        })
    }
}

/// The host's answer, unless it misses what the bundle has.
fn explain<const N: usize>(answered: i32, names: [Name; N]) -> i32 {
    if is_missing(answered) && names.into_iter().any(Name::is_in_bundle) {
        return answer(Err(Errno::ROFS));
    }
    answered
}

/// Creates a name.
fn create(name: Name, create: impl FnOnce() -> i32) -> i32 {
    if name.is_taken() { answer(Err(Errno::EXIST)) } else { explain(create(), [name]) }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_create_directory(fd: u32, path: u32, length: u32) -> i32 {
    create(Name(fd, path, length), || wasm_aot_wasi_path_create_directory(fd, path, length))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_symlink(
    target: u32,
    target_length: u32,
    fd: u32,
    path: u32,
    length: u32,
) -> i32 {
    create(Name(fd, path, length), || wasm_aot_wasi_path_symlink(target, target_length, fd, path, length))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_link(
    from: u32,
    flags: u32,
    from_path: u32,
    from_length: u32,
    to: u32,
    to_path: u32,
    to_length: u32,
) -> i32 {
    let link = || wasm_aot_wasi_path_link(from, flags, from_path, from_length, to, to_path, to_length);
    explain(create(Name(to, to_path, to_length), link), [Name(from, from_path, from_length)])
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_rename(
    from: u32,
    from_path: u32,
    from_length: u32,
    to: u32,
    to_path: u32,
    to_length: u32,
) -> i32 {
    let names = [Name(from, from_path, from_length), Name(to, to_path, to_length)];
    let [_, target] = names;
    let onto = target.find().filter(|place| !place.on_host).and_then(|place| place.node);
    if onto.is_some_and(|node| node.is_directory()) {
        return answer(Err(Errno::ROFS));
    }
    explain(wasm_aot_wasi_path_rename(from, from_path, from_length, to, to_path, to_length), names)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_unlink_file(fd: u32, path: u32, length: u32) -> i32 {
    explain(wasm_aot_wasi_path_unlink_file(fd, path, length), [Name(fd, path, length)])
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_remove_directory(fd: u32, path: u32, length: u32) -> i32 {
    explain(wasm_aot_wasi_path_remove_directory(fd, path, length), [Name(fd, path, length)])
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_bundle_path_filestat_set_times(
    fd: u32,
    lookup: u32,
    path: u32,
    length: u32,
    accessed: u64,
    modified: u64,
    flags: u32,
) -> i32 {
    let answered = wasm_aot_wasi_path_filestat_set_times(fd, lookup, path, length, accessed, modified, flags);
    explain(answered, [Name(fd, path, length)])
}
