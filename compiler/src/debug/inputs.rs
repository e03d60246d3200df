//! The debug information of all modules of a program.

use std::collections::{HashMap, HashSet};
use std::ptr;

use super::input::{self, DebugFile, GeneratedSections, Input, Text};
use super::location;
use crate::escape::escape;
use crate::parse::{DefinedIndex, Module};
use crate::program::{FuncId, FuncKind, Program};
use crate::translate::Wanted;

/// The debug information of the modules that have some.
#[derive(Default)]
pub struct Inputs<'a> {
    /// By the module's address.
    inputs: HashMap<usize, Input<'a>>,
    /// What describes the functions that these don't, likewise.
    texts: HashMap<usize, Input<'a>>,
}

/// DWARF that was generated for modules that have other debug information.
#[derive(Default)]
pub struct Generated {
    /// By the module's address.
    sections: HashMap<usize, GeneratedSections>,
    /// From the module's text, which describes all of its functions.
    texts: HashMap<usize, GeneratedSections>,
}

impl Generated {
    /// Generates DWARF for those of a program's modules that have a source map. What is wrong with it is for warnings.
    pub fn new(program: &Program<'_>, files: &[DebugFile], text: Option<&Text>) -> (Generated, Vec<String>) {
        let (mut sections, mut warnings) = (HashMap::new(), Vec::new());
        // The main module is the first one.
        let main = program.instances.values().next().map(|instance| instance.module);
        let texts = main.zip(text).map(|(main, text)| (key(main), input::generate_from_text(main, text)));
        for module in modules(program) {
            match input::generate(module, files) {
                Ok(Some(generated)) => _ = sections.insert(key(module), generated),
                Ok(None) => {}
                Err(reason) => warnings.push(left_out(&reason)),
            }
        }
        (Generated { sections, texts: texts.into_iter().collect() }, warnings)
    }
}

impl<'a> Inputs<'a> {
    /// Reads the debug information of a program's modules, and that in files to which they refer. What is wrong with it is
    /// for warnings.
    pub fn read(
        program: &Program<'a>,
        files: &'a [DebugFile],
        generated: &'a Generated,
    ) -> (Inputs<'a>, Vec<String>) {
        let (mut inputs, mut texts, mut warnings) = (HashMap::new(), HashMap::new(), Vec::new());
        for module in modules(program) {
            if let Some(text) = generated.texts.get(&key(module))
                && let Ok(input) = input::read_generated(module, text)
            {
                texts.insert(key(module), input);
            }
            match input::read(module, files, generated.sections.get(&key(module))) {
                Ok(Some(input)) => _ = inputs.insert(key(module), input),
                Ok(None) => {}
                Err(reason) => warnings.push(left_out(&reason)),
            }
        }
        (Inputs { inputs, texts }, warnings)
    }

    /// That of a module.
    pub fn of(&self, module: &Module<'a>) -> Option<&Input<'a>> {
        self.inputs.get(&key(module))
    }

    /// What describes the functions of a module, the first one that has one counts.
    pub fn all_of(&self, module: &Module<'a>) -> impl Iterator<Item = &Input<'a>> {
        self.of(module).into_iter().chain(self.texts.get(&key(module)))
    }

    /// What they name in each function.
    pub fn wanted(&self, program: &Program<'a>) -> HashMap<FuncId, Wanted> {
        let named: HashMap<usize, HashMap<DefinedIndex, Wanted>> =
            self.inputs.iter().map(|(module, input)| (*module, location::wanted(input))).collect();
        let wanted = program.funcs.iter().filter_map(|(func, plan)| {
            let FuncKind::Wasm(instance, defined) = plan.kind else { return None };
            let named = named.get(&key(program.instances[instance].module))?;
            Some((func, named.get(&defined)?.clone()))
        });
        wanted.collect()
    }

    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.texts.is_empty()
    }
}

fn key(module: &Module<'_>) -> usize {
    ptr::from_ref(module).addr()
}

/// The modules of a program.
fn modules<'p, 'a>(program: &'p Program<'a>) -> impl Iterator<Item = &'a Module<'a>> + use<'p, 'a> {
    let mut known = HashSet::new();
    program.instances.values().map(|instance| instance.module).filter(move |module| known.insert(key(module)))
}

/// The warning that a module's debug information can't be used.
pub fn left_out(reason: &str) -> String {
    format!("the module's debug information is left out: {}", escape(reason))
}
