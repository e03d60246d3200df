//! `fd_readdir`. Cookies count entries: 0 is `.`, 1 is `..`, then come the host's entries in its
//! order. The place where the last call stopped is remembered, so that continuing from there neither
//! reads the directory again nor misses entries when others are removed meanwhile. Entries whose names aren't UTF-8,
//! as strings of preview 1 are, are counted but not shown.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use crate::memory::guest;
use crate::sys;
use crate::sys::dir;
use crate::sys::file::{self, Fd};
use crate::sys::scan::{self, EntryBuffer};

use super::descriptor::{self, Descriptor};
use super::types::{Errno, Filetype, Result, answer, put};

/// Cookie of the first entry that comes from the host.
const FIRST: u64 = 2;

/// The guest's buffer, filled from the front. The last entry is cut off if it doesn't fit.
pub struct Output {
    /// May come to the end of a memory of 4 GiB.
    position: u64,
    room: u32,
}

impl Output {
    pub fn new(position: u32, room: u32) -> Output {
        Output { position: position.into(), room }
    }

    /// How many bytes are left.
    pub fn room(&self) -> u32 {
        self.room
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let bytes = bytes.get(..self.room as usize).unwrap_or(bytes);
        guest::copy_to(self.position, bytes);
        self.position += bytes.len() as u64;
        self.room -= bytes.len() as u32;
    }

    /// Writes a `dirent` (24 bytes) and the name; returns whether all of it fitted.
    pub fn entry(&mut self, next: u64, inode: u64, kind: Filetype, name: &[u8]) -> bool {
        let mut dirent = [0; 24];
        put(&mut dirent, 0, next.to_le_bytes());
        put(&mut dirent, 8, inode.to_le_bytes());
        put(&mut dirent, 16, (name.len() as u32).to_le_bytes());
        put(&mut dirent, 20, [kind as u8]);
        let complete = self.room as usize >= dirent.len() + name.len();
        self.bytes(&dirent);
        self.bytes(name);
        complete
    }
}

/// The type of an entry of which the directory doesn't say it.
fn kind_of(directory: Fd, name: &CStr) -> Filetype {
    dir::stat_name(directory, name).map_or(Filetype::Unknown, |stat| stat.kind.into())
}

/// Writes entries from `cookie` on until the buffer is full; updates where the descriptor stopped.
fn fill(directory: &mut Descriptor, cookie: u64, output: &mut Output) -> Result<()> {
    let own = file::stat(directory.host)?.inode;
    for (index, name) in [b".".as_slice(), b".."].into_iter().enumerate() {
        let index = index as u64;
        if cookie <= index && !output.entry(index + 1, own, Filetype::Directory, name) {
            return Ok(());
        }
    }
    if output.room == 0 {
        return Ok(());
    }
    let mut next = u64::from(directory.next_cookie);
    if next < FIRST || cookie != next {
        next = FIRST;
        directory.next_cookie = FIRST as u32;
        directory.next_offset = 0;
    }
    scan::seek_entries(directory.host, directory.next_offset)?;
    loop {
        let mut buffer = EntryBuffer([const { MaybeUninit::uninit() }; 4096]);
        let mut at_end = true;
        let entries = match scan::read_entries(directory.host, directory.next_offset, &mut buffer) {
            // The directory has been removed.
            Err(sys::Errno::NOENT) => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            at_end = false;
            let name = entry.name.to_bytes();
            if name != b"." && name != b".." {
                let index = next;
                if index >= cookie && core::str::from_utf8(name).is_ok() {
                    let kind = match entry.kind {
                        Some(kind) => kind.into(),
                        None => kind_of(directory.host, entry.name),
                    };
                    if !output.entry(index + 1, entry.inode, kind, name) {
                        return Ok(());
                    }
                }
                next = index + 1;
                directory.next_cookie = u32::try_from(next).unwrap_or(0);
            }
            directory.next_offset = entry.next;
            if output.room == 0 {
                return Ok(());
            }
        }
        if at_end {
            return Ok(());
        }
    }
}

/// Writes entries of the host's directory with this number.
pub fn list(number: u32, cookie: u64, output: &mut Output) -> Result<()> {
    descriptor::listing(|| {
        let serial = descriptor::serial(number);
        let mut directory = descriptor::get_directory(number)?;
        let filled = match fill(&mut directory, cookie, output) {
            // It was opened to be entered only, as it can't be listed.
            Err(Errno::BADF) => Err(Errno::ACCES),
            other => other,
        };
        descriptor::set_position(number, serial, &directory);
        filled
    })
}

fn readdir(number: u32, buffer: u32, size: u32, cookie: u64, result: u32) -> Result<()> {
    let mut output = Output::new(buffer, size);
    list(number, cookie, &mut output)?;
    guest::write_u32(result, size - output.room());
    Ok(())
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_readdir(fd: u32, buffer: u32, size: u32, cookie: u64, result: u32) -> i32 {
    answer(readdir(fd, buffer, size, cookie, result))
}
