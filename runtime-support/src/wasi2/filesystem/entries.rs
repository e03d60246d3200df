//! Reading directories: the host's entries in its order, without `.` and `..`, and then what a bundle adds. Names that aren't
//! UTF-8, as strings are, give an error each, as in wasmtime, and reading goes on behind them.

use core::cell::{Cell, UnsafeCell};
use core::ffi::CStr;
use core::mem::MaybeUninit;

use wasm_aot_abi::wasi2::ResourceKind;

use super::answer::{answer_with, answer_with_handle};
use super::descriptor::directory;
use super::status::DescriptorType;
use crate::component::slab::Slab;
use crate::component::{Caller, Resource};
use crate::sys::file::{self, Fd, FileKind};
use crate::sys::scan::{self, EntryBuffer};
use crate::sys::{self, c_str, dir};
use crate::wasi::descriptor::{Descriptor, NO_HOST};
use crate::wasi::files::{Host, Tree};
use crate::wasi::opened::Opened;
use crate::wasi::types::{Errno, Result};

/// `directory-entry-stream`.
struct DirectoryEntryStream {
    /// A descriptor of the host of its own, unless the directory is in a bundle only.
    directory: Descriptor,
    /// Where the host's next entry is.
    next: Cell<i64>,
    /// The number of the next entry that a bundle adds.
    added: Cell<u32>,
}

static STREAMS: Slab<DirectoryEntryStream> = Slab::empty();

impl Resource for DirectoryEntryStream {
    const KIND: ResourceKind = ResourceKind::DirectoryEntryStream;

    fn table() -> &'static Slab<DirectoryEntryStream> {
        &STREAMS
    }
}

/// An entry of the host that hasn't been read yet.
#[derive(Clone, Copy)]
struct Entry {
    /// Where the one behind it is.
    next: i64,
    kind: Option<FileKind>,
    /// Where its name, with a terminator, begins in `Batch::names`.
    name: u16,
}

/// Entries that the host has given at once. There is one batch: who reads several directories in turn makes the host give
/// parts of them again.
struct Batch {
    /// The stream's directory, which no other stream has; or `NO_HOST`.
    directory: Fd,
    names: [u8; 4096],
    names_length: usize,
    entries: [Entry; 128],
    /// The entries that are left.
    first: usize,
    end: usize,
    /// Where those behind them are, if there are any.
    next: Option<i64>,
}

struct OnlyBatch(UnsafeCell<Batch>);

// SAFETY: programs of components have one thread.
unsafe impl Sync for OnlyBatch {}

/// All of it is 0, so that executables don't contain it.
static BATCH: OnlyBatch = OnlyBatch(UnsafeCell::new(Batch {
    directory: 0,
    names: [0; 4096],
    names_length: 0,
    entries: [Entry { next: 0, kind: Some(FileKind::Regular), name: 0 }; 128],
    first: 0,
    end: 0,
    next: None,
}));

/// The batch; nobody holds the one that an earlier call has given.
fn batch() -> &'static mut Batch {
    // SAFETY: as the functions here use it one after the other.
    unsafe { &mut *BATCH.0.get() }
}

impl Batch {
    /// Reads entries of a directory from a place on.
    fn fill(&mut self, directory: Fd, from: i64) -> Result<()> {
        (self.directory, self.next) = (NO_HOST, None);
        (self.first, self.end, self.names_length) = (0, 0, 0);
        scan::seek_entries(directory, from)?;
        let mut buffer = EntryBuffer([const { MaybeUninit::uninit() }; 4096]);
        match scan::read_entries(directory, from, &mut buffer) {
            // The directory has been removed.
            Err(sys::Errno::NOENT) => {}
            // It was opened to be entered only, as it can't be listed.
            Err(sys::Errno::BADF) => return Err(Errno::ACCES),
            Err(error) => return Err(error.into()),
            Ok(entries) => {
                for entry in entries {
                    if self.push(entry.name, entry.kind, entry.next).is_none() {
                        break;
                    }
                    self.next = Some(entry.next);
                }
            }
        }
        self.directory = directory;
        Ok(())
    }

    /// Adds an entry behind the others, if there is room.
    fn push(&mut self, name: &CStr, kind: Option<FileKind>, next: i64) -> Option<()> {
        let name = name.to_bytes_with_nul();
        if matches!(name, b".\0" | b"..\0") {
            return Some(());
        }
        let place = self.names.get_mut(self.names_length..)?.get_mut(..name.len())?;
        let slot = self.entries.get_mut(self.end)?;
        place.copy_from_slice(name);
        *slot = Entry { next, kind, name: self.names_length as u16 };
        self.names_length += name.len();
        self.end += 1;
        Some(())
    }

    /// Takes the first entry.
    fn take(&mut self) -> Option<Entry> {
        let entry = *self.entries.get(self.first..self.end)?.first()?;
        self.first += 1;
        Some(entry)
    }
}

/// The next entry of the host.
fn next_of_host(stream: &DirectoryEntryStream) -> Result<Option<(FileKind, &'static [u8])>> {
    let directory = stream.directory.host;
    let batch = batch();
    if batch.directory != directory {
        batch.fill(directory, stream.next.get())?;
    }
    let entry = loop {
        if let Some(entry) = batch.take() {
            break entry;
        }
        let Some(next) = batch.next else { return Ok(None) };
        stream.next.set(next);
        batch.fill(directory, next)?;
    };
    stream.next.set(entry.next);
    let name = c_str::from_buffer(batch.names.get(entry.name.into()..).unwrap_or_default());
    if core::str::from_utf8(name.to_bytes()).is_err() {
        return Err(Errno::ILSEQ);
    }
    let kind = entry.kind.or_else(|| dir::stat_name(directory, name).ok().map(|stat| stat.kind));
    Ok(Some((kind.unwrap_or(FileKind::Other), name.to_bytes())))
}

fn next<T: Tree>(stream: &DirectoryEntryStream) -> Result<Option<(FileKind, &'static [u8])>> {
    if stream.directory.host != NO_HOST
        && let Some(entry) = next_of_host(stream)?
    {
        return Ok(Some(entry));
    }
    let added = T::added_entry(&stream.directory, stream.added.get())?;
    Ok(added.map(|(number, kind, name)| {
        stream.added.set(number + 1);
        (kind, name)
    }))
}

/// Reads an `option<directory-entry>`.
#[inline(always)]
pub fn read_directory_entry<T: Tree>(this: u32, result: u32, caller: &Caller) {
    let act = || {
        let entry = next::<T>(caller.borrow(this))?;
        Ok(entry.map(|(kind, name)| (kind, caller.new_string(name))))
    };
    answer_with(caller, result, (16, 4), act, |fields, at, entry| {
        fields.u8(at, entry.is_some().into());
        if let Some((kind, (name, length))) = entry {
            fields.u8(at + 4, DescriptorType::from(kind) as u8);
            fields.u32(at + 8, name);
            fields.u32(at + 12, length);
        }
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_descriptor_read_directory(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    answer_with_handle(caller, result, || {
        let directory = directory(this, caller)?;
        let mut host = directory.host;
        if host != NO_HOST {
            let own = Opened::new(file::duplicate(host)?);
            batch().fill(own.fd(), 0)?;
            host = own.into_fd();
        }
        let directory = Descriptor { host, ..*directory };
        Ok(caller.own(DirectoryEntryStream { directory, next: Cell::new(0), added: Cell::new(0) }))
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_directory_entry_stream_read_directory_entry(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    read_directory_entry::<Host>(this, result, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_directory_entry_stream_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<DirectoryEntryStream>(handle) {
        let stream = DirectoryEntryStream::remove(number);
        if stream.directory.host != NO_HOST {
            file::close(stream.directory.host);
        }
    }
}
