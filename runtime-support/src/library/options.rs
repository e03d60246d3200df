//! The options of an instance: a copy of what the embedder gave, as it may be made anew when that is gone. It has a mapping of
//! its own, which lasts as long as the instance, with the text of the backtrace behind it.

use core::{ptr, slice};

use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::library::{Directory, Instance, LibraryError, Options};
use wasm_aot_abi::policy::{Bytes, DirGrant};

use crate::sys::c_str;
use crate::sys::map;

use super::{current, report};

/// At the start of the mapping; the strings and arrays are behind it.
pub struct Given {
    /// Bytes of the mapping.
    bytes: usize,
    pub arguments: &'static [*const u8],
    pub environment: &'static [*const u8],
    pub directories: &'static [DirGrant],
    /// Descriptors for the standard streams, if they aren't those of the process.
    pub streams: Option<[isize; 3]>,
    pub read: Option<extern "C" fn(*mut u8, *mut u8, usize) -> isize>,
    pub write: Option<extern "C" fn(*mut u8, i32, *const u8, usize) -> isize>,
    pub context: *mut u8,
    /// What `wasi` keeps of the instance.
    pub wasi: *mut u8,
}

/// What the instance with this call in this thread was given.
pub fn given() -> &'static mut Given {
    // SAFETY: set when the instance was made; one thread is in it.
    unsafe { &mut *((*current()).private as *mut Given) }
}

/// The arguments of the program, terminated.
pub fn arguments() -> &'static [*const u8] {
    given().arguments
}

/// The environment that the embedder gave: terminated strings `KEY=VALUE`.
pub fn environment() -> &'static [*const u8] {
    given().environment
}

/// The directories that the embedder granted.
pub fn directories() -> &'static [DirGrant] {
    given().directories
}

/// An array of the embedder.
unsafe fn array<'a, T>(start: *const T, count: usize) -> Result<&'a [T], LibraryError> {
    match count {
        0 => Ok(&[]),
        _ if start.is_null() => Err(LibraryError::InvalidOptions),
        // SAFETY: the embedder says so.
        _ => Ok(unsafe { slice::from_raw_parts(start, count) }),
    }
}

/// Bytes for a string and its terminator.
fn room_of(string: *const u8) -> Result<usize, LibraryError> {
    match string.is_null() {
        true => Err(LibraryError::InvalidOptions),
        // SAFETY: the embedder's strings are terminated.
        false => Ok(unsafe { c_str::bytes_at(string) }.len() + 1),
    }
}

/// The rest of the mapping, from which arrays and strings are taken.
struct Room(*mut u8);

impl Room {
    fn array<T>(&mut self, items: usize) -> *mut T {
        let start = self.0;
        // SAFETY: all that is taken was counted before. Arrays come first, of things with the alignment of pointers.
        self.0 = unsafe { start.add(items * size_of::<T>()) };
        start.cast()
    }

    /// A copy of a string, which is terminated; without its terminator.
    fn string(&mut self, string: *const u8) -> &'static [u8] {
        // SAFETY: as in `room_of`, and as in `array`.
        unsafe {
            let text = c_str::bytes_at(string);
            let start = self.array::<u8>(text.len() + 1);
            ptr::copy_nonoverlapping(text.as_ptr(), start, text.len() + 1);
            slice::from_raw_parts(start, text.len())
        }
    }

    fn strings(&mut self, table: *mut *const u8, strings: &[*const u8]) -> &'static [*const u8] {
        for (index, &string) in strings.iter().enumerate() {
            // SAFETY: the table was made for them.
            unsafe { table.add(index).write(self.string(string).as_ptr()) };
        }
        // SAFETY: just written.
        unsafe { slice::from_raw_parts(table, strings.len()) }
    }
}

/// Copies the options for this instance.
///
/// # Safety
/// The options are null, or what the C header says.
pub unsafe fn keep(instance: *mut Instance, options: *const Options) -> Result<(), LibraryError> {
    const NONE: Options = Options {
        size: size_of::<Options>(),
        arguments: ptr::null(),
        argument_count: 0,
        environment: ptr::null(),
        environment_count: 0,
        directories: ptr::null(),
        directory_count: 0,
        streams: ptr::null(),
        read: None,
        write: None,
        context: ptr::null_mut(),
    };
    // SAFETY: as the caller promises; the size says how much there is.
    unsafe {
        if !options.is_null() && (*options).size < size_of::<Options>() {
            return Err(LibraryError::InvalidOptions);
        }
        let options = options.as_ref().unwrap_or(&NONE);
        let arguments = array(options.arguments, options.argument_count)?;
        let environment = array(options.environment, options.environment_count)?;
        let directories = array(options.directories, options.directory_count)?;
        let mut bytes = size_of::<Given>() + report::BYTES;
        bytes +=
            size_of_val(arguments) + size_of_val(environment) + directories.len() * size_of::<DirGrant>();
        for &string in arguments.iter().chain(environment) {
            bytes += room_of(string)?;
        }
        for directory in directories {
            bytes += room_of(directory.host)? + room_of(directory.guest)?;
        }
        let bytes = bytes.next_multiple_of(Memory::GRANULE as usize);
        let mapped = map::map(0, bytes, true).map_err(|_| LibraryError::NoMemory)?;
        let given = mapped.cast::<Given>();
        let mut room = Room(given.add(1).cast());
        let argument_table = room.array(arguments.len());
        let environment_table = room.array(environment.len());
        let directory_table = room.array::<DirGrant>(directories.len());
        for (index, Directory { host, guest, flags }) in directories.iter().enumerate() {
            let (host, guest) = (bytes_of(room.string(*host)), bytes_of(room.string(*guest)));
            let flags = if flags & Directory::READ_ONLY != 0 { DirGrant::READ_ONLY } else { 0 };
            directory_table.add(index).write(DirGrant { host, guest, flags });
        }
        given.write(Given {
            bytes,
            arguments: room.strings(argument_table, arguments),
            environment: room.strings(environment_table, environment),
            directories: slice::from_raw_parts(directory_table, directories.len()),
            streams: options.streams.cast::<[isize; 3]>().as_ref().copied(),
            read: options.read,
            write: options.write,
            context: options.context,
            wasi: ptr::null_mut(),
        });
        (*instance).backtrace = mapped.add(bytes - report::BYTES) as u64;
        (*instance).backtrace_capacity = report::BYTES as u32;
        (*instance).backtrace_length = 0;
        (*instance).private = given as u64;
    }
    Ok(())
}

fn bytes_of(text: &'static [u8]) -> Bytes {
    Bytes { data: text.as_ptr(), length: text.len() as u64 }
}

/// Gives the copy back.
pub fn drop(instance: *mut Instance) {
    // SAFETY: this thread holds the instance; nobody has a reference into the copy.
    unsafe {
        let given = (*instance).private as *mut Given;
        (*instance).private = 0;
        (*instance).backtrace = 0;
        (*instance).backtrace_length = 0;
        if !given.is_null() {
            map::unmap(given.cast(), (*given).bytes);
        }
    }
}
