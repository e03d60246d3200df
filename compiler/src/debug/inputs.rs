//! The debug information of all modules of a program.

use std::collections::{HashMap, HashSet};
use std::ptr;

use super::input::{self, DebugFile, Input};
use crate::parse::Module;
use crate::program::Program;

/// The debug information of the modules that have some.
#[derive(Default)]
pub struct Inputs<'a> {
    /// By the module's address.
    inputs: HashMap<usize, Input<'a>>,
}

impl<'a> Inputs<'a> {
    /// Reads the debug information of a program's modules, and that in files to which they refer. What is wrong with it is
    /// for warnings.
    pub fn read(program: &Program<'a>, files: &'a [DebugFile]) -> (Inputs<'a>, Vec<String>) {
        let (mut inputs, mut warnings) = (HashMap::new(), Vec::new());
        let mut known = HashSet::new();
        for instance in program.instances.values() {
            let module = instance.module;
            if !known.insert(key(module)) {
                continue;
            }
            match input::read(module, files) {
                Ok(Some(input)) => _ = inputs.insert(key(module), input),
                Ok(None) => {}
                Err(reason) => warnings.push(format!("the module's debug information is left out: {reason}")),
            }
        }
        (Inputs { inputs }, warnings)
    }

    /// That of a module.
    pub fn of(&self, module: &Module<'a>) -> Option<&Input<'a>> {
        self.inputs.get(&key(module))
    }

    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }
}

fn key(module: &Module<'_>) -> usize {
    ptr::from_ref(module).addr()
}
