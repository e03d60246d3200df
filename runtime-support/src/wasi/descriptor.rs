//! The guest's descriptors: a table from its numbers to descriptors of the process. All of WASI's
//! state is here, behind one lock.
//!
//! What one thread uses, another may close meanwhile, and the host then gives its number to the next file
//! that is opened. So in a program with threads a duplicate is used, which nobody else knows.
//!
//! Numbers are assigned as in wasmtime: the highest free one below the highest in use, else the
//! one after it. Numbers 0 to 2 are the process's own standard streams, which the guest can close
//! for itself but never for the process: trap messages still go to standard error.

use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::sys::file::{self, Fd};
use crate::sys::lock::RawLock;

use super::types::{Errno, Result};

/// How many descriptors a guest can have.
pub const CAPACITY: usize = 4096;

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
    /// A file of a bundle, see `bundle`.
    Bundled,
    Directory,
    /// A granted directory.
    Grant,
    /// A granted socket that listens.
    Listener,
    /// A connection.
    Socket,
}

/// No descriptor of the host; each system call refuses it.
pub const NO_HOST: Fd = -1;

#[derive(Clone, Copy)]
pub struct Descriptor {
    pub kind: Kind,
    /// Of a grant for reading only.
    pub read_only: bool,
    /// Which grant; for `Kind::Grant`. The `fdflags` of a file of a bundle.
    pub grant: u16,
    /// [`NO_HOST`] for what is only in a bundle.
    pub host: Fd,
    /// What lies below it in a bundle, see `bundle`: 0, or one more than the number of the node.
    pub lower: u32,
    /// Where reading a directory stopped: the cookie of the next entry, 0 if that isn't known, and where it is.
    /// Size and position of a file of a bundle.
    pub next_cookie: u32,
    pub next_offset: i64,
}

impl Descriptor {
    const UNTOUCHED: Descriptor = Descriptor {
        kind: Kind::Untouched,
        read_only: false,
        grant: 0,
        host: 0,
        lower: 0,
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
    pub fn release(&self) {
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
    /// Which of all that ever were each is: what has the same number later has another.
    serials: [u64; CAPACITY],
    /// One more than the highest number given out, if it's more than the three streams.
    end: u32,
    /// How many below `end` are closed.
    free: u32,
    /// The last of the serial numbers.
    serial: u64,
}

struct Shared(UnsafeCell<Table>);

// SAFETY: only `with` takes a reference to the table, and holds the lock meanwhile.
unsafe impl Sync for Shared {}

#[cfg(not(feature = "libraries"))]
static TABLE: Shared = Shared(UnsafeCell::new(Table {
    slots: [Descriptor::UNTOUCHED; CAPACITY],
    serials: [0; CAPACITY],
    end: 0,
    free: 0,
    serial: 0,
}));

#[cfg(not(feature = "libraries"))]
#[inline(always)]
fn table() -> *mut Table {
    TABLE.0.get()
}

/// Bytes of the table of an instance, which is zero at first.
#[cfg(feature = "libraries")]
pub const TABLE_BYTES: usize = size_of::<Table>();

/// That of the instance whose call is under way.
#[cfg(feature = "libraries")]
fn table() -> *mut Table {
    crate::library::wasi::table().cast()
}

/// Closes what an instance has open, which is no more: this is its table.
#[cfg(feature = "libraries")]
pub fn close_all(table: *mut u8) {
    // SAFETY: a table that nobody uses any more.
    let table = unsafe { &mut *table.cast::<Table>() };
    // The program may have put descriptors of its own into the places of the streams, which themselves aren't closed.
    for number in 0..table.end.max(3) {
        if let Ok(descriptor) = table.take(number) {
            descriptor.release();
        }
    }
}

/// What is different in a program with threads. Others don't have the code.
struct Threads {
    lock: fn(&RawLock),
    unlock: fn(&RawLock),
    get: fn(u32) -> Result<Used>,
}

static LOCK: RawLock = RawLock::new();
/// Held by whoever lists a directory: duplicates share the host's position in it. `LOCK` may be taken meanwhile.
static LISTING: RawLock = RawLock::new();

/// Null in a program without threads. Exported, so that link-time optimisation can't see what `share` stores, and
/// put the code in its place.
#[unsafe(export_name = "wasm_aot_shared_descriptors")]
static THREADS: AtomicPtr<Threads> = AtomicPtr::new(ptr::null_mut());

/// From now on there may be several threads.
pub fn share() {
    static SHARED: Threads = Threads { lock: RawLock::lock, unlock: RawLock::unlock, get: get_duplicate };
    THREADS.store(ptr::from_ref(&SHARED).cast_mut(), Ordering::Relaxed);
}

fn threads() -> Option<&'static Threads> {
    // SAFETY: null or what `share` stored.
    unsafe { THREADS.load(Ordering::Relaxed).as_ref() }
}

/// Runs `action` on the table. `action` may not call anything that does the same.
#[inline(always)]
fn with<R>(action: impl FnOnce(&mut Table) -> R) -> R {
    // SAFETY: one thread is here at a time, and `action` is not entered again, so this is the only reference.
    locked(&LOCK, || action(unsafe { &mut *table() }))
}

#[inline(always)]
fn locked<R>(lock: &'static RawLock, action: impl FnOnce() -> R) -> R {
    let threads = threads();
    if let Some(threads) = threads {
        (threads.lock)(lock);
    }
    let result = action();
    if let Some(threads) = threads {
        (threads.unlock)(lock);
    }
    result
}

/// Runs `list`, which moves the position in a directory of the host, while no other thread lists one.
pub fn listing<R>(list: impl FnOnce() -> R) -> R {
    locked(&LISTING, list)
}

impl Table {
    /// The descriptor with this number.
    #[inline(always)]
    fn get(&self, number: u32) -> Result<Descriptor> {
        let mut descriptor = *self.slots.get(number as usize).ok_or(Errno::BADF)?;
        match descriptor.kind {
            Kind::Closed => return Err(Errno::BADF),
            // Everything else in it is 0.
            Kind::Untouched => {
                descriptor.kind = match number {
                    0 => Kind::Stdin,
                    1 | 2 => Kind::Stdout,
                    _ => return Err(Errno::BADF),
                };
                descriptor.host = number as Fd;
            }
            _ => {}
        }
        Ok(descriptor)
    }

    fn set(&mut self, number: u32, descriptor: Descriptor) {
        if let Some(slot) = self.slots.get_mut(number as usize) {
            *slot = descriptor;
        }
    }

    /// From now on the number stands for something else.
    fn renew(&mut self, number: usize) {
        self.serial += 1;
        if let Some(serial) = self.serials.get_mut(number) {
            *serial = self.serial;
        }
    }

    /// Frees a number; what it stood for.
    fn take(&mut self, number: u32) -> Result<Descriptor> {
        let descriptor = self.get(number)?;
        self.set(number, Descriptor { kind: Kind::Closed, ..Descriptor::UNTOUCHED });
        self.end = self.end.max(3);
        self.free += 1;
        Ok(descriptor)
    }
}

/// A descriptor in use.
pub struct Used {
    descriptor: Descriptor,
    /// What closes it, if it is a duplicate. Programs without threads don't have the code.
    close: Option<fn(Fd)>,
}

impl Deref for Used {
    type Target = Descriptor;

    fn deref(&self) -> &Descriptor {
        &self.descriptor
    }
}

impl DerefMut for Used {
    fn deref_mut(&mut self) -> &mut Descriptor {
        &mut self.descriptor
    }
}

impl Drop for Used {
    fn drop(&mut self) {
        if let Some(close) = self.close {
            close(self.descriptor.host);
        }
    }
}

/// The descriptor with this number.
pub fn get(number: u32) -> Result<Used> {
    match threads() {
        Some(threads) => (threads.get)(number),
        // SAFETY: there is one thread, and no other reference.
        None => Ok(Used { descriptor: unsafe { (*table()).get(number) }?, close: None }),
    }
}

/// As `get`, in a program with threads.
fn get_duplicate(number: u32) -> Result<Used> {
    with(|table| {
        let mut descriptor = table.get(number)?;
        let is_duplicate = !descriptor.is_stream() && descriptor.host != NO_HOST;
        if is_duplicate {
            descriptor.host = file::duplicate(descriptor.host)?;
        }
        Ok(Used { descriptor, close: is_duplicate.then_some(file::close) })
    })
}

/// The descriptor with this number, for a look at it: another thread may close it meanwhile.
pub fn peek(number: u32) -> Result<Descriptor> {
    with(|table| table.get(number))
}

/// The file with this number; streams and directories are not files.
pub fn get_file(number: u32) -> Result<Used> {
    let descriptor = get(number)?;
    if matches!(descriptor.kind, Kind::File | Kind::Bundled) { Ok(descriptor) } else { Err(Errno::BADF) }
}

/// Changes the descriptor with this number, which isn't a standard stream. `action` may not call anything that
/// looks at descriptors.
pub fn update<R>(number: u32, action: impl FnOnce(&mut Descriptor) -> Result<R>) -> Result<R> {
    with(|table| action(table.slots.get_mut(number as usize).ok_or(Errno::BADF)?))
}

/// The directory with this number.
pub fn get_directory(number: u32) -> Result<Used> {
    let descriptor = get(number)?;
    match descriptor.kind {
        Kind::Directory | Kind::Grant => Ok(descriptor),
        _ => Err(Errno::BADF),
    }
}

/// Whether another descriptor could be added: to be asked before something is done that can't be undone.
pub fn check_room() -> Result<()> {
    let has_room = with(|table| table.free > 0 || table.end < CAPACITY as u32);
    if has_room { Ok(()) } else { Err(Errno::MFILE) }
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
        table.renew(number);
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

/// Tells what the number stands for now from what it stands for later.
pub fn serial(number: u32) -> u64 {
    with(|table| table.serials.get(number as usize).copied().unwrap_or(0))
}

/// Remembers where reading a directory stopped, unless the number stands for something else by now.
pub fn set_position(number: u32, serial: u64, directory: &Descriptor) {
    with(|table| {
        let index = number as usize;
        if let (Some(slot), Some(&now)) = (table.slots.get_mut(index), table.serials.get(index))
            && now == serial
        {
            slot.next_cookie = directory.next_cookie;
            slot.next_offset = directory.next_offset;
        }
    });
}

pub fn close(number: u32) -> Result<()> {
    with(|table| table.take(number))?.release();
    Ok(())
}

/// What the program had when it began.
#[cfg(not(feature = "libraries"))]
#[derive(Clone, Copy)]
pub struct Mark {
    end: u32,
    serial: u64,
}

#[cfg(not(feature = "libraries"))]
pub fn mark() -> Mark {
    with(|table| Mark { end: table.end.max(3), serial: table.serial })
}

/// The first number that doesn't stand for what it stood for then, and whether it stands for anything.
#[cfg(not(feature = "libraries"))]
pub fn changed_since(mark: Mark) -> Option<(u32, bool)> {
    with(|table| {
        let is_open = |table: &Table, number| table.get(number).is_ok();
        let is_new = |table: &Table, number| {
            table.serials.get(number as usize).is_some_and(|serial| *serial > mark.serial)
        };
        let mut numbers = 0..table.end.max(mark.end);
        let changed = numbers.find(|&number| {
            let was_open = number < mark.end;
            is_open(table, number) != was_open || was_open && is_new(table, number)
        });
        changed.map(|number| (number, is_open(table, number)))
    })
}

/// Moves a descriptor to another number that is in use, which is closed.
pub fn renumber(from: u32, to: u32) -> Result<()> {
    let replaced = with(|table| {
        let replaced = table.get(to)?;
        if from == to {
            return Result::Ok(None);
        }
        let moved = table.take(from)?;
        table.set(to, moved);
        table.renew(to as usize);
        Ok(Some(replaced))
    })?;
    if let Some(replaced) = replaced {
        replaced.release();
    }
    Ok(())
}
