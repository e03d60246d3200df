//! The functions that a build keeps: those that anything can call.

use std::collections::HashSet;
use std::ptr;

use crate::facts::Facts;
use crate::parse::{DefinedIndex, Module};
use crate::program::Program;

/// The functions that a build keeps, by module.
pub struct Reached(HashSet<(usize, DefinedIndex)>);

impl Reached {
    pub fn of(program: &Program<'_>, facts: &Facts) -> Reached {
        let functions = facts.reachable().filter_map(|func| program.wasm(func));
        Reached(functions.map(|(instance, index)| (number(instance.module), index)).collect())
    }

    /// Whether a build keeps the function of the module.
    pub fn has(&self, module: &Module<'_>, index: DefinedIndex) -> bool {
        self.0.contains(&(number(module), index))
    }
}

/// What is different for each module.
fn number(module: &Module<'_>) -> usize {
    ptr::from_ref(module).addr()
}
