//! Errors of the operating system, by name. Their numbers are each system's own (`numbers`).

use super::numbers;

/// An error of the system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Errno(pub(super) u32);

pub type Result<T> = core::result::Result<T, Errno>;

impl Errno {
    /// The system's number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

macro_rules! errors {
    ($($name:ident = $number:ident,)*) => {
        #[allow(dead_code, reason = "not every system has each of them")]
        impl Errno {
            $(pub const $name: Errno = Errno(numbers::$number);)*
        }
    };
}

errors! {
    TOOBIG = E2BIG,
    ACCES = EACCES,
    ADDRINUSE = EADDRINUSE,
    ADDRNOTAVAIL = EADDRNOTAVAIL,
    AFNOSUPPORT = EAFNOSUPPORT,
    AGAIN = EAGAIN,
    ALREADY = EALREADY,
    BADF = EBADF,
    BUSY = EBUSY,
    CONNABORTED = ECONNABORTED,
    CONNREFUSED = ECONNREFUSED,
    CONNRESET = ECONNRESET,
    DEADLK = EDEADLK,
    DESTADDRREQ = EDESTADDRREQ,
    DQUOT = EDQUOT,
    EXIST = EEXIST,
    FAULT = EFAULT,
    FBIG = EFBIG,
    HOSTDOWN = EHOSTDOWN,
    HOSTUNREACH = EHOSTUNREACH,
    ILSEQ = EILSEQ,
    INPROGRESS = EINPROGRESS,
    INTR = EINTR,
    INVAL = EINVAL,
    IO = EIO,
    ISCONN = EISCONN,
    ISDIR = EISDIR,
    LOOP = ELOOP,
    MFILE = EMFILE,
    MLINK = EMLINK,
    MSGSIZE = EMSGSIZE,
    NAMETOOLONG = ENAMETOOLONG,
    NETDOWN = ENETDOWN,
    NETUNREACH = ENETUNREACH,
    NFILE = ENFILE,
    NOBUFS = ENOBUFS,
    NODEV = ENODEV,
    NOENT = ENOENT,
    NOLCK = ENOLCK,
    NOMEM = ENOMEM,
    NOPROTOOPT = ENOPROTOOPT,
    NOSPC = ENOSPC,
    NOSYS = ENOSYS,
    NOTCONN = ENOTCONN,
    NOTDIR = ENOTDIR,
    NOTEMPTY = ENOTEMPTY,
    NOTTY = ENOTTY,
    NXIO = ENXIO,
    NOTSUP = EOPNOTSUPP,
    OVERFLOW = EOVERFLOW,
    PERM = EPERM,
    PIPE = EPIPE,
    PROTO = EPROTO,
    ROFS = EROFS,
    SPIPE = ESPIPE,
    STALE = ESTALE,
    TIMEDOUT = ETIMEDOUT,
    TXTBSY = ETXTBSY,
    XDEV = EXDEV,
}
