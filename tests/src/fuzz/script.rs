//! What is done with a module: every function is called twice, with values that follow from the
//! seed, with full fuel each time, and then every global is read. The list exists in two forms: as
//! commands of a program, and as text for the oracle.

use std::fmt::Write as _;

use wasm_aot::parse::{Item, Module};
use wasm_aot::program::{Builder, Command, Entity, InstanceId, Value};
use wasmparser_types::ValType;

use super::generate::{FUEL, REFUEL};
use super::random::Random;

/// A step, on the export with this number.
pub enum Step {
    Instantiate,
    Call { export: usize, arguments: Vec<Value>, results: Vec<ValType> },
    GetGlobal { export: usize, ty: ValType },
}
