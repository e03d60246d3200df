//! Libraries in native programs: modules of `tests/programs/modules` become static and shared libraries, and a host program
//! in C, C++ or Rust is linked with them, by each linker that there is, and run.
//!
//! A test is one file in `tests/libraries/cases`; `tests/libraries/README.md` says what it may hold.

pub mod case;
pub mod link;
pub mod run;
