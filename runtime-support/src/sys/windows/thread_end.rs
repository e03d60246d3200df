//! The end of a thread.

use core::sync::atomic::{AtomicU32, Ordering};

use super::api::ExitThread;

/// The last that a thread does, on the stack of the system.
///
/// # Safety
/// `alive` is that of the thread.
pub unsafe extern "system" fn ended(alive: *const AtomicU32) -> ! {
    loop {
        // SAFETY: as the caller promises; takes no pointers.
        unsafe {
            (*alive).store(0, Ordering::Release);
            ExitThread(0);
        }
    }
}
