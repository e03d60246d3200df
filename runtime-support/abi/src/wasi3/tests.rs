//! Compares the table with the runtime's functions, as the tests of `wasi2` do.

extern crate std;

use std::collections::BTreeMap;
use std::path::Path;
use std::string::ToString;
use std::vec::Vec;

use super::{ASYNC, Does, Function, PACKAGES, Symbol};
use crate::host::Flat;
use crate::wasi2::tests::{Type, flattened, read};

/// Core parameters of a function that is lowered asynchronously, at most; with more, they are in memory.
const MAX_FLAT_ASYNC_PARAMS: usize = 4;

/// The type of a function of the runtime for what is lowered synchronously.
fn lowered(function: &Function) -> Type {
    flattened(function.ty.strip_prefix(ASYNC).unwrap_or(function.ty))
}

/// The same, lowered asynchronously.
fn lowered_async(function: &Function) -> Type {
    let (mut params, result) = lowered(function);
    let results = Vec::from_iter(result.map(|_| Flat::I32));
    assert!(params.len() <= MAX_FLAT_ASYNC_PARAMS, "{}", function.name);
    params.extend(results);
    (params, Some(Flat::I32))
}

#[test]
fn the_runtime_has_these_functions() {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/wasi3");
    if !runtime.exists() {
        std::eprintln!("skipped: the runtime isn't in the package of this crate");
        return;
    }
    let mut found = BTreeMap::new();
    read(&runtime, "wasm_aot_wasi3_", &mut found);
    for interface in PACKAGES.into_iter().flatten() {
        for function in interface.functions.iter().filter(|function| function.does == Does::Own) {
            let symbol = |is_lowered_async| {
                let (interface, function) = (interface.name, function.name);
                Symbol { interface, function, is_lowered_async }.to_string()
            };
            assert_eq!(found.remove(&symbol(false)), Some(lowered(function)), "{}", function.name);
            if function.is_async() {
                assert_eq!(found.remove(&symbol(true)), Some(lowered_async(function)), "{}", function.name);
            }
        }
    }
    assert_eq!(found, BTreeMap::new(), "no row asks for these");
}

#[test]
fn functions_of_both_versions_have_the_same_core_type() {
    for function in PACKAGES.into_iter().flatten().flat_map(|interface| interface.functions) {
        if let Does::Same(..) = function.does {
            let (_, of) = function.same().expect("0.2 has the function");
            assert_eq!(lowered(function), flattened(of.ty), "{}", function.name);
        }
    }
}
