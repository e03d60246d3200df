//! What the functions of every system take and give.

use core::ffi::CStr;
use core::net::{IpAddr, Ipv4Addr};

use super::context::Context;

/// Bytes of the guard below a stack.
pub const GUARD_BYTES: usize = 64 << 10;

/// A file descriptor of the process.
pub type Fd = i32;

/// One piece of memory of a scattered read or gathered write; on Linux the kernel's `struct iovec`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct IoVec {
    pub base: *mut u8,
    pub length: usize,
}

/// Where a read or write takes place.
#[derive(Clone, Copy)]
pub enum Position {
    /// At the file's own position, which moves.
    Current,
    /// At this offset; the file's position stays.
    At(u64),
}

/// What an offset is relative to.
#[derive(Clone, Copy)]
pub enum Whence {
    Start,
    Current,
    End,
}

/// How a file is going to be used.
#[derive(Clone, Copy)]
pub enum Advice {
    Normal,
    Sequential,
    Random,
    WillNeed,
    DontNeed,
    NoReuse,
}

/// How a file was opened, and what of it can be changed.
#[derive(Clone, Copy)]
pub struct OpenMode {
    pub read: bool,
    pub write: bool,
    pub append: bool,
    pub nonblock: bool,
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Regular,
    Directory,
    SymbolicLink,
    BlockDevice,
    CharacterDevice,
    Other,
}

/// The status of a file. Times are nanoseconds since 1970; earlier ones are 0.
pub struct Stat {
    pub device: u64,
    pub inode: u64,
    pub kind: FileKind,
    pub links: u32,
    pub size: u64,
    pub accessed: u64,
    pub modified: u64,
    pub changed: u64,
}

/// A new access or modification time.
#[derive(Clone, Copy)]
pub enum NewTime {
    Keep,
    Now,
    /// Nanoseconds since 1970.
    At(u64),
}

/// Which file gets new times.
#[derive(Clone, Copy)]
pub enum TimesOf<'a> {
    /// An open file, not opened with `OpenFlags::PATH`.
    File(Fd),
    /// Any descriptor; Linux before 5.8 gives `Errno::INVAL`.
    Path(Fd),
    /// A name in a directory; a symbolic link itself.
    Name(Fd, &'a CStr),
}

/// An entry of a directory.
pub struct Entry<'a> {
    pub inode: u64,
    /// Where to seek in the directory to go on after this entry.
    pub next: i64,
    /// What the directory says of it, if it does.
    pub kind: Option<FileKind>,
    pub name: &'a CStr,
}

/// A fault of the hardware, as the handler sees it.
pub struct Fault<'a> {
    /// The signal, on Windows the exception.
    pub number: u32,
    /// The address that was accessed; perhaps only its page. On Windows one below the stack, if that is exhausted.
    pub address: usize,
    /// The instruction that raised it; on s390x perhaps its last byte.
    pub pc: usize,
    pub context: &'a mut Context,
}

/// A fault handler. If it returns, execution goes on with the (perhaps changed) context.
pub type Handler = fn(Fault<'_>);

/// A clock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Time since 1970, which somebody may set.
    Realtime,
    /// Time since some moment; it never goes back.
    Monotonic,
}

/// How to receive.
#[derive(Clone, Copy)]
pub struct Receive {
    /// Leave what is received in the queue.
    pub peek: bool,
    /// Wait until there is enough for all of the memory.
    pub wait_all: bool,
}

/// What is called when the time is over, with the instruction that the program was at and its registers.
pub type Expired = fn(pc: usize, context: &Context) -> !;

/// A family of internet addresses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Ipv4,
    Ipv6,
}

/// What a socket is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Udp,
}

/// A property of a socket, a number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SocketOption {
    /// Whether a silent peer is asked if it is still there: 1 or 0.
    KeepAlive,
    /// Seconds of silence before it is asked.
    KeepAliveIdle,
    /// Seconds before it is asked again.
    KeepAliveInterval,
    /// How often it is asked.
    KeepAliveCount,
    /// How many routers may forward what is sent.
    HopLimitIpv4,
    HopLimitIpv6,
    /// Bytes.
    ReceiveBuffer,
    SendBuffer,
}

/// Addresses that were found for a name, each once.
pub struct Addresses {
    addresses: [IpAddr; Addresses::MOST],
    count: usize,
}

impl Addresses {
    /// More are ignored.
    pub const MOST: usize = 32;

    pub const EMPTY: Addresses =
        Addresses { addresses: [IpAddr::V4(Ipv4Addr::UNSPECIFIED); Addresses::MOST], count: 0 };

    /// An address that stands for itself.
    pub const fn only(address: IpAddr) -> Addresses {
        Addresses { addresses: [address; Addresses::MOST], count: 1 }
    }

    /// Adds an address. One of IPv6 that stands for one of IPv4 becomes that.
    pub fn add(&mut self, address: IpAddr) {
        let address = address.to_canonical();
        if !self.get().contains(&address)
            && let Some(free) = self.addresses.get_mut(self.count)
        {
            *free = address;
            self.count += 1;
        }
    }

    pub fn get(&self) -> &[IpAddr] {
        self.addresses.get(..self.count).unwrap_or_default()
    }
}

/// Why a lookup has found nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LookupError {
    /// The name has no addresses.
    NotFound,
    /// Nobody has answered; it may be tried again.
    Temporary,
    /// The answers weren't fit to be used.
    Permanent,
}
