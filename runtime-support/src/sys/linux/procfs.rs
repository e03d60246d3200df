//! Which files are of procfs, the file system that shows processes. It may be mounted anywhere, as a whole or in parts.

use core::mem::MaybeUninit;

use linux_raw_sys::general::{__NR_fstatfs, PROC_SUPER_MAGIC, S_IROTH, statfs};

use super::file::{Fd, mode, retry};
use super::{Result, syscall3};

/// Whether an open file, directory or link is of procfs.
pub fn contains(fd: Fd) -> Result<bool> {
    let mut buffer = MaybeUninit::<statfs>::uninit();
    let pointer = buffer.as_mut_ptr() as usize;
    // SAFETY: the kernel writes a `struct statfs`.
    retry(|| unsafe { syscall3(__NR_fstatfs, fd as usize, pointer, 0) })?;
    // SAFETY: the kernel has written all of it.
    let kind = unsafe { buffer.assume_init_ref() }.f_type;
    Ok(kind as u32 == PROC_SUPER_MAGIC)
}

/// Whether every user of the machine may read an open file.
pub fn is_public(fd: Fd) -> Result<bool> {
    Ok(mode(fd)? & S_IROTH != 0)
}
