//! What a traced program shows of calls of host functions: their parameters by name and kind, see `wasm_aot_abi::trace`.

use std::fmt::Write as _;

use wasm_aot_abi::trace::NUMBER;
use wasmparser::{FuncType, ValType};
use wasmtime_environ::component::{ComponentTypes, InterfaceType, MAX_FLAT_PARAMS, TypeFuncIndex};

/// The text for a function of this name and type, which is lowered to a core function of the type `core`.
pub fn text(types: &ComponentTypes, name: &str, ty: TypeFuncIndex, core: &FuncType) -> String {
    let func = &types[ty];
    let params = &types[func.params].types;
    let result = types[func.results].types.first();
    // As in Rust, and without the brackets of `[method]`, which say what the name shows.
    let name = name.rsplit_once(']').map_or(name, |(_, name)| name);
    let mut text = format!("{name} ");
    if result.is_some() && !core.results().is_empty() {
        text.push_str(NUMBER);
    }
    let mut at = 0;
    if params.iter().map(|ty| flat_count(types, *ty)).sum::<usize>() > MAX_FLAT_PARAMS {
        text.push_str("parameters:address");
    } else {
        for (name, ty) in func.param_names.iter().zip(params) {
            for (part, kind) in kinds(types, *ty, &core.params()[at..]).into_iter().enumerate() {
                let number = if part == 0 { String::new() } else { format!("[{part}]") };
                write!(text, "{}{name}{number}:{kind}", if at == 0 && part == 0 { "" } else { " " })
                    .expect("strings grow");
            }
            at += flat_count(types, *ty);
        }
    }
    if core.results().is_empty()
        && let Some(result) = result
    {
        write!(text, " result:{}", in_memory(types, *result)).expect("strings grow");
    }
    text
}

/// The kinds of the words that a parameter is lowered to, which are the first of `core`.
fn kinds(types: &ComponentTypes, ty: InterfaceType, core: &[ValType]) -> Vec<&'static str> {
    match ty {
        InterfaceType::String => vec!["path"],
        InterfaceType::List(list) if types[list].element == InterfaceType::U8 => vec!["bytes"],
        InterfaceType::List(_) => vec!["address", "u32"],
        _ => {
            let words = core.iter().take(flat_count(types, ty));
            words.map(|word| if *word == ValType::I64 { "u64" } else { "u32" }).collect()
        }
    }
}

/// The kind of a result in memory: of a `result`, where its error is and what the errors are called.
fn in_memory(types: &ComponentTypes, ty: InterfaceType) -> String {
    let InterfaceType::Result(result) = ty else { return ">value".to_owned() };
    let result = &types[result];
    let names = match result.err {
        Some(InterfaceType::Enum(names)) => types[names].names.iter().map(String::as_str).collect(),
        Some(InterfaceType::Variant(variant)) => types[variant].cases.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    format!(">result={}={}", result.info.payload_offset32, names.join(","))
}

/// How many core values a value is lowered to (`CanonicalABI.md`, "Flattening").
fn flat_count(types: &ComponentTypes, ty: InterfaceType) -> usize {
    let count = |ty: &InterfaceType| flat_count(types, *ty);
    match ty {
        InterfaceType::String | InterfaceType::List(_) => 2,
        InterfaceType::Record(record) => types[record].fields.iter().map(|field| count(&field.ty)).sum(),
        InterfaceType::Tuple(tuple) => types[tuple].types.iter().map(count).sum(),
        InterfaceType::Variant(variant) => {
            1 + types[variant].cases.values().flatten().map(count).max().unwrap_or(0)
        }
        InterfaceType::Option(option) => 1 + count(&types[option].ty),
        InterfaceType::Result(result) => {
            let result = &types[result];
            1 + result.ok.iter().chain(&result.err).map(count).max().unwrap_or(0)
        }
        InterfaceType::Flags(flags) => types[flags].names.len().div_ceil(32),
        _ => 1,
    }
}
