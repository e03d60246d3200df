//! The kernel's numbers of errors and flags that have names in the contract.

pub use linux_raw_sys::errno::*;
pub use linux_raw_sys::general::{
    O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR,
    O_TRUNC, O_WRONLY,
};

use linux_raw_sys::general;

pub const POLLHUP: i16 = general::POLLHUP as i16;
pub const POLLIN: i16 = general::POLLIN as i16;
pub const POLLOUT: i16 = general::POLLOUT as i16;
