//! The native debug sections of a program.

use std::collections::{BTreeMap, HashMap};
use std::ptr;

use super::convert::{self, Context, has_hidden_strings};
use super::input::Input;
use super::inputs::{Inputs, left_out};
use super::sections::{Lengths, Sections};
use crate::codegen::CompiledFunction;
use crate::layout::{Layout, Symbol};
use crate::parse::DefinedIndex;
use crate::program::{FuncKind, InstanceId};

/// The debug sections of the program, for its compiled functions in the order of their code; and what to warn about.
pub fn native<'a>(
    layout: &Layout<'_, 'a>,
    inputs: &Inputs<'a>,
    functions: &[CompiledFunction],
    big_endian: bool,
) -> (Sections, Vec<String>) {
    let mut instances: BTreeMap<InstanceId, Vec<(DefinedIndex, &CompiledFunction)>> = BTreeMap::new();
    for function in functions {
        if let Symbol::Func(func) = function.symbol
            && let FuncKind::Wasm(instance, index) = layout.program.funcs[func].kind
        {
            instances.entry(instance).or_default().push((index, function));
        }
    }
    // Where the strings of each input are, once they have been added.
    let mut strings: HashMap<*const Input<'_>, Option<Lengths>> = HashMap::new();
    let (mut sections, mut warnings) = (Sections::new(big_endian), Vec::new());
    for (instance, mut functions) in instances {
        let module = layout.program.instances[instance].module;
        for input in inputs.all_of(module) {
            let context = Context {
                layout,
                instance,
                bodies: &input.bodies,
                sections: &input.sections,
                has_hidden_strings: has_hidden_strings(&input.sections),
                big_endian,
            };
            let before = sections.lengths();
            let strings = strings.entry(ptr::from_ref(input)).or_default();
            match convert::convert(&context, input, &functions, strings, &mut sections) {
                Ok(described) => functions.retain(|(index, _)| !described.contains(index)),
                Err(reason) => {
                    let warning = left_out(&reason);
                    if !warnings.contains(&warning) {
                        warnings.push(warning);
                    }
                    if sections.lengths() != before {
                        return (Sections::new(big_endian), warnings);
                    }
                }
            }
        }
    }
    (sections, warnings)
}
