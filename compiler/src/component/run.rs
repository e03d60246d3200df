//! What a component that is a command runs: `run` of the interface `wasi:cli/run`.

use super::exports::{self, ExportedFunction};
use super::wit::Wit;
use super::{Component, names};

/// The interface that commands export.
const INTERFACE: &str = "wasi:cli/run";

/// The function `run` of the highest version that the component exports, of 0.3 or 0.2.
pub fn find<'c>(component: &'c Component<'_>) -> Option<ExportedFunction<'c>> {
    let wit = Wit::plain(component);
    let version = |function: &ExportedFunction<'_>| {
        let (_, version) = function.instance?.rsplit_once("@0.")?;
        let (minor, patch) = version.split('+').next()?.split_once('.')?;
        Some((minor.parse::<u64>().ok()?, patch.parse::<u64>().ok()?))
    };
    let runs = exports::functions(component).into_iter().filter(|function| {
        let of =
            |interface: fn(&str) -> Option<&str>| function.instance.and_then(interface) == Some(INTERFACE);
        // An export needn't be asynchronous.
        let types: &[&str] = match () {
            () if of(names::wasi3_interface) => &["async () -> result", "() -> result"],
            () if of(names::wasi_interface) => &["() -> result"],
            () => &[],
        };
        function.name == "run" && types.contains(&&*wit.signature(function.ty))
    });
    runs.max_by_key(version)
}
