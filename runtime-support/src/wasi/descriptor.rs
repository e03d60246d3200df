//! The guest's descriptors: a table from its numbers to descriptors of the process. All of WASI's
//! state is here. There is one thread, so nothing is locked yet; `TABLE` is the one place that
//! needs a lock when that changes.
//!
//! Numbers are given out as wasmtime does: the highest free one below the highest in use, else the
//! one after it. Numbers 0 to 2 are the process's own standard streams, which the guest can close
//! for itself but never for the process: trap messages still go to standard error.

use core::cell::UnsafeCell;

use crate::sys::file::{self, Fd};

use super::types::{Errno, Result};

/// How many descriptors a guest can have.
const CAPACITY: usize = 4096;

/// What a descriptor is.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Never touched: a standard stream for the first three, free for the rest. Must be 0, so that
    /// the table needs no initial contents.
    Untouched = 0,
    Closed,
    Stdin,
    /// Standard output or error.
    Stdout,
    /// Anything but a directory.
    File,
    Directory,
    /// A granted directory.
    Grant,
    /// A granted socket that listens.
    Listener,
    /// A connection.
    Socket,
}

#[derive(Clone, Copy)]
pub struct Descriptor {
    pub kind: Kind,
    /// Of a grant for reading only.
    pub read_only: bool,
    /// Which grant; for `Kind::Grant`.
    pub grant: u16,
    pub host: Fd,
    /// Where reading a directory stopped: the cookie of the next entry, and where it is.
    pub next_cookie: u64,
    pub next_offset: i64,
}

impl Descriptor {
    const UNTOUCHED: Descriptor = Descriptor {
        kind: Kind::Untouched,
        read_only: false,
        grant: 0,
        host: 0,
        next_cookie: 0,
        next_offset: 0,
    };

    pub fn new(kind: Kind, host: Fd, read_only: bool) -> Descriptor {
        Descriptor { kind, host, read_only, ..Descriptor::UNTOUCHED }
    }

    pub fn is_stream(&self) -> bool {
        matches!(self.kind, Kind::Stdin | Kind::Stdout)
    }

    pub fn is_socket(&self) -> bool {
        matches!(self.kind, Kind::Listener | Kind::Socket)
    }

    /// Closes what isn't a stream of the process.
    fn release(&self) {
        if !self.is_stream() {
            file::close(self.host);
        }
    }

    /// Refuses what would change something beneath a grant for reading only.
    pub fn check_writable(&self) -> Result<()> {
        if self.read_only { Err(Errno::PERM) } else { Ok(()) }
    }
}

struct Table {
    slots: [Descriptor; CAPACITY],
    /// One more than the highest number given out, if it's more than the three streams.
    end: u32,
    /// How many below `end` are closed.
    free: u32,
}

struct Shared(UnsafeCell<Table>);

// SAFETY: there is one thread.
unsafe impl Sync for Shared {}

static TABLE: Shared =
    Shared(UnsafeCell::new(Table { slots: [Descriptor::UNTOUCHED; CAPACITY], end: 0, free: 0 }));

/// Runs `action` on the table. `action` may not call anything that does the same.
#[inline(always)]
fn with<R>(action: impl FnOnce(&mut Table) -> R) -> R {
    // SAFETY: there is one thread and `action` is not entered again, so this is the only reference.
    action(unsafe { &mut *TABLE.0.get() })
}

/// The descriptor with this number.
pub fn get(number: u32) -> Result<Descriptor> {
    let slot = with(|table| table.slots.get(number as usize).copied());
    let descriptor = slot.ok_or(Errno::BADF)?;
    match (descriptor.kind, number) {
        (Kind::Closed, _) => Err(Errno::BADF),
        (Kind::Untouched, 0) => Ok(Descriptor::new(Kind::Stdin, 0, false)),
        (Kind::Untouched, 1 | 2) => Ok(Descriptor::new(Kind::Stdout, number as Fd, false)),
        (Kind::Untouched, _) => Err(Errno::BADF),
        _ => Ok(descriptor),
    }
}

/// The file with this number; streams and directories are not files.
pub fn get_file(number: u32) -> Result<Descriptor> {
    let descriptor = get(number)?;
    if descriptor.kind == Kind::File { Ok(descriptor) } else { Err(Errno::BADF) }
}

/// The directory with this number.
pub fn get_directory(number: u32) -> Result<Descriptor> {
    let descriptor = get(number)?;
    match descriptor.kind {
        Kind::Directory | Kind::Grant => Ok(descriptor),
        _ => Err(Errno::BADF),
    }
}

/// Adds a descriptor; closes it if there is no room.
pub fn add(descriptor: Descriptor) -> Result<u32> {
    let number = with(|table| {
        let end = table.end.max(3);
        let mut number = end as usize;
        if table.free > 0 {
            let used = table.slots.get(..number).unwrap_or_default();
            if let Some(free) = used.iter().rposition(|slot| slot.kind == Kind::Closed) {
                number = free;
            }
        }
        *table.slots.get_mut(number)? = descriptor;
        if number == end as usize {
            table.end = end + 1;
        } else {
            table.free -= 1;
        }
        Some(number as u32)
    });
    if number.is_none() {
        descriptor.release();
    }
    number.ok_or(Errno::MFILE)
}

/// Replaces an existing descriptor's state.
pub fn set(number: u32, descriptor: Descriptor) {
    with(|table| {
        if let Some(slot) = table.slots.get_mut(number as usize) {
            *slot = descriptor;
        }
    });
}

fn forget(number: u32) {
    set(number, Descriptor { kind: Kind::Closed, ..Descriptor::UNTOUCHED });
    with(|table| {
        table.end = table.end.max(3);
        table.free += 1;
    });
}

pub fn close(number: u32) -> Result<()> {
    let descriptor = get(number)?;
    forget(number);
    descriptor.release();
    Ok(())
}

/// Moves a descriptor to another number that is in use, which is closed.
pub fn renumber(from: u32, to: u32) -> Result<()> {
    let replaced = get(to)?;
    let moved = get(from)?;
    if from != to {
        forget(from);
        set(to, moved);
        replaced.release();
    }
    Ok(())
}
