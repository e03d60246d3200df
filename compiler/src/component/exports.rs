//! The functions that a component exports.

use wasmtime_environ::component::{CoreDef, Export, OptionsIndex, TypeFuncIndex};

use super::Component;
use super::names::{self, Exported};
use super::wit::Wit;
use crate::escape::escape;

/// The maximum number of functions that a message lists.
const MOST_LISTED: usize = 20;

/// The maximum length in bytes of a line of the list.
const MOST_LINE_BYTES: usize = 200;

/// A function that a component exports.
#[derive(Clone, Copy)]
pub struct ExportedFunction<'c> {
    /// The exported instance that it is in, if it is in one.
    pub instance: Option<&'c str>,
    pub name: &'c str,
    pub ty: TypeFuncIndex,
    /// The core function that is lifted.
    pub func: &'c CoreDef,
    pub options: OptionsIndex,
}

impl ExportedFunction<'_> {
    /// Its name in WAVE: `add`, `local:math/adder.add@1.0.0`.
    pub fn full_name(&self) -> String {
        match self.instance.map(|instance| instance.split_once('@').unwrap_or((instance, ""))) {
            None => self.name.to_owned(),
            Some((interface, "")) => format!("{interface}.{}", self.name),
            Some((interface, version)) => format!("{interface}.{}@{version}", self.name),
        }
    }
}

/// The functions that a component exports, and those in the instances that it exports.
pub fn functions<'c>(component: &'c Component<'_>) -> Vec<ExportedFunction<'c>> {
    let exports = names::exports(component).into_iter();
    let functions = exports.filter_map(|Exported { instance, name, item }| match item {
        Export::LiftedFunction { ty, func, options } => {
            Some(ExportedFunction { instance, name, ty: *ty, func, options: *options })
        }
        _ => None,
    });
    functions.collect()
}

/// The exported functions for diagnostics, each on a line; none if there are none.
pub fn list(component: &Component<'_>) -> Option<String> {
    let functions = functions(component);
    let wit = Wit::plain(component);
    let mut text = "it exports".to_owned();
    for function in functions.iter().take(MOST_LISTED) {
        let line = format!("{}: {}", escape(&function.full_name()), wit.declaration(function.ty));
        text += "\n  ";
        text += &line[..line.floor_char_boundary(MOST_LINE_BYTES)];
        if line.len() > MOST_LINE_BYTES {
            text += "...";
        }
    }
    if let Some(more @ 1..) = functions.len().checked_sub(MOST_LISTED) {
        text += &format!("\n  and {more} more");
    }
    (!functions.is_empty()).then_some(text)
}
