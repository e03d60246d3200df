//! Why a module can't be instantiated.

use std::fmt;

use crate::escape::escape;
use crate::parse::{Import, Item};

/// An import that nothing provides.
#[derive(Clone, Debug)]
pub struct UnknownImport {
    pub module: String,
    pub name: String,
    pub kind: &'static str,
    /// What there is instead.
    pub note: Option<String>,
}

impl UnknownImport {
    pub fn new(import: &Import<'_>) -> UnknownImport {
        let kind = match import.item {
            Item::Func(_) => "function",
            Item::Table(_) => "table",
            Item::Memory(_) => "memory",
            Item::Global(_) => "global",
            Item::Tag(_) => "tag",
        };
        let (module, name) = (import.module_name().into_owned(), import.name.to_owned());
        UnknownImport { module, name, kind, note: None }
    }
}

/// The maximum number of imports that a message lists.
const MOST_LISTED: usize = 100;

/// Why a module can't be instantiated.
#[derive(Debug)]
pub enum LinkError {
    Unknown(Vec<UnknownImport>),
    Incompatible {
        module: String,
        name: String,
        reason: String,
    },
    TooLarge(String),
    /// A feature of components that isn't supported.
    Unsupported(String),
    /// An error in a program that starts threads.
    Threads(String),
    /// Modules that can't be linked together.
    Modules(String),
    /// An error in a linked module, with its name.
    In(String, Box<LinkError>),
}

impl std::error::Error for LinkError {}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::Unknown(imports) => {
                write!(f, "nothing provides these imports:")?;
                for import in imports.iter().take(MOST_LISTED) {
                    write!(f, "\n  {} {}", import.kind, full_name(&import.module, &import.name))?;
                    if let Some(note) = &import.note {
                        write!(f, ": {note}")?;
                    }
                }
                if let Some(more @ 1..) = imports.len().checked_sub(MOST_LISTED) {
                    write!(f, "\n  and {more} more")?;
                }
                write!(f, "\nfunctions among them can be made to trap when called: --trap-unknown-imports")
            }
            LinkError::Incompatible { module, name, reason } => {
                write!(f, "incompatible import type: {}: {reason}", full_name(module, name))
            }
            LinkError::TooLarge(what)
            | LinkError::Unsupported(what)
            | LinkError::Threads(what)
            | LinkError::Modules(what) => f.write_str(what),
            LinkError::In(name, error) => write!(f, "in the linked module `{}`: {error}", escape(name)),
        }
    }
}

/// The name of an import with where it is from: `env.f`, `wasi:io/poll@0.2.0#poll`.
fn full_name(module: &str, name: &str) -> String {
    // After a version, a dot would seem to belong to it.
    let separator = if module.contains('@') { '#' } else { '.' };
    format!("{}{separator}{}", escape(module), escape(name))
}
