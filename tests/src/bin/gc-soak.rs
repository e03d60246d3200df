//! `make gc-soak`: the program that builds, changes and drops a random graph, and knows what must be in it
//! (`tests/gc/graph.wat`), runs for a while under each of several limits of the heap. Its resident memory is monitored
//! all the time: it must not grow once the program is warm.

use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use wasm_aot_tests::harness::exit_code;
use wasm_aot_tests::programs::case::repository;
use wasm_aot_tests::programs::targets;

/// Runs the graph under several limits of the heap.
#[derive(Parser)]
struct Options {
    /// Seconds for each limit
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// Limits, in MiB
    #[arg(long, value_delimiter = ',', default_values_t = [4, 16, 64])]
    limits: Vec<u64>,
    /// Check the heap around each collection
    #[arg(long)]
    verify: bool,
}

/// The number of times that the steps of the graph are doubled, so that it doesn't end by itself.
const DOUBLINGS: usize = 21;
/// The fraction of resident memory by which its peak may exceed that of the first quarter of the time.
const SLACK: u64 = 16;
const SAMPLE: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    exit_code(run(&Options::parse()))
}

fn run(options: &Options) -> Result<bool> {
    let compiler = targets::compiler()?;
    let directory = tempfile::tempdir()?;
    let program = directory.path().join("graph");
    println!("{:>12} {:>8} {:>14} {:>14} {:>10}", "limit, MiB", "seconds", "warm, KiB", "later, KiB", "");
    let mut all = true;
    for limit in &options.limits {
        build(&compiler, &program, &format!("{limit}MiB"), options.verify)?;
        let resident = watch(&program, Duration::from_secs(options.seconds))?;
        let constant = resident.later <= resident.warm + resident.warm / SLACK;
        all &= constant;
        println!(
            "{limit:>12} {:>8} {:>14} {:>14} {:>10}",
            options.seconds,
            resident.warm,
            resident.later,
            if constant { "constant" } else { "GROWING" }
        );
    }
    build(&compiler, &program, "256KiB", options.verify)?;
    let ended = command(&program).output()?;
    let message = String::from_utf8_lossy(&ended.stderr);
    let named = message.contains("wasm trap: garbage-collected heap exhausted");
    println!("256 KiB are too little: {}", message.lines().next().unwrap_or("no message"));
    Ok(all && named)
}

fn build(compiler: &Path, program: &Path, limit: &str, verify: bool) -> Result<()> {
    let status = Command::new(compiler)
        .arg("build")
        .arg(repository().join("tests/gc/graph.wat"))
        .arg("-o")
        .arg(program)
        .args(["-q", "--gc-heap-max", limit])
        .args(verify.then_some("--gc-verify"))
        .status()?;
    ensure!(status.success(), "wasm-aot build: {status}");
    Ok(())
}

fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["a"; DOUBLINGS]).stderr(Stdio::piped());
    command
}

/// Peak resident memory in KiB, in the first quarter of the time and later.
struct Resident {
    warm: u64,
    later: u64,
}

/// Runs the program for a while, and ends it.
fn watch(program: &Path, time: Duration) -> Result<Resident> {
    let mut child = command(program).spawn().context("can't start the graph")?;
    let watched = samples(&mut child, time);
    child.kill()?;
    child.wait()?;
    watched
}

fn samples(child: &mut Child, time: Duration) -> Result<Resident> {
    let start = Instant::now();
    let mut resident = Resident { warm: 0, later: 0 };
    while start.elapsed() < time {
        std::thread::sleep(SAMPLE);
        let ended: Option<ExitStatus> = child.try_wait()?;
        ensure!(ended.is_none(), "the graph ended early: {ended:?}");
        let now = resident_kib(child.id())?;
        let most = if start.elapsed() < time / 4 { &mut resident.warm } else { &mut resident.later };
        *most = now.max(*most);
    }
    Ok(resident)
}

/// Resident memory of a process (proc(5), "status").
fn resident_kib(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok());
    number.context("no VmRSS")
}
