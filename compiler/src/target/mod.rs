//! The targets: a row of data for each. Nothing outside this folder and the runtime's `sys` asks
//! which target it is.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use cranelift_codegen::ir::ArgumentExtension;
use cranelift_codegen::isa::{self, OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use target_lexicon::Triple;

/// A target.
#[derive(Debug)]
pub struct Target {
    /// Name for the command line.
    pub name: &'static str,
    /// Triple that Cranelift gets.
    pub triple: &'static str,
    /// Other triples by which people know the target.
    pub aliases: &'static [&'static str],
    /// Address of the first linear memory, if the platform can promise one: low enough to be a
    /// displacement on x86-64, and one instruction elsewhere (`movz`, `lui`, `llilh`).
    pub memory_base: Option<u64>,
    /// `-m` of the linker.
    pub emulation: &'static str,
    /// Can the embedded linker link for it?
    pub embedded_linker: bool,
    /// How C functions, those of the runtime, expect 32-bit unsigned integers in 64-bit registers.
    pub c_integers: ArgumentExtension,
    /// The runtime-support archive, if this build of the compiler has it.
    pub runtime: Option<&'static [u8]>,
    /// CPUs that `--cpu` may name, each with the Cranelift flags it sets; the first is the default.
    pub cpus: &'static [(&'static str, &'static [&'static str])],
}

const V2: &[&str] = &["has_sse3", "has_ssse3", "has_cmpxchg16b", "has_sse41", "has_sse42", "has_popcnt"];
const V3: &[&str] = &[
    "has_sse3",
    "has_ssse3",
    "has_cmpxchg16b",
    "has_sse41",
    "has_sse42",
    "has_popcnt",
    "has_avx",
    "has_avx2",
    "has_bmi1",
    "has_bmi2",
    "has_lzcnt",
    "has_fma",
];

const RV64GC: &[&str] = &["has_c"];
const RV64GCV: &[&str] = &["has_c", "has_v"];
const RVA22: &[&str] = &["has_c", "has_zba", "has_zbb", "has_zbs"];
const RVA23: &[&str] =
    &["has_c", "has_zba", "has_zbb", "has_zbs", "has_zcb", "has_zfa", "has_zicond", "has_v", "has_zvbb"];

pub static TARGETS: [Target; 4] = [
    Target {
        name: "x86_64-linux",
        triple: "x86_64-unknown-linux-gnu",
        aliases: &["x86_64-unknown-linux-musl", "x86_64-unknown-linux", "amd64-linux"],
        memory_base: Some(0x1000_0000),
        emulation: "elf_x86_64",
        embedded_linker: true,
        c_integers: ArgumentExtension::None,
        runtime: crate::embedded::X86_64_LINUX,
        cpus: &[("x86-64-v2", V2), ("x86-64-v3", V3)],
    },
    Target {
        name: "aarch64-linux",
        triple: "aarch64-unknown-linux-gnu",
        aliases: &["aarch64-unknown-linux-musl", "aarch64-unknown-linux", "arm64-linux"],
        memory_base: Some(0x1_0000_0000),
        emulation: "aarch64linux",
        embedded_linker: true,
        c_integers: ArgumentExtension::None,
        runtime: crate::embedded::AARCH64_LINUX,
        cpus: &[("generic", &[]), ("armv8.1-a", &["has_lse"])],
    },
    Target {
        name: "riscv64-linux",
        triple: "riscv64gc-unknown-linux-gnu",
        aliases: &["riscv64gc-unknown-linux-musl", "riscv64-unknown-linux-gnu", "riscv64gc-linux"],
        memory_base: Some(0x1000_0000),
        emulation: "elf64lriscv",
        embedded_linker: true,
        // RISC-V calling conventions, "Integer Calling Convention": 32-bit values of either
        // signedness are sign-extended.
        c_integers: ArgumentExtension::Sext,
        runtime: crate::embedded::RISCV64_LINUX,
        cpus: &[("rv64gc", RV64GC), ("rva22u64", RVA22), ("rv64gcv", RV64GCV), ("rva23u64", RVA23)],
    },
    Target {
        name: "s390x-linux",
        triple: "s390x-unknown-linux-gnu",
        aliases: &["s390x-unknown-linux-musl", "s390x-unknown-linux"],
        memory_base: Some(0x1000_0000),
        emulation: "elf64_s390",
        embedded_linker: false,
        // ELF ABI s390x supplement, "Parameter Passing".
        c_integers: ArgumentExtension::Uext,
        runtime: crate::embedded::S390X_LINUX,
        cpus: &[("z14", &[]), ("z15", &["z15"]), ("z16", &["z16"]), ("z17", &["z17"])],
    },
];

/// How hard to optimise, as `-O`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptLevel {
    /// Fast compilation: no optimisation, single-pass register allocation.
    O0,
    /// Quick optimisations of the mid-end.
    O1,
    /// Everything.
    O2,
}

impl Target {
    /// The target with this name or triple.
    ///
    /// # Errors
    /// Lists the known ones.
    pub fn find(name: &str) -> Result<&'static Target> {
        let known =
            |target: &&Target| target.name == name || target.triple == name || target.aliases.contains(&name);
        TARGETS.iter().find(known).ok_or_else(|| {
            let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            anyhow!("unknown target `{name}`; known targets: {}", names.join(", "))
        })
    }

    /// The target of the machine that the compiler runs on.
    pub fn host() -> Result<&'static Target> {
        let host = Triple::host();
        Self::find(&format!("{}-{}", host.architecture, host.operating_system))
            .context("this machine is no target; choose one with --target")
    }

    /// The Cranelift back end.
    pub fn isa(&self, level: OptLevel, cpu: Option<&str>) -> Result<OwnedTargetIsa> {
        let mut flags = settings::builder();
        let set = [
            ("opt_level", if level == OptLevel::O0 { "none" } else { "speed" }),
            ("regalloc_algorithm", if level == OptLevel::O0 { "single_pass" } else { "backtracking" }),
            ("preserve_frame_pointers", "true"),
            ("enable_probestack", "true"),
            ("probestack_strategy", "inline"),
            ("enable_multi_ret_implicit_sret", "true"),
            ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
            // One program a process: there is nothing to speculate on that isn't its own.
            ("enable_heap_access_spectre_mitigation", "false"),
            ("enable_table_access_spectre_mitigation", "false"),
            ("is_pic", "false"),
            ("unwind_info", "false"),
        ];
        for (name, value) in set {
            flags.set(name, value).with_context(|| format!("setting {name}"))?;
        }
        let triple: Triple = self.triple.parse().map_err(|error| anyhow!("{}: {error}", self.triple))?;
        if cpu == Some("native") {
            if triple != Triple::host() && Self::host().is_ok_and(|host| host.name != self.name) {
                bail!("--cpu native is for this machine only, not for {}", self.name);
            }
            let builder = cranelift_native::builder().map_err(|error| anyhow!("--cpu native: {error}"))?;
            return Ok(builder.finish(settings::Flags::new(flags))?);
        }
        let mut builder = isa::lookup(triple)?;
        let cpu = cpu.unwrap_or(self.cpus[0].0);
        let Some((_, features)) = self.cpus.iter().find(|(name, _)| *name == cpu) else {
            let names: Vec<_> = self.cpus.iter().map(|(name, _)| *name).collect();
            bail!("unknown CPU `{cpu}` for {}; known: native, {}", self.name, names.join(", "));
        };
        for feature in *features {
            builder.enable(feature)?;
        }
        Ok(builder.finish(settings::Flags::new(flags))?)
    }
}

/// A shared back end.
pub type Isa = Arc<dyn TargetIsa>;
