//! The numbers and structures of WASI preview 1 (`wasi_snapshot_preview1.witx`), and how host
//! functions answer: internally with `Result`, to the guest with an error number.

use crate::memory::guest;
use crate::sys;

/// `errno`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Errno(u16);

macro_rules! errnos {
    ($($name:ident = $value:literal,)*) => {
        #[allow(dead_code)]
        impl Errno {
            $(pub const $name: Errno = Errno($value);)*
            /// Names of the numbers from 1 on, separated by spaces.
            pub const NAMES: &str = concat!($(stringify!($name), " "),*);
        }
    };
}

errnos! {
    TOOBIG = 1, ACCES = 2, ADDRINUSE = 3, ADDRNOTAVAIL = 4, AFNOSUPPORT = 5, AGAIN = 6,
    ALREADY = 7, BADF = 8, BADMSG = 9, BUSY = 10, CANCELED = 11, CHILD = 12, CONNABORTED = 13,
    CONNREFUSED = 14, CONNRESET = 15, DEADLK = 16, DESTADDRREQ = 17, DOM = 18, DQUOT = 19,
    EXIST = 20, FAULT = 21, FBIG = 22, HOSTUNREACH = 23, IDRM = 24, ILSEQ = 25, INPROGRESS = 26,
    INTR = 27, INVAL = 28, IO = 29, ISCONN = 30, ISDIR = 31, LOOP = 32, MFILE = 33, MLINK = 34,
    MSGSIZE = 35, MULTIHOP = 36, NAMETOOLONG = 37, NETDOWN = 38, NETRESET = 39, NETUNREACH = 40,
    NFILE = 41, NOBUFS = 42, NODEV = 43, NOENT = 44, NOEXEC = 45, NOLCK = 46, NOLINK = 47,
    NOMEM = 48, NOMSG = 49, NOPROTOOPT = 50, NOSPC = 51, NOSYS = 52, NOTCONN = 53, NOTDIR = 54,
    NOTEMPTY = 55, NOTRECOVERABLE = 56, NOTSOCK = 57, NOTSUP = 58, NOTTY = 59, NXIO = 60,
    OVERFLOW = 61, OWNERDEAD = 62, PERM = 63, PIPE = 64, PROTO = 65, PROTONOSUPPORT = 66,
    PROTOTYPE = 67, RANGE = 68, ROFS = 69, SPIPE = 70, SRCH = 71, STALE = 72, TIMEDOUT = 73,
    TXTBSY = 74, XDEV = 75, NOTCAPABLE = 76,
}

pub type Result<T> = core::result::Result<T, Errno>;

/// What a host function returns to the guest.
#[inline]
pub fn answer(result: Result<()>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(Errno(number)) => number.into(),
    }
}

/// The host's error numbers that WASI has too, as pairs of bytes.
static FROM_HOST: [[u8; 2]; 49] = {
    macro_rules! pairs {
        ($($name:ident)*) => { [$((sys::Errno::$name, Errno::$name)),*] };
    }
    const PAIRS: [(sys::Errno, Errno); 49] = pairs! {
        TOOBIG ACCES AGAIN ALREADY BADF BUSY CONNABORTED CONNRESET DEADLK DQUOT EXIST FAULT FBIG ILSEQ
        HOSTUNREACH INPROGRESS INTR INVAL ISDIR LOOP MFILE MLINK NAMETOOLONG NETDOWN NETUNREACH NFILE
        NOBUFS NODEV NOENT NOLCK NOMEM NOSPC NOSYS NOTCONN NOTDIR NOTEMPTY NOTTY NXIO NOTSUP OVERFLOW PERM
        PIPE PROTO ROFS SPIPE STALE TIMEDOUT TXTBSY XDEV
    };
    let mut bytes = [[0; 2]; PAIRS.len()];
    let mut i = 0;
    while i < PAIRS.len() {
        let (host, Errno(wasi)) = PAIRS[i];
        assert!(host.number() < 256);
        bytes[i] = [host.number() as u8, wasi as u8];
        i += 1;
    }
    bytes
};

/// Errors that WASI has no number for become `IO`.
impl From<sys::Errno> for Errno {
    #[cold]
    #[inline(never)]
    fn from(error: sys::Errno) -> Errno {
        let same = FROM_HOST.iter().find(|[host, _]| u32::from(*host) == error.number());
        same.map_or(Errno::IO, |&[_, wasi]| Errno(wasi.into()))
    }
}

/// `filetype`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Filetype {
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketStream = 6,
    SymbolicLink = 7,
}

impl From<sys::file::FileKind> for Filetype {
    fn from(kind: sys::file::FileKind) -> Filetype {
        use sys::file::FileKind;
        match kind {
            FileKind::Regular => Filetype::RegularFile,
            FileKind::Directory => Filetype::Directory,
            FileKind::SymbolicLink => Filetype::SymbolicLink,
            FileKind::BlockDevice => Filetype::BlockDevice,
            FileKind::CharacterDevice => Filetype::CharacterDevice,
            // Preview 1 has no number for pipes, and none that fits every socket.
            FileKind::Other => Filetype::Unknown,
        }
    }
}

/// `rights`.
pub mod rights {
    pub const FD_READ: u64 = 1 << 1;
    pub const FD_SEEK: u64 = 1 << 2;
    pub const FD_WRITE: u64 = 1 << 6;
    pub const FD_READDIR: u64 = 1 << 14;
    pub const PATH_FILESTAT_SET_SIZE: u64 = 1 << 19;
    pub const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;
    pub const SOCK_ACCEPT: u64 = 1 << 29;
    pub const ALL: u64 = (1 << 30) - 1;
    /// What a granted directory says of itself, as wasi-libc expects it: the path operations,
    /// `fd_readdir` and the two timestamps' ones.
    pub const GRANT: u64 = 0x7b7_fe00;
    /// What it says of the files below it.
    pub const GRANT_INHERITING: u64 = 0xff7_ffff;
}

/// `fdflags`.
pub mod fdflags {
    pub const APPEND: u32 = 1 << 0;
    pub const DSYNC: u32 = 1 << 1;
    pub const NONBLOCK: u32 = 1 << 2;
    pub const RSYNC: u32 = 1 << 3;
    pub const SYNC: u32 = 1 << 4;
    pub const ALL: u32 = (1 << 5) - 1;
}

/// `oflags`.
pub mod oflags {
    pub const CREAT: u32 = 1 << 0;
    pub const DIRECTORY: u32 = 1 << 1;
    pub const EXCL: u32 = 1 << 2;
    pub const TRUNC: u32 = 1 << 3;
    pub const ALL: u32 = (1 << 4) - 1;
}

/// `lookupflags`.
pub mod lookupflags {
    pub const SYMLINK_FOLLOW: u32 = 1 << 0;
    pub const ALL: u32 = 1;
}

/// `fdstat`: 24 bytes.
pub struct Fdstat {
    pub filetype: Filetype,
    pub flags: u32,
    pub rights: u64,
    pub inheriting: u64,
}

impl Fdstat {
    pub fn write(&self, pointer: u32) {
        let mut bytes = [0; 24];
        put(&mut bytes, 0, [self.filetype as u8]);
        put(&mut bytes, 2, (self.flags as u16).to_le_bytes());
        put(&mut bytes, 8, self.rights.to_le_bytes());
        put(&mut bytes, 16, self.inheriting.to_le_bytes());
        guest::write(pointer, 8, bytes);
    }
}

/// `filestat`: 64 bytes.
pub fn write_filestat(pointer: u32, stat: Option<&sys::file::Stat>, filetype: Filetype) {
    let mut bytes = [0; 64];
    put(&mut bytes, 16, [filetype as u8]);
    if let Some(stat) = stat {
        put(&mut bytes, 0, stat.device.to_le_bytes());
        put(&mut bytes, 8, stat.inode.to_le_bytes());
        put(&mut bytes, 24, u64::from(stat.links).to_le_bytes());
        put(&mut bytes, 32, stat.size.to_le_bytes());
        put(&mut bytes, 40, stat.accessed.to_le_bytes());
        put(&mut bytes, 48, stat.modified.to_le_bytes());
        put(&mut bytes, 56, stat.changed.to_le_bytes());
    }
    guest::write(pointer, 8, bytes);
}

/// Puts a field into a structure that is being encoded. The field fits; one that doesn't would be
/// left out.
#[inline(always)]
pub fn put<const N: usize>(bytes: &mut [u8], offset: usize, field: [u8; N]) {
    if let Some(place) = bytes.get_mut(offset..offset + N) {
        place.copy_from_slice(&field);
    }
}

/// Refuses bits that a set of flags doesn't have.
#[inline]
pub fn check_flags(flags: u32, all: u32) -> Result<()> {
    if flags & !all == 0 { Ok(()) } else { Err(Errno::INVAL) }
}
