//! The ground floor, with `stack`: ends the program, with a message. Runs anywhere, also in a fault handler.

mod message;
mod raise;
pub mod report;

pub use message::{INTERNAL_ERROR_EXIT_CODE, fail, fail_because};
pub use raise::{end, raise, raise_in_host, raise_in_host_with};
