//! The argument of `--invoke` for a component: the name of an exported function and its arguments in WAVE, as in
//! `wasmtime run --invoke`: `add(1, 2)`, `local:math/adder.add@1.0.0(1, 2)`.

mod lower;
mod result;
mod types;

use anyhow::{Result, anyhow, bail, ensure};
use wasm_wave::parser::ParserError;
use wasm_wave::untyped::UntypedFuncCall;
use wasm_wave::value::Value;

use super::Component;
use super::exports::{self, ExportedFunction};
use super::wit::Wit;
use crate::escape::escape;
use crate::program::InvocationValues;

/// The function to call, its arguments and the type of its result.
///
/// # Errors
/// If the component doesn't export the function (the error lists what it exports), the arguments don't fit its type, or
/// values of its type can't be written in WAVE.
pub fn parse<'c>(
    component: &'c Component<'_>,
    invocation: &str,
) -> Result<(ExportedFunction<'c>, InvocationValues)> {
    let name = invocation.split('(').next().unwrap_or(invocation);
    let function = find(component, name.trim())?;
    let arguments = arguments(component, &function, invocation, name.len())?;
    let encoding = component.translation.component.options[function.options].string_encoding;
    let ty = &component.types[function.ty];
    let (types, is_flat) = result::describe(component, ty.results, encoding)?;
    let arguments = lower::lower(component, ty.params, encoding, &arguments);
    Ok((function, InvocationValues { arguments, types, is_flat }))
}

/// The exported function with this name. The name of its interface may be left out, if it is the only one.
fn find<'c>(component: &'c Component<'_>, name: &str) -> Result<ExportedFunction<'c>> {
    let functions = exports::functions(component);
    if let Some(function) = functions.iter().find(|function| function.full_name() == name) {
        return Ok(*function);
    }
    let inner: Vec<_> = functions.into_iter().filter(|function| function.name == name).collect();
    match &*inner {
        [function] => Ok(*function),
        [] => {
            let exports = exports::list(component).unwrap_or_else(|| "it exports none".to_owned());
            bail!("the component exports no function `{}`; {exports}", escape(name))
        }
        several => {
            let names: Vec<String> = several.iter().map(ExportedFunction::full_name).collect();
            bail!("the component exports several functions `{}`: {}", escape(name), names.join(", "))
        }
    }
}

/// The arguments after the name, which has this length.
fn arguments(
    component: &Component<'_>,
    function: &ExportedFunction<'_>,
    invocation: &str,
    name: usize,
) -> Result<Vec<Value>> {
    let params = &component.types[component.types[function.ty].params].types;
    let types = params.iter().map(|ty| types::wave(component, *ty)).collect::<Option<Vec<_>>>();
    let declaration = || {
        let declaration = Wit::plain(component).declaration(function.ty);
        format!("`{}` is {declaration}", escape(&function.full_name()))
    };
    let Some(types) = types else { bail!("handles can't be given as arguments; {}", declaration()) };
    ensure!(invocation.len() > name, "there are no arguments, not even `()`; {}", declaration());
    // Names of WIT may be words of WAVE or what its parser doesn't know, so it sees another one of the same length.
    let call = "f".repeat(name.max(1)) + &invocation[name..];
    let parsed = UntypedFuncCall::parse(&call).and_then(|call| call.to_wasm_params(&types));
    parsed.map_err(|error| anyhow!("{}; {}", described(&error, &call, name), declaration()))
}

/// What is wrong, and the text that it is about, unless that is the name, which has this length.
fn described(error: &ParserError, call: &str, name: usize) -> String {
    let what = match (std::error::Error::source(error), error.detail()) {
        (Some(cause), _) => cause.to_string(),
        (None, Some(detail)) => format!("{}: {detail}", error.kind()),
        (None, None) => error.kind().to_string(),
    };
    let span = error.span();
    match call.get(span.clone()) {
        Some(text) if span.start >= name && !text.is_empty() => {
            format!("{} at `{}`", escape(&what), escape(text))
        }
        _ => escape(&what).into_owned(),
    }
}
