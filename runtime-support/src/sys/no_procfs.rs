//! Which files are of procfs, where there is none.

use super::Result;
use super::file::Fd;

pub fn contains(_: Fd) -> Result<bool> {
    Ok(false)
}

pub fn is_public(_: Fd) -> Result<bool> {
    Ok(false)
}
