//! `make bench`: start-up, compile time, run time, size and peak memory of a set of programs, for
//! wasm-aot, wasmtime and native builds of the same C. Every program must give the same output
//! everywhere, or the benchmark fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use wasm_aot_tests::bench::builds::{Builder, Engine};
use wasm_aot_tests::bench::count::Counter;
use wasm_aot_tests::bench::measure::{Launcher, Sample};
use wasm_aot_tests::bench::program::{self, Program};
use wasm_aot_tests::bench::results::{Compilation, Instructions, Results, Runs, Samples};
use wasm_aot_tests::bench::{interpreter, layouts, picture, table};
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
    /// Write a picture of the ratios to this file
    #[arg(long)]
    picture: Option<PathBuf>,
    /// Don't count instructions
    #[arg(long)]
    no_count: bool,
    /// How often programs of which there is a native build are run under each of other layouts of the code
    #[arg(long, default_value_t = 3)]
    layout_runs: u32,
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
        let compiled = bench.compile(module, options.compiles);
        keep(compiled, &mut results.compile, &mut results.problems, "compiling", module);
    }
    if !options.compile_only {
        let counter = match options.no_count {
            true => None,
            false => Counter::new()
                .map_err(|reason| results.skipped.push(format!("instructions: {reason:#}")))
                .ok(),
        };
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
                count_args: None,
                native: None,
            };
            let started = bench.run(&program, &available(module, &["-static"]), 10, START_UP_RUNS / 10);
            keep(started, &mut results.start_up, &mut results.problems, "starting", module);
        }
        for program in &programs {
            eprintln!("run {}", program.name);
            let mut engines = available(&program.module, &[]);
            if let Some(name) = program.native.as_deref().filter(|_| !options.no_native) {
                match interpreter::provide(name, &bench.builder.output(Engine::Native, &program.module)) {
                    Ok(version) => {
                        engines.push(Engine::Native);
                        results.interpreters.insert(program.name.clone(), version);
                    }
                    Err(reason) => results.skipped.push(format!("{}: {reason:#}", program.name)),
                }
            }
            bench.measure(program, &engines, options, counter.as_ref(), &mut results);
        }
    }
    results.summarise();
    print!("{}", table::show(&results));
    if let Some(path) = &options.json {
        write(path, &serde_json::to_string_pretty(&results)?)?;
    }
    if let Some(path) = &options.picture {
        write(path, &picture::draw(&results))?;
    }
    Ok(results.problems.is_empty())
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).with_context(|| format!("can't make {}", directory.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("can't write {}", path.display()))
}

/// Adds what was measured to a list, or a problem to that of problems.
fn keep<T>(measured: Result<T>, list: &mut Vec<T>, problems: &mut Vec<String>, what: &str, name: &str) {
    match measured {
        Ok(measured) => list.push(measured),
        Err(error) => problems.push(format!("{what} {name}: {error:#}")),
    }
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

    /// Measures all there is to know of a program that is built.
    fn measure(
        &self,
        program: &Program,
        engines: &[Engine],
        options: &Options,
        counter: Option<&Counter>,
        results: &mut Results,
    ) {
        let Results { run, layouts, instructions, pauses, problems, .. } = results;
        let name = &program.name;
        keep(self.run(program, engines, options.runs, 1), run, problems, "running", name);
        if options.layout_runs > 0 && engines.contains(&Engine::Clang) {
            let measured = layouts::measure(&self.builder, &self.launcher, program, options.layout_runs);
            keep(measured, layouts, problems, "layouts of", name);
        }
        if let Some(counter) = counter {
            keep(self.count(counter, program, engines), instructions, problems, "counting", name);
        }
        if program.collected {
            keep(self.builder.pauses(program), pauses, problems, "pauses of", name);
        }
    }

    /// Counts the instructions of a program, as each engine that makes native programs has built it.
    fn count(&self, counter: &Counter, program: &Program, engines: &[Engine]) -> Result<Instructions> {
        let mut counts = BTreeMap::new();
        for engine in engines.iter().filter(|engine| **engine != Engine::Wasmtime) {
            let mut invocation = self.builder.start(*engine, program)?;
            if let Some(args) = &program.count_args {
                invocation.args = args.clone();
            }
            counts.insert(*engine, counter.count(&invocation)?);
        }
        Ok(Instructions { name: program.name.clone(), counts })
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
