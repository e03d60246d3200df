//! The options that link modules together, which `build`, `run` and `inspect` share.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use super::input;
use crate::component::is_component;
use crate::modules::Linked;

#[derive(Args)]
pub struct LinkOptions {
    /// Link a module: what others import from a module of this name is what it exports. It is instantiated first, and
    /// its `_initialize` is called.
    #[arg(long, value_name = "NAME=FILE", value_parser = named)]
    link: Vec<(String, PathBuf)>,
    /// Link a shared library, as `wasm-ld -shared` makes it. It shares the memory of the main module.
    #[arg(long, value_name = "FILE")]
    link_shared: Vec<PathBuf>,
}

fn named(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((_, "")) => Err("there is no file after `=`".to_owned()),
        Some((name, path)) => Ok((name.to_owned(), path.into())),
        None => Err("a name and a file are needed: NAME=FILE".to_owned()),
    }
}

impl LinkOptions {
    /// The files that are read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.link.iter().map(|(_, path)| path).chain(&self.link_shared).map(PathBuf::as_path)
    }

    /// Reads the modules. A shared library has the name of its file.
    ///
    /// # Errors
    /// If a file can't be read or is a component, or two modules have one name.
    pub fn read(&self) -> Result<Vec<Linked>> {
        let mut linked: Vec<Linked> = Vec::new();
        let shared = self.link_shared.iter().map(|path| (None, path));
        let named = self.link.iter().map(|(name, path)| (Some(name.clone()), path));
        for (name, path) in named.chain(shared) {
            let is_shared = name.is_none();
            let name = match name {
                Some(name) => name,
                None => {
                    let file = path.file_name();
                    let file = file.with_context(|| format!("{} has no file name", input::name(path)))?;
                    file.to_string_lossy().into_owned()
                }
            };
            let wasm = input::read_module(path)?;
            if is_component(&wasm) {
                bail!("{} is a component, and only modules can be linked", input::name(path));
            }
            linked.push(Linked { name, is_shared, wasm: wasm.into() });
        }
        Ok(linked)
    }
}
