//! Errors of the system, as the error numbers that the rest of the runtime knows.

use super::api::{GetLastError, RtlNtStatusToDosError};
use super::errno::*;

/// An error number, e.g. `errno::ENOENT`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Errno(pub u32);

pub type Result<T> = core::result::Result<T, Errno>;

/// Numbers of `winerror.h` and what they mean here. All others are `EIO`.
static FROM_SYSTEM: [[u16; 2]; 39] = {
    const PAIRS: [(u16, u32); 39] = [
        (2, ENOENT),         // ERROR_FILE_NOT_FOUND
        (3, ENOENT),         // ERROR_PATH_NOT_FOUND
        (4, EMFILE),         // ERROR_TOO_MANY_OPEN_FILES
        (5, EACCES),         // ERROR_ACCESS_DENIED
        (6, EBADF),          // ERROR_INVALID_HANDLE
        (8, ENOMEM),         // ERROR_NOT_ENOUGH_MEMORY
        (14, ENOMEM),        // ERROR_OUTOFMEMORY
        (15, ENOENT),        // ERROR_INVALID_DRIVE
        (17, EXDEV),         // ERROR_NOT_SAME_DEVICE
        (19, EROFS),         // ERROR_WRITE_PROTECT
        (32, EBUSY),         // ERROR_SHARING_VIOLATION
        (33, EBUSY),         // ERROR_LOCK_VIOLATION
        (39, ENOSPC),        // ERROR_HANDLE_DISK_FULL
        (50, EOPNOTSUPP),    // ERROR_NOT_SUPPORTED
        (53, ENOENT),        // ERROR_BAD_NETPATH
        (67, ENOENT),        // ERROR_BAD_NET_NAME
        (80, EEXIST),        // ERROR_FILE_EXISTS
        (87, EINVAL),        // ERROR_INVALID_PARAMETER
        (109, EPIPE),        // ERROR_BROKEN_PIPE
        (112, ENOSPC),       // ERROR_DISK_FULL
        (123, EINVAL),       // ERROR_INVALID_NAME
        (131, EINVAL),       // ERROR_NEGATIVE_SEEK
        (145, ENOTEMPTY),    // ERROR_DIR_NOT_EMPTY
        (161, ENOENT),       // ERROR_BAD_PATHNAME
        (170, EBUSY),        // ERROR_BUSY
        (183, EEXIST),       // ERROR_ALREADY_EXISTS
        (206, ENAMETOOLONG), // ERROR_FILENAME_EXCED_RANGE
        (223, EFBIG),        // ERROR_FILE_TOO_LARGE
        (232, EPIPE),        // ERROR_NO_DATA
        (233, EPIPE),        // ERROR_PIPE_NOT_CONNECTED
        (267, ENOTDIR),      // ERROR_DIRECTORY
        (303, ENOENT),       // ERROR_DELETE_PENDING
        (487, EEXIST),       // ERROR_INVALID_ADDRESS: of pages that are taken
        (1142, EMLINK),      // ERROR_TOO_MANY_LINKS
        (1314, EPERM),       // ERROR_PRIVILEGE_NOT_HELD
        (1455, ENOMEM),      // ERROR_COMMITMENT_LIMIT
        (1816, ENOMEM),      // ERROR_NOT_ENOUGH_QUOTA
        (1921, ELOOP),       // ERROR_CANT_RESOLVE_FILENAME
        (4390, EINVAL),      // ERROR_NOT_A_REPARSE_POINT
    ];
    let mut bytes = [[0; 2]; PAIRS.len()];
    let mut i = 0;
    while i < PAIRS.len() {
        bytes[i] = [PAIRS[i].0, PAIRS[i].1 as u16];
        i += 1;
    }
    bytes
};

/// The error with a number of `winerror.h`.
#[cold]
#[inline(never)]
pub fn from_system(number: u32) -> Errno {
    let same = FROM_SYSTEM.iter().find(|[system, _]| u32::from(*system) == number);
    Errno(same.map_or(EIO, |&[_, errno]| errno.into()))
}

/// The error of the function that was just called.
#[cold]
#[inline(never)]
pub fn last() -> Errno {
    // SAFETY: takes no pointers.
    from_system(unsafe { GetLastError() })
}

/// Splits what a function gives back that is 0 for an error.
#[inline(always)]
pub fn check(result: i32) -> Result<()> {
    if result != 0 { Ok(()) } else { Err(last()) }
}

/// STATUS_FILE_IS_A_DIRECTORY, STATUS_DELETE_PENDING: others have the same number in `winerror.h`.
const IS_A_DIRECTORY: i32 = 0xc000_00ba_u32 as i32;
const DELETE_PENDING: i32 = 0xc000_0056_u32 as i32;

/// Splits an `NTSTATUS`; warnings aren't errors.
#[inline(always)]
pub fn check_status(status: i32) -> Result<()> {
    // The two bits at the top are the severity; 3 is an error.
    if (status as u32) < 0xc000_0000 { Ok(()) } else { Err(from_status(status)) }
}

#[cold]
#[inline(never)]
fn from_status(status: i32) -> Errno {
    match status {
        IS_A_DIRECTORY => Errno(EISDIR),
        DELETE_PENDING => Errno(ENOENT),
        // SAFETY: takes no pointers.
        _ => from_system(unsafe { RtlNtStatusToDosError(status) }),
    }
}
