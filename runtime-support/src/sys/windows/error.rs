//! Errors of the system, as the error numbers that the rest of the runtime knows.

use super::api::{GetLastError, RtlNtStatusToDosError};
use super::{Errno, Result};

/// Numbers of `winerror.h` and what they mean here. All others are `Errno::IO`.
static FROM_SYSTEM: [[u16; 2]; 39] = {
    const PAIRS: [(u16, Errno); 39] = [
        (2, Errno::NOENT),         // ERROR_FILE_NOT_FOUND
        (3, Errno::NOENT),         // ERROR_PATH_NOT_FOUND
        (4, Errno::MFILE),         // ERROR_TOO_MANY_OPEN_FILES
        (5, Errno::ACCES),         // ERROR_ACCESS_DENIED
        (6, Errno::BADF),          // ERROR_INVALID_HANDLE
        (8, Errno::NOMEM),         // ERROR_NOT_ENOUGH_MEMORY
        (14, Errno::NOMEM),        // ERROR_OUTOFMEMORY
        (15, Errno::NOENT),        // ERROR_INVALID_DRIVE
        (17, Errno::XDEV),         // ERROR_NOT_SAME_DEVICE
        (19, Errno::ROFS),         // ERROR_WRITE_PROTECT
        (32, Errno::BUSY),         // ERROR_SHARING_VIOLATION
        (33, Errno::BUSY),         // ERROR_LOCK_VIOLATION
        (39, Errno::NOSPC),        // ERROR_HANDLE_DISK_FULL
        (50, Errno::NOTSUP),       // ERROR_NOT_SUPPORTED
        (53, Errno::NOENT),        // ERROR_BAD_NETPATH
        (67, Errno::NOENT),        // ERROR_BAD_NET_NAME
        (80, Errno::EXIST),        // ERROR_FILE_EXISTS
        (87, Errno::INVAL),        // ERROR_INVALID_PARAMETER
        (109, Errno::PIPE),        // ERROR_BROKEN_PIPE
        (112, Errno::NOSPC),       // ERROR_DISK_FULL
        (123, Errno::INVAL),       // ERROR_INVALID_NAME
        (131, Errno::INVAL),       // ERROR_NEGATIVE_SEEK
        (145, Errno::NOTEMPTY),    // ERROR_DIR_NOT_EMPTY
        (161, Errno::NOENT),       // ERROR_BAD_PATHNAME
        (170, Errno::BUSY),        // ERROR_BUSY
        (183, Errno::EXIST),       // ERROR_ALREADY_EXISTS
        (206, Errno::NAMETOOLONG), // ERROR_FILENAME_EXCED_RANGE
        (223, Errno::FBIG),        // ERROR_FILE_TOO_LARGE
        (232, Errno::PIPE),        // ERROR_NO_DATA
        (233, Errno::PIPE),        // ERROR_PIPE_NOT_CONNECTED
        (267, Errno::NOTDIR),      // ERROR_DIRECTORY
        (303, Errno::NOENT),       // ERROR_DELETE_PENDING
        (487, Errno::EXIST),       // ERROR_INVALID_ADDRESS: of pages that are taken
        (1142, Errno::MLINK),      // ERROR_TOO_MANY_LINKS
        (1314, Errno::PERM),       // ERROR_PRIVILEGE_NOT_HELD
        (1455, Errno::NOMEM),      // ERROR_COMMITMENT_LIMIT
        (1816, Errno::NOMEM),      // ERROR_NOT_ENOUGH_QUOTA
        (1921, Errno::LOOP),       // ERROR_CANT_RESOLVE_FILENAME
        (4390, Errno::INVAL),      // ERROR_NOT_A_REPARSE_POINT
    ];
    let mut bytes = [[0; 2]; PAIRS.len()];
    let mut i = 0;
    while i < PAIRS.len() {
        bytes[i] = [PAIRS[i].0, PAIRS[i].1.0 as u16];
        i += 1;
    }
    bytes
};

/// The error with a number of `winerror.h`.
#[cold]
#[inline(never)]
pub fn from_system(number: u32) -> Errno {
    let same = FROM_SYSTEM.iter().find(|[system, _]| u32::from(*system) == number);
    Errno(same.map_or(Errno::IO.0, |&[_, errno]| errno.into()))
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
        IS_A_DIRECTORY => Errno::ISDIR,
        DELETE_PENDING => Errno::NOENT,
        // SAFETY: takes no pointers.
        _ => from_system(unsafe { RtlNtStatusToDosError(status) }),
    }
}
