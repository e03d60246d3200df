//! A timer that ends the process.

use super::{Errno, Result};

pub use crate::sys::types::Expired;

pub fn start(_nanoseconds: u64, _expired: Expired) -> Result<()> {
    Err(Errno::NOSYS)
}
