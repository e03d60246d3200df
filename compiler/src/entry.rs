//! What a program of one module runs: the export that `--invoke` names, else `_start`, else `_initialize`; and what to
//! warn about in that choice.

use anyhow::{Context, Result, bail};

use crate::escape::escape;
use crate::invoke;
use crate::parse::{FuncIndex, Item, Module};
use crate::program::{Call, Instance, describe};

/// What runs a command.
const COMMAND: &str = "_start";

/// What a reactor exports to be called before anything else.
const REACTOR: &str = "_initialize";

/// Most functions that a message lists.
const MOST_LISTED: usize = 10;

/// Most bytes of the name of a function in such a list.
const MOST_NAME_BYTES: usize = 100;

/// The calls that the program makes when it has been instantiated.
///
/// # Errors
/// If what is to be called isn't a function, has another type, or can't be called as `invoke` says.
pub fn calls(module: &Module<'_>, instance: &Instance<'_>, invoke: Option<&str>) -> Result<Vec<Call>> {
    let call = |func: FuncIndex| Call { func: instance.funcs[func], arguments: Vec::new(), prints: false };
    let Some(invocation) = invoke else {
        let start = match named(module, COMMAND, true)? {
            None => named(module, REACTOR, false)?,
            start => start,
        };
        return Ok(start.into_iter().map(call).collect());
    };
    let (func, arguments) =
        invoke::parse(module, invocation).with_context(|| format!("--invoke '{}'", escape(invocation)))?;
    let initialize = named(module, REACTOR, false)?.filter(|initialize| *initialize != func);
    let invoked = Call { func: instance.funcs[func], arguments, prints: true };
    Ok(initialize.into_iter().map(call).chain([invoked]).collect())
}

/// The function of this name that the program calls without arguments.
fn named(module: &Module<'_>, name: &str, any_results: bool) -> Result<Option<FuncIndex>> {
    let Some(item) = module.export(name) else { return Ok(None) };
    if let Item::Func(func) = item {
        let ty = module.function_type(func);
        if ty.params().is_empty() && (any_results || ty.results().is_empty()) {
            return Ok(Some(func));
        }
    }
    bail!(
        "the export `{name}` must be a function without parameters{}",
        if any_results { "" } else { " and results" }
    );
}

/// What the user may not expect of the program, if all of the module is in order.
pub fn warnings(module: &Module<'_>, invoke: Option<&str>) -> Vec<String> {
    if invoke.is_some() {
        return Vec::new();
    }
    let function = |name: &str| match module.export(name) {
        Some(Item::Func(func)) => Some(func),
        _ => None,
    };
    if let Some(start) = function(COMMAND) {
        let results = module.function_type(start).results();
        let dropped =
            || format!("the results of `{COMMAND}` are dropped: {}", describe(module.function_type(start)));
        return (!results.is_empty()).then(dropped).into_iter().collect();
    }
    let runs = match (function(REACTOR), module.start) {
        (Some(_), _) => "only runs `_initialize`",
        (None, Some(_)) => "only runs the start function",
        (None, None) => "does nothing",
    };
    match functions(module) {
        Some(functions) => vec![format!(
            "the program {runs}, since the module doesn't export `{COMMAND}`; {functions}; \
             --invoke 'NAME(ARGUMENTS)' makes a program that calls one"
        )],
        None if runs == "does nothing" => {
            vec![format!("the program {runs}: the module has no start function and exports no function")]
        }
        None => Vec::new(),
    }
}

/// The exported functions, for people; none if there is nothing but `_initialize`. Only the first if there are many.
pub fn functions(module: &Module<'_>) -> Option<String> {
    let functions: Vec<(&str, FuncIndex)> = module
        .exports
        .iter()
        .filter_map(|export| match export.item {
            Item::Func(func) if export.name != REACTOR => Some((export.name, func)),
            _ => None,
        })
        .collect();
    if functions.is_empty() {
        return None;
    }
    let list: Vec<String> = functions
        .iter()
        .take(MOST_LISTED)
        .map(|(name, func)| format!("{} {}", shown(name), describe(module.function_type(*func))))
        .collect();
    let more = match functions.len().saturating_sub(MOST_LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("it exports the functions {}{more}", list.join(", ")))
}

/// A name as messages have it: escaped, and shortened if it is long.
pub fn shown(name: &str) -> String {
    match name.len() {
        ..=MOST_NAME_BYTES => escape(name).into_owned(),
        _ => format!("{}...", escape(&name[..name.floor_char_boundary(MOST_NAME_BYTES)])),
    }
}
