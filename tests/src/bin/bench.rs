//! `make bench`: start-up, compile time, run time, size and peak memory of a set of programs, for
//! wasm-aot, wasmtime and native builds of the same C. Every program must give the same output
//! everywhere, or the benchmark fails.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use wasm_aot_tests::bench::builds::{Builder, Engine};
use wasm_aot_tests::bench::measure::{Launcher, Sample};
use wasm_aot_tests::bench::program::{self, Program};
use wasm_aot_tests::bench::results::{Compilation, Results, Runs, Samples};
use wasm_aot_tests::bench::table;
use wasm_aot_tests::harness::exit_code;
use wasm_aot_tests::programs::suite::stripped_size;
use wasm_aot_tests::programs::{fetch, targets};

/// Compares wasm-aot with wasmtime and with native compilers.
#[derive(Parser)]
struct Options {
    /// Only the programs whose name contains this
    #[arg(long, default_value = "")]
    filter: String,
    /// How often each program is run; the median counts
    #[arg(long, default_value_t = 5)]
    runs: u32,
    /// How often each module is compiled
    #[arg(long, default_value_t = 3)]
    compiles: u32,
    /// Write all samples and medians to this file
    #[arg(long)]
    json: Option<PathBuf>,
    /// Don't run the programs
    #[arg(long)]
    compile_only: bool,
    /// Leave out gcc and clang
    #[arg(long)]
    no_native: bool,
    /// The number of threads that compile [default: the number of cores]
    #[arg(long)]
    threads: Option<usize>,
    /// The CPU that wasm-aot builds for; wasmtime always builds for this machine's
    #[arg(long)]
    cpu: Option<String>,
}

/// The modules whose start-up is measured.
const START_UP: [&str; 3] = ["hello-write", "hello-printf", "component-hello"];
const START_UP_RUNS: u32 = 200;

fn main() -> ExitCode {
    exit_code(run(&Options::parse()))
}

fn run(options: &Options) -> Result<bool> {
    let programs = program::load(&options.filter)?;
    let mut modules: Vec<&str> = programs.iter().map(|program| program.module.as_str()).collect();
    modules.extend(START_UP.iter().filter(|name| name.contains(&options.filter)));
    modules.sort();
    modules.dedup();
    ensure!(!modules.is_empty(), "no program has `{}` in its name", options.filter);
    let fetched = fetch::fetch(["wasmtime", "clang"], modules.iter().copied())?;
    let bench = Bench {
        launcher: Launcher::new()?,
        builder: Builder {
            compiler: targets::compiler()?,
            fetched,
            threads: options
                .threads
                .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
            directory: tempfile::tempdir()?,
            cpu: options.cpu.clone(),
        },
    };
    let mut results = Results { machine: machine(), threads: bench.builder.threads, ..Results::default() };
    let natives: &[Engine] = if options.no_native { &[] } else { &[Engine::Clang, Engine::Gcc] };

    for module in &modules {
        eprintln!("compile {module}");
        match bench.compile(module, options.compiles) {
            Ok(compilation) => results.compile.push(compilation),
            Err(error) => results.problems.push(format!("compiling {module}: {error:#}")),
        }
    }
    if !options.compile_only {
        let available = |module: &str, more: &[&str]| {
            let mut engines = vec![Engine::WasmAot, Engine::Wasmtime];
            for engine in natives {
                match bench.builder.compile_native(*engine, module, more) {
                    Ok(true) => engines.push(*engine),
                    Ok(false) => {}
                    Err(error) => eprintln!("{module} with {}: {error:#}", engine.name()),
                }
            }
            engines.retain(|engine| bench.builder.output(*engine, module).exists());
            engines
        };
        for module in START_UP.iter().filter(|name| name.contains(&options.filter)) {
            eprintln!("start {module}");
            let program = Program {
                name: module.to_string(),
                module: module.to_string(),
                args: vec![],
                stdin_file: None,
                collected: false,
            };
            match bench.run(&program, &available(module, &["-static"]), 10, START_UP_RUNS / 10) {
                Ok(runs) => results.start_up.push(runs),
                Err(error) => results.problems.push(format!("starting {module}: {error:#}")),
            }
        }
        for program in &programs {
            eprintln!("run {}", program.name);
            match bench.run(program, &available(&program.module, &[]), options.runs, 1) {
                Ok(runs) => results.run.push(runs),
                Err(error) => results.problems.push(format!("running {}: {error:#}", program.name)),
            }
            if program.collected {
                match bench.builder.pauses(program) {
                    Ok(pauses) => results.pauses.push(pauses),
                    Err(error) => results.problems.push(format!("pauses of {}: {error:#}", program.name)),
                }
            }
        }
    }
    results.summarise();
    print!("{}", table::show(&results));
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&results)?)
            .with_context(|| format!("can't write {}", path.display()))?;
    }
    Ok(results.problems.is_empty())
}

struct Bench {
    launcher: Launcher,
    builder: Builder,
}

impl Bench {
    /// Compiles a module with each engine in turn, `times` times over.
    fn compile(&self, module: &str, times: u32) -> Result<Compilation> {
        let mut samples = Samples::new();
        let mut problem = None;
        for round in 0..times {
            for engine in [Engine::WasmAot, Engine::Wasmtime] {
                match self.launcher.run(&self.builder.compile(engine, module)?, 1) {
                    Ok((sample, _)) => samples.entry(engine).or_default().extend(sample),
                    // One engine's failure doesn't stop the other.
                    Err(error) if round == 0 => problem = Some(error),
                    Err(_) => {}
                }
            }
        }
        if let Some(problem) = problem {
            return Err(problem);
        }
        let size = |engine| Some((engine, self.builder.output(engine, module).metadata().ok()?.len()));
        Ok(Compilation {
            module_size: self.builder.fetched.module(module)?.metadata()?.len(),
            sizes: [Engine::WasmAot, Engine::Wasmtime].into_iter().filter_map(size).collect(),
            stripped: stripped_size(&self.builder.output(Engine::WasmAot, module)).ok(),
            runs: Runs::new(module.to_string(), samples),
        })
    }

    /// Runs a program under each engine in turn, `rounds` times over, `times` runs each.
    fn run(&self, program: &Program, engines: &[Engine], rounds: u32, times: u32) -> Result<Runs> {
        let mut samples: BTreeMap<Engine, Vec<Sample>> = Samples::new();
        let mut expected: Option<Vec<u8>> = None;
        for _ in 0..rounds {
            for engine in engines {
                let (taken, output) = self.launcher.run(&self.builder.start(*engine, program)?, times)?;
                samples.entry(*engine).or_default().extend(taken);
                let expected = expected.get_or_insert_with(|| output.clone());
                ensure!(
                    *expected == output,
                    "under {} it printed\n{}and not\n{}",
                    engine.name(),
                    String::from_utf8_lossy(&output),
                    String::from_utf8_lossy(expected)
                );
            }
        }
        Ok(Runs::new(program.name.clone(), samples))
    }
}

/// The processor and its number of cores, for the record.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let model = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        text.lines()
            .find_map(|line| Some(line.strip_prefix("model name")?.split_once(':')?.1.trim().to_string()))
    });
    format!("{}, {cores} cores", model.unwrap_or_else(|| std::env::consts::ARCH.into()))
}
