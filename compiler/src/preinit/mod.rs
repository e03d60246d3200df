//! Pre-initialisation (`--preinit`): the state in which an initialiser leaves a program becomes the program's initial state.
//!
//! The compiler builds a program for the machine that it runs on, in which the same entities have the same numbers. That
//! program instantiates the modules, calls the initialiser and writes its state to a file (`wasm_aot_abi::preinit`).
//! [`execute()`] runs it; [`Snapshot`] is what the file says; [`State`] is what that means for the entities of the program; it
//! is put into a [`Program`](crate::program::Program) that hasn't run, which is then built for any target.
//!
//! The program that ran isn't trusted, so nothing in the file is: whatever is wrong with it is an error. What can't be kept is
//! an error, too, which says what it is.

mod execute;
mod plan;
mod snapshot;
mod state;
mod value;

pub use execute::execute;
pub use plan::{DEFAULT_EXPORT, Preinit, Rename};
pub use snapshot::Snapshot;
pub use state::State;
