//! The ground floor, with `stack`: ends the program, in a library the call, with a message. Runs anywhere, also in a fault
//! handler.

mod inlined;
mod lines;
#[cfg(not(feature = "libraries"))]
mod message;
mod output;
#[cfg(not(feature = "libraries"))]
mod raise;
pub mod report;

#[cfg(feature = "libraries")]
pub use crate::library::raise::{end, fail, fail_because, raise, raise_in_host};
#[cfg(not(feature = "libraries"))]
pub use message::{INTERNAL_ERROR_EXIT_CODE, fail, fail_because};
#[cfg(not(feature = "libraries"))]
pub use raise::{end, raise, raise_in_host, raise_in_host_with};
