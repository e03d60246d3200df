//! Cranelift's back end for a target: its settings, and what a program demands of the CPU.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use cranelift_codegen::isa::{self, OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use target_lexicon::Triple;

use super::cpu;
use super::target::Target;

/// How hard to optimise, as `-O`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptLevel {
    /// Fast compilation: no optimisation, single-pass register allocation.
    O0,
    /// No optimisation, but registers are allocated as for optimised code.
    O1,
    /// Full optimisation.
    O2,
    /// The smallest code.
    Size,
}

impl OptLevel {
    /// Whether it optimises for speed.
    pub fn optimises(self) -> bool {
        self == OptLevel::O2
    }

    /// Cranelift's `opt_level` and `regalloc_algorithm`.
    fn settings(self, target: &Target) -> (&'static str, &'static str) {
        match self {
            OptLevel::O0 => ("none", "single_pass"),
            OptLevel::O1 => ("none", "backtracking"),
            OptLevel::O2 => ("speed", "backtracking"),
            OptLevel::Size => (target.architecture.smallest, "backtracking"),
        }
    }
}

/// Checks of Cranelift's input and of what it does with it. They don't change the output, find faults early, and cost
/// time: tests enable them. A violation ends the build: one that the verifier finds is an error, one in the register
/// allocation a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Check that CLIF is well-formed and well-typed.
    pub verifier: bool,
    /// Check that every value that an instruction reads is still in its register after register allocation.
    pub register_allocation: bool,
}

impl Checks {
    pub const ALL: Checks = Checks { verifier: true, register_allocation: true };
    /// The checks that tests of many modules can afford.
    pub const VERIFIER: Checks = Checks { verifier: true, register_allocation: false };
}

// With debug assertions the default differs from the derived one.
#[allow(clippy::derivable_impls)]
impl Default for Checks {
    fn default() -> Checks {
        Checks { verifier: cfg!(debug_assertions), register_allocation: false }
    }
}

impl Target {
    /// The Cranelift back end.
    pub fn isa(&self, level: OptLevel, cpu: Option<&str>, checks: Checks) -> Result<OwnedTargetIsa> {
        let mut flags = settings::builder();
        let (opt_level, register_allocation) = level.settings(self);
        let when = |on: bool| if on { "true" } else { "false" };
        let set = [
            ("opt_level", opt_level),
            ("regalloc_algorithm", register_allocation),
            ("preserve_frame_pointers", "true"),
            ("enable_probestack", "true"),
            ("probestack_strategy", "inline"),
            ("enable_multi_ret_implicit_sret", "true"),
            ("enable_verifier", when(checks.verifier)),
            ("regalloc_checker", when(checks.register_allocation)),
            // A process runs only one program, so there is nothing else in it to read by speculation.
            ("enable_heap_access_spectre_mitigation", "false"),
            ("enable_table_access_spectre_mitigation", "false"),
            ("is_pic", "false"),
            // Not written to a section: `codegen` reads from it where functions save registers.
            ("unwind_info", "true"),
            ("use_colocated_libcalls", "true"),
            // `codegen::line` reads where blocks are.
            ("machine_code_cfg_info", when(self.architecture.lines && opt_level != "none")),
        ];
        for (name, value) in set {
            flags.set(name, value).with_context(|| format!("setting {name}"))?;
        }
        let triple: Triple = self.triple.parse().map_err(|error| anyhow!("{}: {error}", self.triple))?;
        let flags = settings::Flags::new(flags);
        let cpu = self.cpu_name(cpu);
        let mut builder = if cpu == "native" {
            if triple != Triple::host() && Self::host().is_ok_and(|host| host.name != self.name) {
                bail!("--cpu native is only for this machine, not for {}", self.name);
            }
            cranelift_native::builder().map_err(|error| anyhow!("--cpu native: {error}"))?
        } else {
            let mut builder = isa::lookup(triple)?;
            cpu::enable(&mut builder, self.architecture, self.name, cpu)?;
            builder
        };
        cpu::enable_implied(&mut builder, self.architecture.features, &flags)?;
        let isa = builder.finish(flags)?;
        if let Some((setting, name)) = self.architecture.minimum
            && !cpu::has(&*isa, setting)
        {
            bail!("the CPU `{cpu}` is too old: code for {} needs {name}", self.name);
        }
        Ok(isa)
    }

    /// The CPU to generate code for: the one that is named, otherwise one that has what the program needs.
    pub fn cpu_for<'c>(&self, named: Option<&'c str>, vectors: bool) -> Option<&'c str> {
        match self.architecture.vectors {
            Some((_, cpu)) if vectors => named.or(Some(cpu)),
            _ => named,
        }
    }

    fn cpu_name<'c>(&self, cpu: Option<&'c str>) -> &'c str {
        cpu.unwrap_or(self.architecture.cpus[0].0)
    }

    /// Fails if code for this CPU can't use vectors.
    pub fn require_vectors(&self, isa: &dyn TargetIsa) -> Result<()> {
        match self.architecture.vectors {
            Some((setting, cpu)) if !cpu::has(isa, setting) => {
                bail!("the module uses vectors (SIMD), which {} has only with --cpu {cpu}", self.name)
            }
            _ => Ok(()),
        }
    }

    /// What a program demands of the CPU, in the form of `wasm_aot_abi::cpu`.
    pub fn cpu_demands(&self, isa: &dyn TargetIsa, cpu: Option<&str>) -> Vec<u8> {
        let name = match self.cpu_name(cpu) {
            "native" => "of the machine that built it (native)",
            name => name,
        };
        cpu::demands(isa, self.architecture.features, name)
    }
}

/// A shared back end.
pub type Isa = Arc<dyn TargetIsa>;
