//! The flags of the sandbox: what the program may reach and use. They add to the policy file, and take
//! the place of what is in it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use clap::Args;

use crate::escape::escape;
use crate::policy::bundle::Bundle;
use crate::policy::quantity::{duration, size, stack};
use crate::policy::{DirGrant, Policy, file, is_variable, parse_listener};

#[derive(Args)]
pub struct PolicyOptions {
    /// Read grants and limits from a file; the flags add to it.
    #[arg(long, value_name = "FILE", help_heading = "Sandbox grants")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    grants: Grants,
    #[command(flatten)]
    limits: LimitOptions,
}

/// What the program may reach. Without any, it sees no file and no environment.
#[derive(Args)]
#[command(next_help_heading = "Sandbox grants")]
struct Grants {
    /// Grant a directory, under the name GUEST. A relative HOST is resolved when the program starts.
    #[arg(long, value_name = "HOST[::GUEST][:ro]")]
    dir: Vec<String>,
    /// Let the program accept TCP connections at an address, e.g. 127.0.0.1:8080 or [::]:80. Its
    /// descriptors come first, from 3 on.
    #[arg(long, value_name = "IP:PORT")]
    tcplisten: Vec<String>,
    /// Set an environment variable of the program.
    #[arg(long, value_name = "KEY=VALUE")]
    env: Vec<String>,
    /// Let the program see the environment that it is started with.
    #[arg(long)]
    inherit_env: bool,
    /// What the program sees as its own name.
    #[arg(long, value_name = "NAME")]
    arg0: Option<String>,
    /// Put a directory tree into the executable; the program sees it, read-only, under the name GUEST, below
    /// the directory that is granted under that name, if any.
    #[arg(long, value_name = "HOSTDIR::GUEST")]
    bundle: Vec<String>,
    /// For tools that you trust: the working directory, all other directories and the environment, as a
    /// native program has them.
    #[arg(long)]
    native: bool,
    /// Leave out what lets the user who starts the program grant it more, by WASM_AOT_DIRS and
    /// WASM_AOT_ENV.
    #[arg(long)]
    lock_policy: bool,
    /// Let the user who starts the program see its WASI calls, by WASM_AOT_TRACE=wasi, and collections of
    /// garbage, by WASM_AOT_TRACE=gc. `wasm-aot run` does this by itself if that is set.
    #[arg(long)]
    trace: bool,
}

/// What the program may use.
#[derive(Args)]
#[command(next_help_heading = "Limits")]
struct LimitOptions {
    /// Most bytes of each linear memory, such as 64MiB.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_memory: Option<u64>,
    /// Most bytes of objects of the garbage-collected heap, such as 64MiB.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    gc_heap_max: Option<u64>,
    /// Most elements of each table.
    #[arg(long, value_name = "N")]
    max_table: Option<u64>,
    /// Most threads at a time, the program's first one included; starting more fails. Without it there is no limit.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_threads: Option<u64>,
    /// Stack of the program, in KiB or with a unit; 8MiB by default.
    #[arg(long, value_name = "SIZE", value_parser = stack)]
    stack_size: Option<u64>,
    /// Trap when the program has run for this long, such as 30s.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<u64>,
    /// Trap when about this many instructions have been executed; exactly the same place each time.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    fuel: Option<u64>,
    /// Let memory.grow and table.grow beyond --max-memory and --max-table fail instead of trapping.
    #[arg(long)]
    soft_limits: bool,
}

/// Guest names of the grants of a flag. One takes the place of the policy file's, but not of another flag's: that
/// would be lost without a word.
struct Names<'g> {
    flag: &'static str,
    /// Name and the grant that has it.
    seen: HashMap<String, &'g str>,
}

impl<'g> Names<'g> {
    fn add(&mut self, guest: &str, grant: &'g str) -> Result<()> {
        let Some(other) = self.seen.insert(guest.to_owned(), grant) else { return Ok(()) };
        let (flag, other, grant, guest) = (self.flag, escape(other), escape(grant), escape(guest));
        bail!("{flag} {other} and {flag} {grant} have the same guest name, `{guest}`: leave one out")
    }
}

impl PolicyOptions {
    /// The policy file.
    pub fn file(&self) -> Option<&Path> {
        self.policy.as_deref()
    }

    pub fn policy(&self) -> Result<Policy> {
        let mut policy = match &self.policy {
            Some(path) => file::read(path)?,
            None => Policy::default(),
        };
        let grants = &self.grants;
        let mut names = Names { flag: "--dir", seen: HashMap::new() };
        for text in &grants.dir {
            let dir = DirGrant::parse(text)?;
            names.add(&dir.guest, text)?;
            policy.add_dir(dir);
        }
        let mut names = Names { flag: "--bundle", seen: HashMap::new() };
        for text in &grants.bundle {
            let bundle = Bundle::parse(text)?;
            names.add(&bundle.guest, text)?;
            policy.add_bundle(bundle);
        }
        for address in &grants.tcplisten {
            policy
                .listeners
                .push(parse_listener(address).map_err(|error| anyhow!("--tcplisten {}", escape(&error)))?);
        }
        for entry in &grants.env {
            if !is_variable(entry) {
                bail!("--env takes KEY=VALUE, not `{}`", escape(entry));
            }
            policy.add_env(entry.clone());
        }
        policy.inherit_env |= grants.inherit_env;
        policy.native |= grants.native;
        policy.locked |= grants.lock_policy;
        policy.trace |= grants.trace;
        policy.arg0 = grants.arg0.clone().or(policy.arg0);
        let limits = &mut policy.limits;
        limits.memory = self.limits.max_memory.or(limits.memory);
        limits.table = self.limits.max_table.or(limits.table);
        limits.heap = self.limits.gc_heap_max.or(limits.heap);
        limits.threads = self.limits.max_threads.or(limits.threads);
        limits.stack = self.limits.stack_size.unwrap_or(limits.stack);
        limits.timeout = self.limits.timeout.or(limits.timeout);
        limits.fuel = self.limits.fuel.or(limits.fuel);
        limits.soft |= self.limits.soft_limits;
        Ok(policy)
    }
}
