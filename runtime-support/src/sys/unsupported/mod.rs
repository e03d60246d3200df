//! No system: everything fails with `Errno::NOSYS`. This is what somebody starts with who ports the runtime; and
//! compiling it shows that nothing above `sys` wants more than the contract says.

pub mod clock;
pub mod context;
pub mod cpu;
pub mod dir;
pub mod file;
pub mod futex;
pub mod inet;
pub mod map;
#[path = "../linux_numbers.rs"]
pub(super) mod numbers;
pub mod poll;
pub mod process;
#[path = "../no_procfs.rs"]
pub mod procfs;
pub mod random;
pub mod resolve;
pub mod scan;
pub mod signal;
pub mod socket;
pub mod stack;
pub mod start;
pub mod thread;
pub mod timer;

pub use process::{exit, write_stderr, write_stdout};

use super::{Errno, Result};
