//! Tests of the canonical ABI: components that call each other, and that are called from outside.
//!
//! The files of `tests/wast/component` and those of [`matrix`], which are made from a table, are run as native code:
//! each assertion is a program of its own, with what it calls built in by `--invoke`.

pub mod abi;
pub mod matrix;
pub mod misuse;
pub mod pair;
pub mod script;
pub mod text;
pub mod wave;
