//! Descriptors of the host that are in use for a moment.

use core::mem;

use crate::sys::file::{self, Fd};

/// A descriptor that is closed when it goes out of scope.
pub struct Opened(Fd);

impl Opened {
    pub fn new(fd: Fd) -> Opened {
        Opened(fd)
    }

    pub fn fd(&self) -> Fd {
        self.0
    }

    /// Gives the descriptor away.
    pub fn into_fd(self) -> Fd {
        let fd = self.0;
        mem::forget(self);
        fd
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        file::close(self.0);
    }
}
