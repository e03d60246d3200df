//! The choices about pre-initialisation, and the exports of the module that it changes.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::escape::escape;
use crate::parse::{Export, Module};
use crate::policy::{Bundle, DirGrant};

/// The export that is called if none is named, as in wizer.
pub const DEFAULT_EXPORT: &str = "wizer-initialize";

/// How long the initialiser may run if nothing else is said.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// The choices about pre-initialisation.
#[derive(Clone, Debug)]
pub struct Preinit {
    /// The exported function that is called, after `_initialize`.
    pub export: String,
    /// Exports that get other names afterwards.
    pub renames: Vec<Rename>,
    /// The directories that the initialiser may reach.
    pub dirs: Vec<DirGrant>,
    /// Directory trees that only the initialiser sees, beside those that are put into the program.
    pub bundles: Vec<Bundle>,
    /// The environment of the initialiser: `KEY=VALUE`.
    pub env: Vec<String>,
    /// How long the initialiser may run.
    pub timeout: Duration,
}

/// A new name for an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// The new name. An export that had it before is no more.
    pub new: String,
    pub old: String,
}

impl Default for Preinit {
    fn default() -> Preinit {
        Preinit {
            export: DEFAULT_EXPORT.to_owned(),
            renames: Vec::new(),
            dirs: Vec::new(),
            bundles: Vec::new(),
            env: Vec::new(),
            timeout: DEFAULT_TIMEOUT,
        }
    }
}

impl Rename {
    /// Parses `NEW=OLD`.
    ///
    /// # Errors
    /// If the text has another form.
    pub fn parse(text: &str) -> Result<Rename, String> {
        match text.split_once('=') {
            Some((new, old)) if !new.is_empty() && !old.is_empty() => {
                Ok(Rename { new: new.to_owned(), old: old.to_owned() })
            }
            _ => Err(format!("takes NEW=OLD, the names of two exports, not `{}`", escape(text))),
        }
    }
}

impl Preinit {
    /// Makes the exports of a module those of the program that starts with the state: without the functions that have run
    /// (`ran`: `_initialize`), with the new names.
    ///
    /// # Errors
    /// If an export that gets another name doesn't exist.
    pub fn change_exports<'a>(&'a self, module: &mut Module<'a>, ran: &str) -> Result<()> {
        let exports = &mut module.exports;
        exports.retain(|export| export.name != self.export && export.name != ran);
        for Rename { new, old } in &self.renames {
            let Some(Export { item, .. }) = exports.iter().find(|export| export.name == old) else {
                bail!("the export `{}` can't be renamed: there is none of this name", escape(old));
            };
            let item = *item;
            exports.retain(|export| export.name != old && export.name != new);
            exports.push(Export { name: new, item });
        }
        Ok(())
    }
}
