//! What each system provides, with types that the compiler checks: see `sys`.

use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::net::SocketAddr;
use core::sync::atomic::AtomicU32;

use super::clock::Clock;
use super::dir::{NewTime, TimesOf};
use super::file::{Advice, Fd, IoVec, OpenMode, Position, Stat, Whence};
use super::inet::{Family, SocketOption, Transport};
use super::poll::PollFd;
use super::resolve::{Addresses, LookupError};
use super::scan::EntryBuffer;
use super::signal::{Context, Fault, Handler};
use super::socket::{Address, Receive};
use super::timer::Expired;
use super::types::Entry;
use super::{OpenFlags, Result};
#[cfg(feature = "libraries")]
use super::{caller, chain, image};
use super::{
    clock, cpu, dir, file, futex, inet, map, poll, procfs, random, resolve, scan, signal, socket, start,
    timer,
};
#[cfg(not(feature = "libraries"))]
use super::{stack, thread};

/// Checks that these functions have these types.
macro_rules! provides {
    ($($(#[doc = $doc:literal])* $function:path: $ty:ty;)*) => {
        #[allow(clippy::type_complexity, reason = "the types are what this is about")]
        const _: () = {
            $(let _: $ty = $function;)*
        };
    };
}

// The process.
provides! {
    /// Ends it at once.
    super::exit: fn(i32) -> !;
    /// Writes a message; errors are ignored, as there is nowhere to report them.
    super::write_stderr: fn(&[u8]);
    /// Whether all was written.
    super::write_stdout: fn(&[u8]) -> bool;
    /// NUL-terminated strings.
    start::arguments: fn() -> &'static [*const u8];
    /// NUL-terminated strings `KEY=VALUE`.
    start::environment: fn() -> &'static [*const u8];
    /// Whether the process has more rights than the user who started it.
    start::is_privileged: fn() -> bool;
    /// Features of the CPU, as bits of a word that `wasm_aot_abi::cpu` numbers.
    cpu::read: fn(u8) -> u64;
    /// Fills memory with random bytes of cryptographic quality.
    random::fill: unsafe fn(*mut u8, usize) -> Result<()>;
}

// Time, in nanoseconds.
provides! {
    clock::now: fn(Clock) -> Result<u64>;
    /// The same, fast, for programs that ask often: worth some code.
    clock::now_often: fn(Clock) -> Result<u64>;
    /// The time between two ticks.
    clock::resolution: fn(Clock) -> Result<u64>;
    /// Lets other threads run.
    clock::yield_now: fn();
    /// Calls a function once, when the time is over, whatever the process is doing then.
    timer::start: fn(u64, Expired) -> Result<()>;
}

// Address space. Sizes are multiples of `Memory::GRANULE`, in which pages and what else the system counts in fit.
provides! {
    /// Maps zeroes (`true`) or reserves inaccessible addresses (`false`): at an address, where nothing may be yet, or
    /// anywhere (0).
    map::map: fn(usize, usize, bool) -> Result<*mut u8>;
    /// Reserves addresses, at the hint if nothing is there yet.
    map::reserve_near: fn(usize, usize) -> Result<*mut u8>;
    /// Reserves addresses at a multiple of their number, a power of two.
    map::reserve_aligned: fn(usize) -> Result<*mut u8>;
    /// Makes reserved pages readable and writable.
    map::commit: unsafe fn(*mut u8, usize) -> Result<()>;
    /// The same, where the range may lie in several reservations.
    map::commit_across: unsafe fn(*mut u8, usize) -> Result<()>;
    /// Says whether pages belong in core dumps, where these have what is only reserved, too.
    map::set_dumped: fn(*mut u8, usize, bool);
    /// Grows a mapping from one size to another by zeroes; it may move. `true`: none of it came from a file.
    map::grow: unsafe fn(*mut u8, usize, usize, bool) -> Result<*mut u8>;
    /// Whether pages have this size and can be moved.
    map::has_pages_of: fn(usize) -> bool;
    /// Moves pages to where others are, which they replace.
    map::move_pages: unsafe fn(*const u8, *mut u8, usize) -> Result<()>;
}

// Fixed addresses, for the garbage collector.
#[cfg(not(target_os = "macos"))]
provides! {
    /// The part of a range of addresses that the process can have.
    map::claim: fn(core::ops::Range<usize>) -> core::ops::Range<usize>;
    /// Maps zeroes at claimed addresses.
    map::use_claimed: fn(usize, usize) -> Result<()>;
    /// Unmaps them.
    map::release_claimed: unsafe fn(usize, usize);
}

// Stacks and threads. Libraries have those of the program that they are in.
#[cfg(not(feature = "libraries"))]
provides! {
    /// Makes the stack of the program, with a guard below it; where it is, without the guard.
    stack::allocate: fn(usize) -> Result<core::ops::Range<usize>>;
    /// Runs the program on the stack with this end, and ends the process.
    stack::run: unsafe fn(extern "C" fn(), *mut u8) -> !;
    /// Makes a stack usable again that was exhausted.
    stack::recover: fn();
    /// Runs a program with threads in the first one, on the stack with this bottom and this end.
    thread::run_first: unsafe fn(extern "C" fn(), usize, *mut u8);
    /// Starts a thread that calls a function with an argument, on the stack with this bottom and this end. The word
    /// becomes 0 when the thread has ended and no longer uses its stack.
    thread::start: unsafe fn(
        unsafe extern "C" fn(*mut u8) -> !, *mut u8, usize, *mut u8, *const AtomicU32,
    ) -> Result<()>;
    /// Ends a thread that was started with this end of its stack.
    thread::exit: unsafe fn(*mut u8) -> !;
}

// Libraries: what they do in a process that isn't theirs.
#[cfg(feature = "libraries")]
provides! {
    /// An address that no other thread has that is alive.
    caller::thread_pointer: fn() -> u64;
    /// Whether the next function will work.
    caller::can_synchronise: fn() -> bool;
    /// Has every thread of the process that is running run a full memory barrier; whether that was done.
    caller::synchronise: fn() -> bool;
    /// Shows the faults of the process to a function, which says whether it has handled one. The others go to whoever
    /// handled them before.
    chain::install: fn(fn(Fault<'_>) -> bool);
    /// Undoes that, unless somebody else has installed a handler since.
    chain::remove: fn();
    /// Makes pages of zeroes, to be filled and then mapped any number of times.
    image::make: fn(usize) -> Result<Fd>;
    /// Fills a part of them, from an offset on.
    image::fill: unsafe fn(Fd, u64, *const u8, usize) -> Result<()>;
    /// Maps them, replacing what is there. What is written there is written to a copy.
    image::map: unsafe fn(Fd, *mut u8, usize) -> Result<()>;
    /// Gives back whole mappings.
    map::unmap: unsafe fn(*mut u8, usize);
    /// Finds out what the other functions of `start` and `cpu` say, in a process whose entry was another.
    start::read_process: unsafe fn();
}

// Waiting, and faults.
provides! {
    /// Waits while the word has this value, until the monotonic clock shows the deadline, or less long.
    futex::wait: fn(&AtomicU32, u32, Option<u64>);
    /// Wakes at least one thread that waits for the word, which may be gone.
    futex::wake_one: fn(*const AtomicU32);
    /// Directs the faults of the hardware to a handler.
    signal::install: fn(Handler);
    /// Ends the process so that the system keeps what debuggers need, or whatever it does with processes that abort.
    signal::die: fn() -> !;
    /// Lets writes to a broken pipe end the process, where systems do that.
    signal::end_by_broken_pipes: fn();
    /// Gives the handlers of this thread a stack.
    signal::use_stack: unsafe fn(*mut u8);
    /// The instruction that raised the fault with this number.
    Context::fault_pc: fn(&Context, u32) -> usize;
    /// Makes the interrupted code go on at an address, with this stack pointer and result.
    Context::resume_at: fn(&mut Context, usize, usize, usize);
}

/// `Fault::is_access`: whether a fault is an access of memory.
fn _is_access(fault: &Fault<'_>) -> bool {
    fault.is_access()
}

// Descriptors.
provides! {
    file::read: unsafe fn(Fd, &[IoVec], Position) -> Result<usize>;
    file::write: unsafe fn(Fd, &[IoVec], Position) -> Result<usize>;
    /// Writes at the end of a file.
    file::append: unsafe fn(Fd, &[IoVec]) -> Result<usize>;
    /// Another descriptor of the same open file; not 0, 1 or 2.
    file::duplicate: fn(Fd) -> Result<Fd>;
    file::close: fn(Fd);
    /// Moves the position; the new one.
    file::seek: fn(Fd, i64, Whence) -> Result<u64>;
    /// Sets the size.
    file::truncate: fn(Fd, u64) -> Result<()>;
    /// Waits until data, and unless `true` metadata, are on the disk.
    file::sync: fn(Fd, bool) -> Result<()>;
    /// How a range, of a length or to the end (0), is going to be used.
    file::advise: fn(Fd, u64, u64, Advice) -> Result<()>;
    file::open_mode: fn(Fd) -> Result<OpenMode>;
    /// Sets `append` and `nonblock`. The descriptor may change, but not what it stands for.
    file::set_open_mode: fn(&mut Fd, bool, bool) -> Result<()>;
    file::is_terminal: fn(Fd) -> bool;
    file::stat: fn(Fd) -> Result<Stat>;
    PollFd::readable: fn(Fd) -> PollFd;
    PollFd::writable: fn(Fd) -> PollFd;
    /// Whether there is no descriptor to wait for.
    PollFd::is_always_ready: fn(&PollFd) -> bool;
    PollFd::is_ready: fn(&PollFd) -> bool;
    /// Whether nothing can be sent in either direction any more.
    PollFd::is_hung_up: fn(&PollFd) -> bool;
    /// Waits until a descriptor is ready or a time has passed, or less long; the number of those that are ready.
    poll::poll: fn(&mut [PollFd], Option<u64>) -> Result<usize>;
    /// Whether an open file is of procfs, which shows processes.
    procfs::contains: fn(Fd) -> Result<bool>;
    /// Whether every user of the machine may read an open file.
    procfs::is_public: fn(Fd) -> Result<bool>;
}

// Names in directories. A symbolic link is never followed, but by `open` without `OpenFlags::NO_FOLLOW`.
provides! {
    dir::open: fn(Fd, &CStr, OpenFlags) -> Result<Fd>;
    /// Opens a path, unless it leads out of the directory (`Errno::XDEV`).
    dir::open_beneath: fn(Fd, &CStr, OpenFlags) -> Result<Fd>;
    dir::stat_name: fn(Fd, &CStr) -> Result<Stat>;
    dir::make_directory: fn(Fd, &CStr) -> Result<()>;
    /// Removes the name of a directory (`true`), or of anything else.
    dir::remove: fn(Fd, &CStr, bool) -> Result<()>;
    dir::rename: fn(Fd, &CStr, Fd, &CStr) -> Result<()>;
    dir::link: fn(Fd, &CStr, Fd, &CStr) -> Result<()>;
    /// The target comes first.
    dir::make_symlink: fn(&CStr, Fd, &CStr) -> Result<()>;
    /// The target of a symbolic link, as much of it as fits.
    dir::read_link: for<'a> fn(Fd, &CStr, &'a mut [MaybeUninit<u8>]) -> Result<&'a [u8]>;
    /// Sets the times of access and modification.
    dir::set_times: fn(TimesOf<'_>, NewTime, NewTime) -> Result<()>;
    /// Goes to the entry behind the one that had this `Entry::next`; 0 is the first.
    scan::seek_entries: fn(Fd, i64) -> Result<()>;
    /// Writes the path of the working directory; its length.
    dir::working_directory: fn(&mut [u8]) -> Result<usize>;
}

/// `scan::read_entries`: some entries from the one with this `next` on; none at the end.
fn _read_entries(fd: Fd, next: i64, buffer: &mut EntryBuffer) -> Result<impl Iterator<Item = Entry<'_>>> {
    scan::read_entries(fd, next, buffer)
}

// Stream sockets.
provides! {
    /// An IP address, of 4 or 16 bytes, and a port.
    Address::new: fn(&[u8], u16) -> Address;
    /// Opens a socket that listens and doesn't block.
    socket::listen: fn(&Address) -> Result<Fd>;
    /// Takes a connection that waits; `true`: one that doesn't block.
    socket::accept: fn(Fd, bool) -> Result<Fd>;
    socket::receive: unsafe fn(Fd, &[IoVec], Receive) -> Result<usize>;
    /// Ends receiving, sending or both.
    socket::shutdown: fn(Fd, bool, bool) -> Result<()>;
    /// The number of bytes that can be received at once.
    socket::available: fn(Fd) -> Result<u32>;
}

// Internet sockets that a program makes while it runs. They are read, written, polled and closed like files; `socket`
// has what else they have in common with the ones above.
provides! {
    /// Opens one that doesn't block. IPv6 doesn't include IPv4.
    inet::open: fn(Family, Transport) -> Result<Fd>;
    inet::bind: fn(Fd, Transport, &SocketAddr) -> Result<()>;
    /// Begins to connect (`Errno::INPROGRESS`: it is writable when that has ended), or sets the peer of a UDP socket.
    inet::connect: fn(Fd, &SocketAddr) -> Result<()>;
    /// Takes the peer of a UDP socket away.
    inet::disconnect: fn(Fd) -> Result<()>;
    /// The error of the connection, if there was one since the last call.
    inet::take_error: fn(Fd) -> Result<()>;
    /// Listens, or changes how many connections may wait.
    inet::listen: fn(Fd, u32) -> Result<()>;
    inet::local_address: fn(Fd) -> Result<SocketAddr>;
    inet::remote_address: fn(Fd) -> Result<SocketAddr>;
    /// Sends a datagram, to an address or to the socket's peer.
    inet::send: unsafe fn(Fd, *const u8, usize, Option<&SocketAddr>) -> Result<()>;
    /// Receives a datagram, as much of it as fits; its length and who sent it.
    inet::receive: fn(Fd, &mut [u8]) -> Result<(usize, SocketAddr)>;
    /// Bytes that a connected TCP socket takes at once whenever it is writable.
    inet::send_room: fn(Fd) -> Result<u32>;
    inet::option: fn(Fd, SocketOption) -> Result<u32>;
    inet::set_option: fn(Fd, SocketOption, u32) -> Result<()>;
    /// Looks up a name, for which `wasm_aot_abi::network::is_name` holds. Waits for the answer.
    resolve::resolve: fn(&[u8], &mut Addresses) -> core::result::Result<(), LookupError>;
}

const _: (Fd, u32, u32, bool) = (dir::AT_FDCWD, dir::PATH_MAX, file::PIPE_PIECE, dir::OPENS_PATHS);
const _: (&[u8], usize, usize) = (Fault::INTERNAL_ERROR, Fault::NUMBER_BASE, signal::STACK_BYTES);
