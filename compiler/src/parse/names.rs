//! Custom sections: names of functions (demangled) and branch hints. They never make a module
//! invalid: what can't be read is left out.

use std::borrow::Cow;
use std::collections::HashMap;

use wasmparser::{BranchHintSectionReader, CustomSectionReader, KnownCustom, Name, NameSectionReader};

use super::module::{FuncIndex, Module};

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
        for (index, name) in self.functions {
            if index < count && !name.is_empty() {
                module.function_names.insert(FuncIndex::from_u32(index), demangle(name).into_owned());
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

/// Demangles Rust and C++ names; others are left as they are.
fn demangle(name: &str) -> Cow<'_, str> {
    if let Ok(rust) = rustc_demangle::try_demangle(name) {
        return format!("{rust:#}").into();
    }
    if name.starts_with("_Z") && name.len() < 4096 {
        let options = cpp_demangle::DemangleOptions::new().no_return_type();
        if let Ok(symbol) = cpp_demangle::BorrowedSymbol::new(name.as_bytes())
            && let Ok(text) = symbol.demangle_with_options(&options)
        {
            return text.into();
        }
    }
    name.into()
}
