//! `wasm-aot run`: takes the program from the cache, or builds it, and becomes it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueHint};
use wasm_aot_abi::policy::{TRACE_GC, TRACE_WASI, USER_TRACE};

use super::options::CompileOptions;
use super::{help, input, message};
use crate::build::{self, BuildPlan};
use crate::cache::exec::{self, Program};
use crate::cache::{Cache, Entry, Fault, Found, Key, Unusable, evict};
use crate::escape::escape;
use crate::target::Target;

#[derive(Args)]
#[command(override_usage = "wasm-aot run [OPTIONS] <INPUT> [ARGS]...", after_help = help::RUN)]
pub struct Run {
    /// Neither look for the program in the cache nor put it there.
    #[arg(long)]
    no_cache: bool,
    /// Tell what is done with the cache.
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    compile: CompileOptions,
    /// The module, in the binary or (as `.wat`) the text format; `-` is standard input. Whatever follows it are arguments of the program; a
    /// `--` between them is left out.
    #[arg(
        required = true,
        num_args = 1..,
        trailing_var_arg = true,
        value_names = ["INPUT", "ARGS"],
        value_hint = ValueHint::CommandWithArguments,
    )]
    input: Vec<OsString>,
}

impl Run {
    pub fn execute(self) -> Result<()> {
        let (input, arguments) = split(&self.input)?;
        let mut plan = self.compile.plan(Target::host()?)?;
        plan.policy.trace |= wants_trace()?;
        self.compile.warn();
        plan.progress = std::io::stderr().is_terminal();
        let name = input.file_name().unwrap_or(input.as_os_str());
        let program = self.program(input, name, &plan)?;
        Err(exec::execute(program, name, arguments))
            .with_context(|| format!("can't run {}", input::name(input)))
    }

    /// Finds or builds the program.
    fn program(&self, input: &Path, name: &OsStr, plan: &BuildPlan) -> Result<Program> {
        let limit = evict::limit()?;
        let key_of = |module: &mut dyn Read| Key::new(module, input::may_be_text(input), plan);
        let cannot_read = || format!("can't read {}", input::name(input));
        // What isn't a file can be read only once, so it is read as a whole.
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
        crate::output::end_cleanly_on_interrupt()?;
        let module = module.map_or_else(|| input::read(input), Ok)?;
        // A file may have changed meanwhile.
        let key = key_of(&mut &module[..])?;
        if let Some(cache) = &cache
            && looked_up.as_ref() != Some(&key)
            && let Some(entry) = self.find(cache, &key, name)
        {
            return Ok(Program::Cached(entry));
        }
        let module = input::to_binary(input, module)?;
        let (executable, report) = build::executable(&module, plan)
            .with_context(|| format!("can't build {}", input::name(input)))?;
        report.warnings.iter().for_each(|warning| message::warning(warning));
        if let Some(cache) = &cache {
            match cache.store(&key, &executable, name, limit) {
                Ok(entry) => return Ok(Program::Cached(entry)),
                Err(fault) => {
                    self.note(format!("the program isn't put into the cache: its place there {fault}"));
                }
            }
        }
        Ok(Program::Memory(executable))
    }

    /// Looks the program up. What is wrong is removed.
    fn find(&self, cache: &Cache, key: &Key, name: &OsStr) -> Option<Entry> {
        match cache.find(key, name) {
            Found::Entry(entry) => return Some(entry),
            Found::Nothing => self.note("the program isn't in the cache"),
            Found::Wrong(fault) => {
                let text = format!("the program in the cache {fault}; it is built again");
                match fault {
                    // An attacker may be behind it, or a mistake that lets attackers in.
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

    /// The cache, if there is to be one and can be one.
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

/// The module, and the arguments of the program.
fn split(words: &[OsString]) -> Result<(&Path, &[OsString])> {
    let Some((input, arguments)) = words.split_first() else { bail!("there is no module to run") };
    let arguments = match arguments.split_first() {
        Some((dashes, rest)) if dashes == "--" => rest,
        _ => arguments,
    };
    Ok((Path::new(input), arguments))
}

/// Does the environment ask for something to be traced?
fn wants_trace() -> Result<bool> {
    match std::env::var_os(USER_TRACE) {
        Some(value) if !value.is_empty() => {
            let known = |item: &[u8]| item == TRACE_WASI || item == TRACE_GC;
            if !value.as_encoded_bytes().split(|byte| *byte == b',').all(known) {
                bail!(
                    "{USER_TRACE} takes `wasi`, `gc` or `wasi,gc`, not `{}`",
                    escape(&value.to_string_lossy())
                );
            }
            Ok(true)
        }
        _ => Ok(false),
    }
}
