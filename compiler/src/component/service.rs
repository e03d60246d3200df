//! What a component that is a service exports: `handle` of the interface `wasi:http/incoming-handler`.

use super::exports::{self, ExportedFunction};
use super::wit::Wit;
use super::{Component, names, run};

/// The interface that services export.
const INTERFACE: &str = "wasi:http/incoming-handler";

/// The type of `handle`.
const TYPE: &str = "(own<incoming-request>, own<response-outparam>)";

/// The function `handle`, of any version 0.2, that the component exports.
pub fn find<'c>(component: &'c Component<'_>) -> Option<ExportedFunction<'c>> {
    let wit = Wit::plain(component);
    exports::functions(component).into_iter().find(|function| {
        let interface = function.instance.and_then(names::wasi_interface);
        interface == Some(INTERFACE) && function.name == "handle" && wit.signature(function.ty) == TYPE
    })
}

/// Whether the component becomes a server if nothing else is said: it is a service, and no command.
pub fn is_server(component: &Component<'_>) -> bool {
    run::find(component).is_none() && find(component).is_some()
}
