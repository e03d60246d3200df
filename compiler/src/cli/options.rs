//! Options that `build` and `run` share.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use clap::{Args, ValueEnum};
use wasm_aot_abi::line::Backtrace;

use super::debug::DebugOptions;
use super::link::LinkOptions;
use super::policy::PolicyOptions;
use crate::driver::BuildPlan;
use crate::link::Linker;
use crate::metadata::HeapOptions;
use crate::optimise::Passes;
use crate::targets::{Checks, OptLevel, Target};

#[derive(Args)]
pub struct CompileOptions {
    /// How hard to optimise. 0 compiles fastest; 1 leaves the module's code unoptimised, but allocates registers
    /// well; 2 or 3 optimises for speed; s makes the target's smallest programs: 1 on x86-64, 2 elsewhere.
    #[arg(short = 'O', value_name = "LEVEL", default_value = "2", value_parser = ["0", "1", "2", "3", "s"])]
    opt_level: String,
    /// Switch a pass of the optimiser off or on: `no-carry` leaves the state of interpreters in memory, `no-inline` keeps calls.
    #[arg(short = 'C', value_name = "[no-]PASS", value_parser = clap::builder::PossibleValuesParser::new(Passes::SWITCHES))]
    passes: Vec<String>,
    #[command(flatten)]
    debug: DebugOptions,
    /// What a trap shows: 0 its message; 1 the innermost and outermost functions, too; `full` all of them, with addresses. By
    /// default 1, with lines if the module has debug information. WASM_AOT_BACKTRACE overrides it, unless --lock-policy is given.
    #[arg(long, value_name = "HOW", value_parser = ["0", "1", "full"])]
    backtrace: Option<String>,
    /// After a trap, end by the signal SIGABRT, for a core dump. WASM_AOT_CORE overrides it (1 or 0), unless --lock-policy is
    /// given; it is also obeyed without this option if the module has debug information.
    #[arg(long)]
    core_on_trap: bool,
    /// CPU to generate code for, e.g. x86-64-v3 or native.
    #[arg(long, value_name = "NAME")]
    cpu: Option<String>,
    /// Linker: `embedded`, `lld`, a path, or `auto`: embedded where it can link for the target, else lld.
    #[arg(long, value_name = "LINKER", default_value = "auto")]
    linker: OsString,
    /// Threads to compile with; 0 means one per core.
    #[arg(short = 'j', value_name = "N", default_value_t = 0)]
    threads: usize,
    /// WebAssembly features that the module may use, by the names of wasm-tools: `all,-simd`.
    #[arg(long, value_name = "LIST", alias = "wasm-features", default_value = "all")]
    features: String,
    /// How linear memory is protected.
    #[arg(long, value_name = "HOW", default_value = "region")]
    memory_guard: MemoryGuard,
    /// Build even if imported functions aren't provided; calling one traps.
    #[arg(long)]
    trap_unknown_imports: bool,
    /// Call an exported function instead of `_start`, such as 'add(1, 0x20)', and print its results; of a component
    /// instead of `wasi:cli/run`, with arguments in WAVE: 'greet("you", some(3))'.
    #[arg(long, value_name = "NAME[(ARGS)]")]
    invoke: Option<String>,
    /// Make relaxed SIMD give the same results on every CPU, at the cost of speed.
    #[arg(long)]
    relaxed_simd_deterministic: bool,
    /// For tests of the garbage collector: collect at every allocation.
    #[arg(long)]
    gc_stress: bool,
    /// For tests of the garbage collector: check every reference before and after each collection.
    #[arg(long)]
    gc_verify: bool,
    /// For tests of the compiler: verify CLIF, and check the register allocation. The output is the same.
    #[arg(long, hide = true)]
    check_codegen: bool,
    /// For benchmarks: move the code by this number of bytes, to see whether times depend on where it is.
    #[arg(long, value_name = "BYTES", default_value_t = 0, hide = true, value_parser = clap::value_parser!(u32).range(..=4096))]
    code_offset: u32,
    #[command(flatten)]
    link: LinkOptions,
    #[command(flatten)]
    policy: PolicyOptions,
}

#[derive(Clone, Copy, ValueEnum)]
enum MemoryGuard {
    /// Reserve the whole index range and a guard: accesses need no check.
    Region,
    /// Reserve nothing: every access is checked.
    None,
}

impl CompileOptions {
    /// The files of the modules that are linked.
    pub fn linked_files(&self) -> impl Iterator<Item = &Path> {
        self.link.files()
    }

    /// The policy file.
    pub fn policy_file(&self) -> Option<&Path> {
        self.policy.file()
    }

    /// The build plan for a target.
    pub fn plan(&self, target: &'static Target) -> Result<BuildPlan> {
        let mut plan = BuildPlan::new(target);
        plan.opt_level = match self.opt_level.as_str() {
            "0" => OptLevel::O0,
            "1" => OptLevel::O1,
            "s" => OptLevel::Size,
            _ => OptLevel::O2,
        };
        for switch in &self.passes {
            plan.passes.switch(switch);
        }
        plan.cpu = self.cpu.clone();
        plan.linker = Linker::parse(&self.linker);
        plan.threads = self.threads;
        plan.features = crate::parse::features::parse_list(&self.features)?;
        plan.memory_guard = matches!(self.memory_guard, MemoryGuard::Region);
        plan.trap_unknown_imports = self.trap_unknown_imports;
        plan.invoke = self.invoke.clone();
        plan.relaxed_simd_deterministic = self.relaxed_simd_deterministic;
        plan.heap = HeapOptions { stress: self.gc_stress, verify: self.gc_verify };
        if self.check_codegen {
            plan.checks = Checks::ALL;
        }
        plan.code_offset = self.code_offset;
        plan.policy = self.policy.policy()?;
        plan.linked = self.link.read()?;
        plan.debug = self.debug.plan();
        plan.core_on_trap = self.core_on_trap;
        plan.backtrace = self.backtrace.as_deref().and_then(|name| Backtrace::from_name(name.as_bytes()));
        Ok(plan)
    }
}
