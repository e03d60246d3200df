//! The wrappers that wasm-ld puts around the exports of a program whose start-up code doesn't call `__wasm_call_ctors`
//! itself ("command exports", `createCommandExportWrapper` in lld's `wasm/Writer.cpp`): each of them runs all constructors,
//! the function, and all destructors. A library that calls such an export would reinitialise and close the program's
//! C library each time.

use wasmparser::Operator;

use crate::parse::{FuncIndex, Item, Module};

/// The functions that every wrapper of a module calls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Wrappers {
    /// None if there is no constructor.
    constructors: Option<u32>,
    destructors: u32,
}

impl Wrappers {
    /// Those of a module whose `_start` is such a wrapper.
    pub fn of(module: &Module<'_>) -> Option<Wrappers> {
        let Some(Item::Func(start)) = module.export("_start") else { return None };
        wrapped(module, start)
    }

    /// Whether a function of the module is another one.
    pub fn include(self, module: &Module<'_>, func: FuncIndex) -> bool {
        wrapped(module, func) == Some(self)
    }
}

/// What a function calls before and after another one, to which it passes its parameters, if that is all it does.
fn wrapped(module: &Module<'_>, func: FuncIndex) -> Option<Wrappers> {
    let defined = (func.as_u32() as usize).checked_sub(module.imported_functions)?;
    let mut operators = module.defined.values().nth(defined)?.body.get_operators_reader().ok()?;
    let params = module.function_type(func).params().len();
    // Constructors, parameters, function, destructors, end.
    let mut calls = Vec::new();
    let mut passed = 0;
    for _ in 0..params + 4 {
        match operators.read().ok()? {
            Operator::Call { function_index } => calls.push((function_index, passed)),
            Operator::LocalGet { local_index } if local_index == passed => passed += 1,
            Operator::End => break,
            _ => return None,
        }
    }
    let is_plain = |function: u32| {
        let ty = module.function_type(FuncIndex::from_u32(function));
        ty.params().is_empty() && ty.results().is_empty()
    };
    let (constructors, destructors) = match calls[..] {
        [(constructors, 0), (_, passed), (destructors, _)] if passed as usize == params => {
            (Some(constructors), destructors)
        }
        [(_, passed), (destructors, _)] if passed as usize == params => (None, destructors),
        _ => return None,
    };
    let are_plain = operators.eof() && constructors.into_iter().chain([destructors]).all(is_plain);
    are_plain.then_some(Wrappers { constructors, destructors })
}
