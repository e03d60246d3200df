//! `run` on Linux: takes the program from the cache, or builds it, and executes it in place of this process.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};

use super::super::{input, interrupt, message, progress};
use super::Run;
use crate::Compiler;
use crate::cache::exec::{self, Program};
use crate::cache::{Cache, Entry, Fault, Found, Key, Unusable, evict};
use crate::driver::BuildPlan;

impl Run {
    /// Returns only if the program can't be run.
    pub(super) fn become_program(&self, input: &Path, arguments: &[OsString], plan: BuildPlan) -> Result<()> {
        let name = input.file_name().unwrap_or(input.as_os_str());
        let program = self.program(input, name, plan)?;
        Err(exec::execute(program, name, arguments))
            .with_context(|| format!("can't run {}", input::name(input)))
    }

    /// Finds or builds the program.
    fn program(&self, input: &Path, name: &OsStr, plan: BuildPlan) -> Result<Program> {
        let limit = evict::limit()?;
        let key_of = |module: &mut dyn Read| Key::new(module, input::may_be_text(input), &plan);
        let cannot_read = || format!("can't read {}", input::name(input));
        // Input that isn't a regular file can be read only once, so it is read as a whole.
        let is_file = input.metadata().is_ok_and(|metadata| metadata.is_file());
        let file = is_file.then(|| File::open(input)).transpose().with_context(cannot_read)?;
        let module = if is_file { None } else { Some(input::read(input)?) };
        let cache = self.cache();
        let mut looked_up = None;
        if let (Some(cache), Some(mut file)) = (&cache, file) {
            let key = key_of(&mut file).with_context(cannot_read)?;
            if let Some(entry) = self.find(cache, &key, name) {
                return Ok(Program::Cached(entry));
            }
            looked_up = Some(key);
        }
        interrupt::end_cleanly()?;
        let module = module.map_or_else(|| input::read(input), Ok)?;
        // The file may have changed in the meantime.
        let key = key_of(&mut &module[..])?;
        if let Some(cache) = &cache
            && looked_up.as_ref() != Some(&key)
            && let Some(entry) = self.find(cache, &key, name)
        {
            return Ok(Program::Cached(entry));
        }
        let module = input::to_binary(input, module)?;
        let executable = progress::show(Compiler::from(plan), true)
            .compile(&module)
            .with_context(|| format!("can't build {}", input::name(input)))?;
        executable.warnings().iter().for_each(|warning| message::warning(warning));
        let executable = executable.into_bytes();
        if let Some(cache) = &cache {
            match cache.store(&key, &executable, name, limit) {
                Ok(entry) => return Ok(Program::Cached(entry)),
                Err(fault) => {
                    self.note(format!("the program isn't added to the cache: its place there {fault}"));
                }
            }
        }
        Ok(Program::Memory(executable))
    }

    /// Looks the program up. An entry that can't be used is removed.
    fn find(&self, cache: &Cache, key: &Key, name: &OsStr) -> Option<Entry> {
        match cache.find(key, name) {
            Found::Entry(entry) => return Some(entry),
            Found::Nothing => self.note("the program isn't in the cache"),
            Found::Wrong(fault) => {
                let text = format!("the program in the cache {fault}; it is built again");
                match fault {
                    // This may be the work of an attacker, or a mistake that lets attackers in.
                    Fault::Unsafe(_) => message::warning(&text),
                    _ => self.note(text),
                }
                if let Err(error) = cache.discard(key) {
                    self.note(format!("the program in the cache can't be removed: {error}"));
                }
            }
        }
        None
    }

    /// The cache, if it is wanted and available.
    fn cache(&self) -> Option<Cache> {
        if self.no_cache {
            return None;
        }
        match Cache::open() {
            Ok(cache) => Some(cache),
            Err(unusable @ Unusable::Unsafe(..)) => {
                message::warning(&format!("the cache isn't used: {unusable}"));
                None
            }
            Err(unusable) => {
                self.note(format!("there is no cache: {unusable}"));
                None
            }
        }
    }

    fn note(&self, text: impl std::fmt::Display) {
        if self.verbose {
            message::note(&format!("note: {text}"));
        }
    }
}
