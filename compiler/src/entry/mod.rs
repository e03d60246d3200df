//! What a program of one module runs: the export that `--invoke` names, otherwise `_start`, otherwise `_initialize`;
//! and what to warn about in that choice.

mod exports;
mod invoke;

use anyhow::{Context, Result, bail};

use crate::escape::escape;
use crate::parse::{FuncIndex, Item, Module};
use crate::program::{Call, Instance, Results, describe};
pub use exports::REACTOR;

/// The function that runs a command.
const COMMAND: &str = "_start";

/// The calls that the program makes once it has been instantiated.
///
/// # Errors
/// If the export to be called isn't a function, has another type, or can't be called as `invoke` says.
pub fn calls(module: &Module<'_>, instance: &Instance<'_>, invoke: Option<&str>) -> Result<Vec<Call>> {
    let call = |func: FuncIndex| Call {
        func: instance.funcs[func],
        arguments: Vec::new(),
        results: Results::Dropped,
        post_return: None,
    };
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
    let invoked =
        Call { func: instance.funcs[func], arguments, results: Results::Printed, post_return: None };
    Ok(initialize.into_iter().map(call).chain([invoked]).collect())
}

/// The calls that bring a program into the state that it is going to start with: `_initialize`, if there is one, and the
/// export of this name.
///
/// # Errors
/// If there is no such export, or one of the two can't be called without arguments.
pub fn initialisers(module: &Module<'_>, instance: &Instance<'_>, name: &str) -> Result<Vec<Call>> {
    let Some(own) = named(module, name, false)? else {
        let exports = exports::list(module).unwrap_or_else(|| "it exports no functions".to_owned());
        bail!(
            "--preinit: the module exports no function `{}`; {exports}; --preinit=NAME calls another one",
            exports::shown(name)
        );
    };
    let reactor = named(module, REACTOR, false)?.filter(|reactor| *reactor != own);
    let call = |func: FuncIndex| Call {
        func: instance.funcs[func],
        arguments: Vec::new(),
        results: Results::Dropped,
        post_return: None,
    };
    Ok(reactor.into_iter().chain([own]).map(call).collect())
}

/// The function that a library calls when it is instantiated.
///
/// # Errors
/// If the export isn't a function without parameters and results.
pub fn initialize(module: &Module<'_>) -> Result<Option<FuncIndex>> {
    named(module, REACTOR, false)
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

/// Warnings about what the user may not expect of the program, though the module is in order.
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
    match exports::list(module) {
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
