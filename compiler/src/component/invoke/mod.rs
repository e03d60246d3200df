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

/// The exported function with this name. The name of its interface may be left out, if there is only one such function.
fn find<'c>(component: &'c Component<'_>, name: &str) -> Result<ExportedFunction<'c>> {
    let mut found = exports::functions(component);
    found.retain(|function| function.name == name || function.full_name() == name);
    match &*found {
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
    let Some(types) = types else { bail!("{}: handles can't be given as arguments", declaration()) };
    ensure!(invocation.len() > name, "arguments are missing, `()` if there are none: {}", declaration());
    // Names of WIT may be words of WAVE or what its parser doesn't know, so it sees another one of the same length.
    let call = "f".repeat(name.max(1)) + &invocation[name..];
    let parsed = UntypedFuncCall::parse(&call).and_then(|call| call.to_wasm_params(&types));
    parsed.map_err(|error| anyhow!("{}: {}", described(&error, &call), declaration()))
}

/// What is wrong, and the text that it is about.
fn described(error: &ParserError, call: &str) -> String {
    let cause = std::error::Error::source(error).map(|cause| cause.to_string());
    let what = match cause.or(error.detail().map(str::to_owned)) {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    match call.get(error.span()).unwrap_or_default() {
        "" => escape(&what).into_owned(),
        text => format!("{}, in `{}`", escape(&what), escape(text)),
    }
}
