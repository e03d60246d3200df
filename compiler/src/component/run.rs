//! What a component that is a command runs: `run` of the interface `wasi:cli/run`.

use super::exports::{self, ExportedFunction};
use super::wit::Wit;
use super::{Component, names};

/// The interface that commands export.
const INTERFACE: &str = "wasi:cli/run";

/// The function `run` of the highest version 0.2 that the component exports.
pub fn find<'c>(component: &'c Component<'_>) -> Option<ExportedFunction<'c>> {
    let wit = Wit::plain(component);
    let patch = |function: &ExportedFunction<'_>| {
        let version = function.instance.and_then(|instance| instance.rsplit_once("@0.2."))?.1;
        version.split('+').next()?.parse::<u64>().ok()
    };
    let runs = exports::functions(component).into_iter().filter(|function| {
        let interface = function.instance.and_then(names::wasi_interface);
        interface == Some(INTERFACE) && function.name == "run" && wit.signature(function.ty) == "() -> result"
    });
    runs.max_by_key(patch)
}
