//! The modules of one program: the main one, and those that are linked to it (`--link`, `--link-shared`), each by a name.
//!
//! An import is bound to what the module of that name exports, else to the host. Shared libraries, whose section `dylink.0`
//! says that they are ones, share the main module's memory and table and its namespace, `env`; where each has its part
//! of memory and table is decided here, so addresses are constants in the program (`shared`).

mod command;
mod link;
mod linker;
mod nearest;
mod order;
mod shared;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use wasmparser::WasmFeatures;

pub use link::{Linking, link};

use crate::escape::escape;
use crate::parse::{self, Module};

/// A module that is linked to the main one.
#[derive(Clone)]
pub struct Linked {
    /// The module name by which others import from it; of a shared library the name by which others need it.
    pub name: String,
    /// Whether it has to be a shared library.
    pub is_shared: bool,
    /// The module in the binary format.
    pub wasm: Arc<[u8]>,
}

/// Leaves out the module's bytes.
impl fmt::Debug for Linked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Linked { name, is_shared, wasm } = self;
        write!(f, "Linked {{ name: {name:?}, is_shared: {is_shared}, bytes: {} }}", wasm.len())
    }
}

/// The parsed modules of a program.
pub struct Modules<'a> {
    pub main: Module<'a>,
    /// The linked modules with their names.
    pub linked: Vec<(&'a str, Module<'a>)>,
}

impl<'a> Modules<'a> {
    /// What the linked modules export: their names, and those of the exports.
    pub fn provided(&self) -> HashSet<(&str, &str)> {
        let names = |(name, module): &(&'a str, Module<'a>)| -> Vec<(&'a str, &'a str)> {
            module.exports.iter().map(|export| (*name, export.name)).collect()
        };
        self.linked.iter().flat_map(names).collect()
    }

    /// Parses and validates the main module and those that are linked to it.
    ///
    /// # Errors
    /// As [`parse::parse`], with the name of the module that is wrong.
    pub fn parse(main: &'a [u8], linked: &'a [Linked], features: WasmFeatures) -> Result<Modules<'a>> {
        let main = parse::parse(main, features)?;
        let parse = |linked: &'a Linked| {
            let module = parse::parse(&linked.wasm, features)
                .with_context(|| format!("in the linked module `{}`", escape(&linked.name)))?;
            if linked.is_shared && module.dylink.is_none() {
                bail!(
                    "`{}` isn't a shared library: it has no section `dylink.0`, which `wasm-ld -shared` writes; \
                     other modules are linked by a name: --link NAME=FILE",
                    escape(&linked.name)
                );
            }
            Ok((&*linked.name, module))
        };
        let linked = linked.iter().map(parse).collect::<Result<_>>()?;
        Ok(Modules { main, linked })
    }

    /// Whether there is a single module, and nothing for it to be linked to.
    pub fn is_single(&self) -> bool {
        self.linked.is_empty() && self.main.dylink.is_none()
    }

    /// All modules: the main one first.
    pub fn all(&self) -> impl Iterator<Item = &Module<'a>> {
        std::iter::once(&self.main).chain(self.linked.iter().map(|(_, module)| module))
    }
}
