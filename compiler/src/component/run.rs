//! What a component that is a command runs: `run` of the interface `wasi:cli/run`.

use wasmtime_environ::component::{CoreDef, Export, OptionsIndex};

use super::{Component, names};

/// The interface that commands export.
const INTERFACE: &str = "wasi:cli/run";

/// The core function that is lifted as `run`, and its options: of the highest version 0.2 that the component exports.
pub fn find<'c>(component: &'c Component<'_>) -> Option<(&'c CoreDef, OptionsIndex)> {
    let translation = &component.translation.component;
    let commands = translation.exports.raw_iter().filter_map(|(name, (index, _))| {
        let is_command = names::wasi_interface(name) == Some(INTERFACE);
        let Export::Instance { exports, .. } = &translation.export_items[*index] else { return None };
        let patch = name.rsplit_once('.').and_then(|(_, patch)| patch.parse::<u32>().ok());
        is_command.then_some((patch, exports))
    });
    let (_, exports) = commands.max_by_key(|(patch, _)| *patch)?;
    let (_, (run, _)) = exports.raw_iter().find(|(name, _)| &***name == "run")?;
    match &translation.export_items[*run] {
        Export::LiftedFunction { func, options, .. } => Some((func, *options)),
        _ => None,
    }
}
