//! Puts the file server of `examples/file-server` under load, alternating between native and wasmtime. Exits
//! with 1 if the native one loses a request or leaks memory or descriptors.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Parser;
use wasm_aot_tests::harness::exit_code;
use wasm_aot_tests::programs::targets;
use wasm_aot_tests::server::process::{Builder, Engine};
use wasm_aot_tests::server::report::{Round, table};
use wasm_aot_tests::server::site::Site;

/// A static file server under load, compared with wasmtime.
#[derive(Parser)]
struct Options {
    /// How long each server is under load, each time
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How often each server is
    #[arg(long, default_value_t = 2)]
    rounds: u32,
    #[arg(long, default_value_t = 200)]
    connections: usize,
    /// The target of the native server, e.g. aarch64-linux
    #[arg(long)]
    target: Option<String>,
    /// Put the served files into the executable
    #[arg(long)]
    bundle: bool,
    /// Only the native server
    #[arg(long)]
    no_wasmtime: bool,
}

fn main() -> ExitCode {
    exit_code(run(&Options::parse()))
}

fn run(options: &Options) -> Result<bool> {
    let wanted = |target: &&targets::Target| match &options.target {
        Some(name) => target.name == name,
        None => target.is_host(),
    };
    let Some(target) = targets::TARGETS.iter().find(wanted) else { bail!("this target doesn't exist") };
    let builder = Builder::new()?;
    let site = Site::new()?;
    let native = if options.bundle { Engine::Bundled(target) } else { Engine::Native(target) };
    let mut engines = vec![native, Engine::Wasmtime];
    engines.truncate(if options.no_wasmtime { 1 } else { 2 });
    let mut rounds = Vec::new();
    let mut ok = true;
    for engine in engines.iter().cycle().take(engines.len() * options.rounds as usize) {
        let time = Duration::from_secs(options.seconds);
        let round = Round::run(&builder, *engine, &site, options.connections, time)?;
        let failures = round.failures();
        failures.iter().for_each(|failure| println!("{}: {failure}", engine.name()));
        ok &= failures.is_empty() || matches!(engine, Engine::Wasmtime);
        rounds.push(round);
    }
    print!("{}", table(&rounds));
    if !options.no_wasmtime {
        println!("ratio to wasmtime, geometric mean of the rounds: {}", ratios(&rounds));
    }
    Ok(ok)
}

/// Of rounds that alternate between native and wasmtime.
fn ratios(rounds: &[Round]) -> String {
    let mean = |value: fn(&Round) -> f64| {
        let pairs = rounds.chunks_exact(2);
        let count = pairs.len() as f64;
        (pairs.map(|pair| (value(&pair[0]) / value(&pair[1])).ln()).sum::<f64>() / count).exp()
    };
    format!(
        "{:.2} requests per second, {:.2} requests per CPU second of the server",
        mean(Round::per_second),
        mean(Round::per_cpu_second)
    )
}
