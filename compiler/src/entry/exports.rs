//! The functions that a module exports, as messages list them.

use crate::escape::escape;
use crate::parse::{FuncIndex, Item, Module};
use crate::program::describe;

/// The function that a reactor exports to be called before any other.
pub const REACTOR: &str = "_initialize";

/// The maximum number of functions that a message lists.
const MOST_LISTED: usize = 10;

/// The maximum length in bytes of a function's name in the list.
const MOST_NAME_BYTES: usize = 100;

/// The exported functions, for diagnostics; none if there is nothing but `_initialize`. If there are many, only the
/// first ones.
pub fn list(module: &Module<'_>) -> Option<String> {
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

/// A name as it appears in messages: escaped, and shortened if it is long.
pub fn shown(name: &str) -> String {
    match name.len() {
        ..=MOST_NAME_BYTES => escape(name).into_owned(),
        _ => format!("{}...", escape(&name[..name.floor_char_boundary(MOST_NAME_BYTES)])),
    }
}
