//! `wasi:sockets/network.error-code`.

use crate::sys::Errno;

/// Its discriminants are those of WIT.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ErrorCode {
    Unknown = 0,
    AccessDenied = 1,
    NotSupported = 2,
    InvalidArgument = 3,
    OutOfMemory = 4,
    Timeout = 5,
    ConcurrencyConflict = 6,
    NotInProgress = 7,
    WouldBlock = 8,
    InvalidState = 9,
    NewSocketLimit = 10,
    AddressNotBindable = 11,
    AddressInUse = 12,
    RemoteUnreachable = 13,
    ConnectionRefused = 14,
    ConnectionReset = 15,
    ConnectionAborted = 16,
    DatagramTooLarge = 17,
    NameUnresolvable = 18,
    TemporaryResolverFailure = 19,
    PermanentResolverFailure = 20,
}

pub type Result<T> = core::result::Result<T, ErrorCode>;

impl From<Errno> for ErrorCode {
    #[cold]
    fn from(errno: Errno) -> ErrorCode {
        match errno {
            Errno::AGAIN | Errno::INTR => ErrorCode::WouldBlock,
            Errno::PERM | Errno::ACCES => ErrorCode::AccessDenied,
            Errno::ADDRINUSE => ErrorCode::AddressInUse,
            Errno::ADDRNOTAVAIL => ErrorCode::AddressNotBindable,
            Errno::ALREADY => ErrorCode::ConcurrencyConflict,
            Errno::TIMEDOUT => ErrorCode::Timeout,
            Errno::CONNREFUSED => ErrorCode::ConnectionRefused,
            Errno::CONNRESET => ErrorCode::ConnectionReset,
            Errno::CONNABORTED => ErrorCode::ConnectionAborted,
            Errno::INVAL => ErrorCode::InvalidArgument,
            Errno::HOSTUNREACH | Errno::HOSTDOWN | Errno::NETDOWN | Errno::NETUNREACH => {
                ErrorCode::RemoteUnreachable
            }
            Errno::ISCONN | Errno::NOTCONN | Errno::DESTADDRREQ => ErrorCode::InvalidState,
            Errno::NFILE | Errno::MFILE => ErrorCode::NewSocketLimit,
            Errno::MSGSIZE => ErrorCode::DatagramTooLarge,
            Errno::NOMEM | Errno::NOBUFS => ErrorCode::OutOfMemory,
            Errno::NOTSUP | Errno::NOPROTOOPT | Errno::AFNOSUPPORT | Errno::NOSYS => ErrorCode::NotSupported,
            _ => ErrorCode::Unknown,
        }
    }
}
