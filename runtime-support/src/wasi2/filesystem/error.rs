//! `error-code`, and the one of an error of a stream. Nothing else of files is needed for that.

use super::super::io::error::Error;
use crate::component::Caller;
use crate::wasi::types::Errno;

/// `error-code`, as far as anything gives it.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum ErrorCode {
    Access = 0,
    WouldBlock = 1,
    Already = 2,
    BadDescriptor = 3,
    Busy = 4,
    Deadlock = 5,
    Quota = 6,
    Exist = 7,
    FileTooLarge = 8,
    IllegalByteSequence = 9,
    InProgress = 10,
    Interrupted = 11,
    Invalid = 12,
    Io = 13,
    IsDirectory = 14,
    Loop = 15,
    TooManyLinks = 16,
    NameTooLong = 18,
    NoDevice = 19,
    NoEntry = 20,
    NoLock = 21,
    InsufficientMemory = 22,
    InsufficientSpace = 23,
    NotDirectory = 24,
    NotEmpty = 25,
    Unsupported = 27,
    NoTty = 28,
    NoSuchDevice = 29,
    Overflow = 30,
    NotPermitted = 31,
    Pipe = 32,
    ReadOnly = 33,
    InvalidSeek = 34,
    TextFileBusy = 35,
    CrossDevice = 36,
}

/// Errors that 0.2 has no code for become `io`.
impl From<Errno> for ErrorCode {
    fn from(error: Errno) -> ErrorCode {
        match error {
            Errno::ACCES => ErrorCode::Access,
            Errno::AGAIN => ErrorCode::WouldBlock,
            Errno::ALREADY => ErrorCode::Already,
            Errno::BADF => ErrorCode::BadDescriptor,
            Errno::BUSY => ErrorCode::Busy,
            Errno::DEADLK => ErrorCode::Deadlock,
            Errno::DQUOT => ErrorCode::Quota,
            Errno::EXIST => ErrorCode::Exist,
            Errno::FBIG => ErrorCode::FileTooLarge,
            Errno::ILSEQ => ErrorCode::IllegalByteSequence,
            Errno::INPROGRESS => ErrorCode::InProgress,
            Errno::INTR => ErrorCode::Interrupted,
            Errno::INVAL => ErrorCode::Invalid,
            Errno::ISDIR => ErrorCode::IsDirectory,
            Errno::LOOP => ErrorCode::Loop,
            Errno::MLINK => ErrorCode::TooManyLinks,
            Errno::NAMETOOLONG => ErrorCode::NameTooLong,
            Errno::NODEV => ErrorCode::NoDevice,
            Errno::NOENT => ErrorCode::NoEntry,
            Errno::NOLCK => ErrorCode::NoLock,
            Errno::NOMEM => ErrorCode::InsufficientMemory,
            Errno::NOSPC => ErrorCode::InsufficientSpace,
            Errno::NOSYS | Errno::NOTSUP => ErrorCode::Unsupported,
            Errno::NOTDIR => ErrorCode::NotDirectory,
            Errno::NOTEMPTY => ErrorCode::NotEmpty,
            Errno::NOTTY => ErrorCode::NoTty,
            Errno::NXIO => ErrorCode::NoSuchDevice,
            Errno::OVERFLOW => ErrorCode::Overflow,
            Errno::PERM => ErrorCode::NotPermitted,
            Errno::PIPE => ErrorCode::Pipe,
            Errno::ROFS => ErrorCode::ReadOnly,
            Errno::SPIPE => ErrorCode::InvalidSeek,
            Errno::TXTBSY => ErrorCode::TextFileBusy,
            Errno::XDEV => ErrorCode::CrossDevice,
            _ => ErrorCode::Io,
        }
    }
}

/// The `option<error-code>` is always there, as in wasmtime for errors of the system.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_filesystem_types_filesystem_error_code(
    error: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let &Error(errno) = caller.borrow(error);
    let fields = caller.fields(result, 2, 1);
    fields.u8(0, 1);
    fields.u8(1, ErrorCode::from(Errno::from(errno)) as u8);
}
