//! Directories and names.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use super::file::{Fd, Stat};
use super::{Errno, Result};
use crate::sys::OpenFlags;

pub use crate::sys::types::{NewTime, TimesOf};

pub const AT_FDCWD: Fd = -100;
pub const PATH_MAX: u32 = 4096;
pub const OPENS_PATHS: bool = true;

pub fn open(_directory: Fd, _path: &CStr, _flags: OpenFlags) -> Result<Fd> {
    Err(Errno::NOSYS)
}

pub fn open_beneath(_directory: Fd, _path: &CStr, _flags: OpenFlags) -> Result<Fd> {
    Err(Errno::NOSYS)
}

pub fn stat_name(_directory: Fd, _name: &CStr) -> Result<Stat> {
    Err(Errno::NOSYS)
}

pub fn make_directory(_directory: Fd, _name: &CStr) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn remove(_directory: Fd, _name: &CStr, _is_directory: bool) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn rename(_from: Fd, _from_name: &CStr, _to: Fd, _to_name: &CStr) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn link(_from: Fd, _from_name: &CStr, _to: Fd, _to_name: &CStr) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn make_symlink(_target: &CStr, _directory: Fd, _name: &CStr) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn read_link<'a>(_directory: Fd, _name: &CStr, _buffer: &'a mut [MaybeUninit<u8>]) -> Result<&'a [u8]> {
    Err(Errno::NOSYS)
}

pub fn set_times(_file: TimesOf<'_>, _accessed: NewTime, _modified: NewTime) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn working_directory(_path: &mut [u8]) -> Result<usize> {
    Err(Errno::NOSYS)
}
