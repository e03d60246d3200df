//! Custom sections: names of functions (demangled and escaped) and branch hints. They never make a module
//! invalid: what can't be read is ignored.

use std::collections::HashMap;

use wasmparser::{BranchHintSectionReader, CustomSectionReader, KnownCustom, Name, NameSectionReader};

use super::demangle::Demangler;
use super::index::FuncIndex;
use super::module::Module;
use crate::escape::escape;

#[derive(Default)]
pub struct Names<'a> {
    functions: Vec<(u32, &'a str)>,
    hints: Vec<BranchHintSectionReader<'a>>,
}

impl<'a> Names<'a> {
    pub fn custom_section(&mut self, section: &CustomSectionReader<'a>) {
        match section.as_known() {
            KnownCustom::Name(reader) => self.name_section(reader),
            KnownCustom::BranchHints(reader) => self.hints.push(reader),
            _ => {}
        }
    }

    fn name_section(&mut self, reader: NameSectionReader<'a>) {
        for name in reader {
            if let Ok(Name::Function(map)) = name {
                self.functions.extend(map.into_iter().map_while(Result::ok).map(|n| (n.index, n.name)));
            }
        }
    }

    /// Adds what was collected to the module, once its function index space is complete.
    pub fn apply(self, module: &mut Module<'a>) {
        let count = module.functions.len() as u32;
        let mut demangler = Demangler::new(self.functions.iter().map(|(_, name)| name.len()).sum());
        for (index, name) in self.functions {
            if index < count && !name.is_empty() {
                let func = FuncIndex::from_u32(index);
                let demangled = demangler.demangle(name);
                if demangled != name && escape(name) == name {
                    module.mangled_names.insert(func, name);
                }
                module.function_names.insert(func, escape(&demangled).into_owned());
            }
        }
        for function in self.hints.into_iter().flatten().map_while(Result::ok) {
            if function.func >= count {
                continue;
            }
            let hints = function.hints.into_iter().map_while(Result::ok);
            let by_offset: HashMap<u64, bool> =
                hints.map(|hint| (u64::from(hint.func_offset), hint.taken)).collect();
            module.branch_hints.insert(FuncIndex::from_u32(function.func), by_offset);
        }
    }
}
