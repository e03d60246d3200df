//! What WASI functions need of an instance: its descriptors. Linked into libraries that import WASI functions.

use core::ptr;

use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::library::{Instance, LibraryError, OK, Options};
use wasm_aot_abi::policy::Policy;

use crate::program::policy;
use crate::sys::map;
use crate::wasi::descriptor::{self, Descriptor, Kind, NO_HOST};

use super::options::{Given, given};
use super::streams;

/// Bytes of the mapping with the table of descriptors.
fn table_bytes() -> usize {
    descriptor::TABLE_BYTES.next_multiple_of(Memory::GRANULE as usize)
}

/// The table of descriptors of the instance with this call in this thread.
pub fn table() -> *mut u8 {
    given().wasi
}

/// `wasm_aot_abi::library::WASI`. Called while the instance runs a function of the runtime; with null, perhaps not.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_library_wasi(instance: *mut Instance, options: *const Options) -> i32 {
    // SAFETY: this thread holds the instance; what it was given is set.
    let given = unsafe { &mut *((*instance).private as *mut Given) };
    let result = if options.is_null() { close(given) } else { open(given) };
    result.map_or_else(|error| error as i32, |()| OK)
}

fn open(given: &mut Given) -> Result<(), LibraryError> {
    let is_locked = policy().flags & Policy::LOCKED != 0;
    if is_locked && !(given.directories.is_empty() && given.environment.is_empty()) {
        return Err(LibraryError::InvalidOptions);
    }
    // Its zeroes are a table without descriptors.
    given.wasi = map::map(0, table_bytes(), true).map_err(|_| LibraryError::NoMemory)?;
    for number in 0..3 {
        let kind = if number == 0 { Kind::Stdin } else { Kind::Stdout };
        let is_called = if number == 0 { given.read.is_some() } else { given.write.is_some() };
        let stream = match given.streams {
            _ if is_called => Descriptor { grant: number, ..Descriptor::new(kind, NO_HOST, false) },
            None => continue,
            Some(streams) => match streams::of(streams[usize::from(number)]) {
                Some(host) => Descriptor::new(kind, host, false),
                None => Descriptor::new(Kind::Closed, 0, false),
            },
        };
        // There is a slot for each stream.
        _ = descriptor::update(number.into(), |slot| {
            *slot = stream;
            Ok(())
        });
    }
    if let Some(open) = policy().open_grants {
        open();
    }
    Ok(())
}

fn close(given: &mut Given) -> Result<(), LibraryError> {
    if !given.wasi.is_null() {
        descriptor::close_all(given.wasi);
        // SAFETY: nobody uses the table any more.
        unsafe { map::unmap(given.wasi, table_bytes()) };
        given.wasi = ptr::null_mut();
    }
    Ok(())
}
