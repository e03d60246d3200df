//! Where the bytes of a file come from: of an executable or a shared library that wasm-aot made, of a module, of a component.
//! Every byte counts once, so that the sums equal the size of the file.
//!
//! The file may come from anywhere: nothing in it is trusted, nothing panics, and the work is bounded by its size. What
//! a file doesn't say isn't guessed, but listed: [`Sizes::unknown`].

mod component;
mod diff;
mod executable;
mod module;
mod names;
mod ranges;
mod reached;
mod tree;

use std::sync::Arc;

use serde::Serialize;

pub use component::component;
pub use diff::{Change, Diff, KindChange};
pub use executable::{Executable, executable};
pub use module::module;
pub use reached::Reached;
pub use tree::Node;

/// What bytes are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Functions of the modules: machine code in an executable, bodies in a module.
    Code,
    /// Functions and data of the runtime.
    Runtime,
    /// Initial contents of linear memories.
    Data,
    /// Initial elements of tables, and references to functions.
    Tables,
    /// Directory trees that `--bundle` has put into the executable.
    Bundles,
    /// What is known about the code and what it declares, such as types, names of functions, traps and lines.
    Metadata,
    /// Data that nothing in the file names.
    Constants,
    /// What only debuggers and linkers read.
    Debug,
    /// What the system reads to load the file, and where sections begin.
    Headers,
    Padding,
}

impl Kind {
    /// What it is called for people.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Code => "code",
            Kind::Runtime => "runtime",
            Kind::Data => "data",
            Kind::Tables => "tables",
            Kind::Bundles => "bundled files",
            Kind::Metadata => "metadata",
            Kind::Constants => "constants",
            Kind::Debug => "debug information",
            Kind::Headers => "headers",
            Kind::Padding => "padding",
        }
    }
}

/// A part of a file: a function, or anything else that is known by a name.
#[derive(Clone, Debug)]
pub struct Part {
    pub kind: Kind,
    /// The module of the component that it is in.
    pub module: Option<Arc<str>>,
    /// What it is in, within its kind, from the outside to the inside.
    pub groups: Vec<String>,
    /// Escaped; of a function demangled, with its namespaces.
    pub name: String,
    pub role: Role,
}

/// Whether a part is a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Function,
    /// A function that no build keeps, since nothing can call it.
    DeadFunction,
    Other,
}

impl Part {
    /// A part that isn't a function.
    fn new(kind: Kind, name: impl Into<String>) -> Part {
        Part { kind, module: None, groups: Vec::new(), name: name.into(), role: Role::Other }
    }

    /// A function, by its demangled and escaped name.
    fn function(kind: Kind, name: String) -> Part {
        Part { groups: names::namespaces(&name), role: Role::Function, ..Part::new(kind, name) }
    }

    fn within(self, group: impl Into<String>) -> Part {
        Part { groups: vec![group.into()], ..self }
    }
}

/// Where the bytes of a file come from.
pub struct Sizes {
    /// The parts that aren't empty.
    pub root: Node,
    /// What the file doesn't say, as sentences.
    pub unknown: Vec<String>,
}

/// How the compiler calls a function without a name: by its index.
fn is_unnamed(function: &str) -> bool {
    let index = function.strip_prefix("function ");
    index.is_some_and(|index| !index.is_empty() && index.bytes().all(|digit| digit.is_ascii_digit()))
}

/// The sentence about functions without names; none if all have one.
fn unnamed(functions: usize) -> Option<String> {
    match functions {
        0 => None,
        1 => Some("A function has no name: it is called by its index in the module.".to_owned()),
        _ => Some(format!(
            "{functions} functions have no names: they are called by their indices in the module."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_without_names() {
        assert!(is_unnamed("function 0") && is_unnamed("function 123"));
        assert!(!is_unnamed("function ") && !is_unnamed("function x") && !is_unnamed("main"));
    }
}
