//! Options that `build` and `run` share.

use std::ffi::OsString;
use std::net::SocketAddr;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::build::BuildPlan;
use crate::link::Linker;
use crate::metadata::{DirGrant, Policy};
use crate::target::{OptLevel, Target};

#[derive(Args)]
pub struct CompileOptions {
    /// Optimisation level.
    #[arg(short = 'O', value_name = "LEVEL", default_value = "2", value_parser = ["0", "1", "2"])]
    opt_level: String,
    /// CPU to generate code for, e.g. x86-64-v3 or native.
    #[arg(long, value_name = "NAME")]
    cpu: Option<String>,
    /// Linker: `embedded`, `lld`, a path, or `auto`: embedded where it can link for the target, else lld.
    #[arg(long, value_name = "LINKER", default_value = "auto")]
    linker: OsString,
    /// Threads to compile with; 0 means one a core.
    #[arg(short = 'j', value_name = "N", default_value_t = 0)]
    threads: usize,
    /// WebAssembly features that the module may use, by the names of wasm-tools: `all,-simd`.
    #[arg(long, value_name = "LIST", alias = "wasm-features", default_value = "all")]
    features: String,
    /// How linear memory is protected.
    #[arg(long, value_name = "HOW", default_value = "region")]
    memory_guard: MemoryGuard,
    /// Build although functions are imported that nothing provides; calling one traps.
    #[arg(long)]
    trap_unknown_imports: bool,
    /// Make relaxed SIMD give the same results on every CPU, at the cost of speed.
    #[arg(long)]
    relaxed_simd_deterministic: bool,
    /// Stack of the program, in KiB.
    #[arg(long, value_name = "KIB", default_value_t = 8192, value_parser = clap::value_parser!(u64).range(16..=1 << 32))]
    stack_size: u64,
    #[command(flatten)]
    grants: Grants,
}

#[derive(Clone, Copy, ValueEnum)]
enum MemoryGuard {
    /// Reserve the whole index range and a guard: accesses need no check.
    Region,
    /// Reserve nothing: every access is checked.
    None,
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
}

impl CompileOptions {
    /// The plan for a target.
    pub fn plan(&self, target: &'static Target) -> Result<BuildPlan> {
        let mut plan = BuildPlan::new(target);
        plan.opt_level = match self.opt_level.as_str() {
            "0" => OptLevel::O0,
            "1" => OptLevel::O1,
            _ => OptLevel::O2,
        };
        plan.cpu = self.cpu.clone();
        plan.linker = Linker::parse(&self.linker);
        plan.threads = self.threads;
        plan.features = crate::parse::features::parse_list(&self.features)?;
        plan.memory_guard = matches!(self.memory_guard, MemoryGuard::Region);
        plan.trap_unknown_imports = self.trap_unknown_imports;
        plan.relaxed_simd_deterministic = self.relaxed_simd_deterministic;
        plan.stack_size = self.stack_size.next_multiple_of(4) << 10;
        plan.policy = self.grants.policy()?;
        Ok(plan)
    }
}

impl Grants {
    fn policy(&self) -> Result<Policy> {
        for entry in &self.env {
            if !entry.contains('=') || entry.starts_with('=') || entry.contains('\0') {
                bail!("--env takes KEY=VALUE, not `{entry}`");
            }
        }
        Ok(Policy {
            dirs: self.dir.iter().map(|dir| parse_dir(dir)).collect::<Result<_>>()?,
            env: self.env.clone(),
            inherit_env: self.inherit_env,
            arg0: self.arg0.clone(),
            listeners: self.tcplisten.iter().map(|address| parse_listener(address)).collect::<Result<_>>()?,
        })
    }
}

/// Parses `HOST[::GUEST][:ro]`.
fn parse_dir(text: &str) -> Result<DirGrant> {
    let (paths, read_only) = match text.strip_suffix(":ro") {
        Some(paths) => (paths, true),
        None => (text, false),
    };
    let (host, guest) = paths.split_once("::").unwrap_or((paths, paths));
    if host.is_empty() || guest.is_empty() || text.contains('\0') {
        bail!("--dir takes HOST[::GUEST][:ro], not `{text}`");
    }
    Ok(DirGrant { host: host.to_owned(), guest: guest.to_owned(), read_only })
}

/// Parses `IP:PORT`. Names aren't looked up: what they mean differs from machine to machine.
fn parse_listener(text: &str) -> Result<SocketAddr> {
    match text.parse() {
        Ok(SocketAddr::V6(address)) if address.scope_id() != 0 => {
            bail!("--tcplisten takes no address with a scope, as `{text}` has")
        }
        Ok(address) => Ok(address),
        Err(_) => bail!("--tcplisten takes IP:PORT, e.g. 127.0.0.1:8080 or [::]:80, not `{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories() {
        let grant = |host: &str, guest: &str, read_only| DirGrant {
            host: host.to_owned(),
            guest: guest.to_owned(),
            read_only,
        };
        assert_eq!(parse_dir("a").unwrap(), grant("a", "a", false));
        assert_eq!(parse_dir("a:ro").unwrap(), grant("a", "a", true));
        assert_eq!(parse_dir("/x::/y").unwrap(), grant("/x", "/y", false));
        assert_eq!(parse_dir(".::/:ro").unwrap(), grant(".", "/", true));
        assert_eq!(parse_dir("a:b").unwrap(), grant("a:b", "a:b", false));
        assert!(parse_dir("").is_err());
        assert!(parse_dir("::/x").is_err());
        assert!(parse_dir("x::").is_err());
    }

    #[test]
    fn listeners() {
        assert_eq!(parse_listener("127.0.0.1:80").unwrap(), SocketAddr::from(([127, 0, 0, 1], 80)));
        assert_eq!(parse_listener("[::1]:8080").unwrap().to_string(), "[::1]:8080");
        for wrong in ["", "80", "localhost:80", "127.0.0.1", "127.0.0.1:65536", "::1:80", "[fe80::1%2]:80"] {
            assert!(parse_listener(wrong).is_err(), "{wrong}");
        }
    }
}
