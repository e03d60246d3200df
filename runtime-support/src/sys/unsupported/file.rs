//! Open files.

use super::{Errno, Result};

pub use crate::sys::types::{Advice, Fd, FileKind, IoVec, OpenMode, Position, Stat, Whence};

/// Bytes that a pipe which is ready takes without waiting.
pub const PIPE_PIECE: u32 = 4096;

/// # Safety
/// The memory that `iovecs` describe may be written, and nobody holds references to it.
pub unsafe fn read(_fd: Fd, _iovecs: &[IoVec], _position: Position) -> Result<usize> {
    Err(Errno::NOSYS)
}

/// # Safety
/// The memory that `iovecs` describe may be read.
pub unsafe fn write(_fd: Fd, _iovecs: &[IoVec], _position: Position) -> Result<usize> {
    Err(Errno::NOSYS)
}

/// # Safety
/// As for `write`.
pub unsafe fn append(_fd: Fd, _iovecs: &[IoVec]) -> Result<usize> {
    Err(Errno::NOSYS)
}

pub fn duplicate(_fd: Fd) -> Result<Fd> {
    Err(Errno::NOSYS)
}

pub fn close(_fd: Fd) {}

pub fn seek(_fd: Fd, _offset: i64, _whence: Whence) -> Result<u64> {
    Err(Errno::NOSYS)
}

pub fn truncate(_fd: Fd, _size: u64) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn sync(_fd: Fd, _data_only: bool) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn advise(_fd: Fd, _offset: u64, _length: u64, _advice: Advice) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn open_mode(_fd: Fd) -> Result<OpenMode> {
    Err(Errno::NOSYS)
}

pub fn set_open_mode(_fd: &mut Fd, _append: bool, _nonblock: bool) -> Result<()> {
    Err(Errno::NOSYS)
}

pub fn is_terminal(_fd: Fd) -> bool {
    false
}

pub fn stat(_fd: Fd) -> Result<Stat> {
    Err(Errno::NOSYS)
}
