//! The targets: a row of data for each. Nothing outside this folder and the runtime's `sys` asks
//! which target it is.

mod cpu;

use std::fmt;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use cranelift_codegen::ir::ArgumentExtension;
use cranelift_codegen::isa::{self, CallConv, OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use object::BinaryFormat;
use target_lexicon::Triple;

use crate::escape::escape;
use cpu::{Cpu, Feature};

/// A target.
pub struct Target {
    /// Name for the command line.
    pub name: &'static str,
    /// Triple that Cranelift gets.
    pub triple: &'static str,
    /// Other triples by which people know the target.
    pub aliases: &'static [&'static str],
    /// Address of the first linear memory, if the platform can promise one: low enough to be a
    /// displacement on x86-64, and one instruction elsewhere (`movz`, `lui`, `llihl`).
    pub memory_base: Option<u64>,
    pub format: Format,
    /// The convention of C functions, those of the runtime.
    pub c_convention: CallConv,
    /// How C functions, those of the runtime, expect 32-bit unsigned integers in 64-bit registers.
    pub c_integers: ArgumentExtension,
    /// The runtime-support archive, compressed, if this build of the compiler has it.
    pub runtime: Option<&'static [u8]>,
    /// CPUs that `--cpu` may name, besides Cranelift's presets; the first is the default.
    pub cpus: &'static [Cpu],
    /// What CPUs may have beyond the architecture's baseline.
    pub features: &'static [Feature],
    /// A feature, by setting and name, without which Cranelift calls functions that the runtime doesn't have.
    pub minimum: Option<(&'static str, &'static str)>,
    /// The setting without which there are no vectors, if they aren't part of the baseline, and the default
    /// CPU of programs that have vectors.
    pub vectors: Option<(&'static str, &'static str)>,
    /// Can its programs have objects of the garbage-collected heap?
    pub objects: bool,
    /// Cranelift's `opt_level` that makes the smallest code, measured with programs that LLVM has optimised. On x86-64
    /// the mid-end makes code 0.6 to 6 % larger, elsewhere 3 to 20 % smaller.
    pub smallest: &'static str,
}

pub static TARGETS: [Target; 8] = [
    Target {
        name: "x86_64-linux",
        triple: "x86_64-unknown-linux-gnu",
        aliases: &["x86_64-unknown-linux-musl", "x86_64-unknown-linux", "amd64-linux"],
        memory_base: Some(0x1000_0000),
        format: Format::Elf(Elf { emulation: "elf_x86_64", embedded_linker: true, largest_page: 4 << 10 }),
        c_convention: CallConv::SystemV,
        c_integers: ArgumentExtension::None,
        runtime: crate::embedded::X86_64_LINUX,
        cpus: cpu::X86_64_CPUS,
        features: cpu::X86_64_FEATURES,
        minimum: Some(("has_sse41", "SSE4.1")),
        vectors: None,
        objects: true,
        smallest: "none",
    },
    Target {
        name: "aarch64-linux",
        triple: "aarch64-unknown-linux-gnu",
        aliases: &["aarch64-unknown-linux-musl", "aarch64-unknown-linux", "arm64-linux"],
        memory_base: Some(0x1_0000_0000),
        format: Format::Elf(Elf { emulation: "aarch64linux", embedded_linker: true, largest_page: 64 << 10 }),
        c_convention: CallConv::SystemV,
        c_integers: ArgumentExtension::None,
        runtime: crate::embedded::AARCH64_LINUX,
        cpus: cpu::AARCH64_CPUS,
        features: cpu::AARCH64_FEATURES,
        minimum: None,
        vectors: None,
        objects: true,
        smallest: "speed_and_size",
    },
    Target {
        name: "riscv64-linux",
        triple: "riscv64gc-unknown-linux-gnu",
        aliases: &["riscv64gc-unknown-linux-musl", "riscv64-unknown-linux-gnu", "riscv64gc-linux"],
        memory_base: Some(0x1000_0000),
        format: Format::Elf(Elf { emulation: "elf64lriscv", embedded_linker: true, largest_page: 4 << 10 }),
        c_convention: CallConv::SystemV,
        // RISC-V calling conventions, "Integer Calling Convention": 32-bit values of either
        // signedness are sign-extended.
        c_integers: ArgumentExtension::Sext,
        runtime: crate::embedded::RISCV64_LINUX,
        cpus: cpu::RISCV64_CPUS,
        features: cpu::RISCV64_FEATURES,
        minimum: None,
        vectors: Some(("has_v", "rv64gcv")),
        objects: true,
        smallest: "speed_and_size",
    },
    Target {
        name: "s390x-linux",
        triple: "s390x-unknown-linux-gnu",
        aliases: &["s390x-unknown-linux-musl", "s390x-unknown-linux"],
        memory_base: Some(0x1_0000_0000),
        format: Format::Elf(Elf { emulation: "elf64_s390", embedded_linker: false, largest_page: 4 << 10 }),
        c_convention: CallConv::SystemV,
        // ELF ABI s390x supplement, "Parameter Passing".
        c_integers: ArgumentExtension::Uext,
        runtime: crate::embedded::S390X_LINUX,
        cpus: cpu::S390X_CPUS,
        features: cpu::S390X_FEATURES,
        minimum: None,
        vectors: None,
        objects: true,
        smallest: "speed_and_size",
    },
    Target {
        name: "x86_64-windows",
        triple: "x86_64-pc-windows-msvc",
        aliases: &["x86_64-pc-windows-gnu", "x86_64-pc-windows-gnullvm", "amd64-windows"],
        // The system has a page of its own just below 2 GiB (`KUSER_SHARED_DATA`), so a memory can't begin low
        // enough to be a displacement. Libraries that are made with GNU's linker, such as Wine's, are between 4 and
        // 24 GiB where addresses aren't random.
        memory_base: Some(0x10_0000_0000),
        format: Format::Pe,
        c_convention: CallConv::WindowsFastcall,
        c_integers: ArgumentExtension::None,
        runtime: crate::embedded::X86_64_WINDOWS,
        cpus: cpu::X86_64_CPUS,
        features: cpu::X86_64_FEATURES,
        minimum: Some(("has_sse41", "SSE4.1")),
        vectors: None,
        objects: true,
        smallest: "none",
    },
    Target {
        name: "aarch64-windows",
        triple: "aarch64-pc-windows-msvc",
        aliases: &["aarch64-pc-windows-gnullvm", "arm64-windows"],
        memory_base: Some(0x10_0000_0000),
        format: Format::Pe,
        c_convention: CallConv::SystemV,
        c_integers: ArgumentExtension::None,
        runtime: crate::embedded::AARCH64_WINDOWS,
        cpus: cpu::AARCH64_CPUS,
        features: cpu::AARCH64_FEATURES,
        minimum: None,
        vectors: None,
        objects: true,
        smallest: "speed_and_size",
    },
    Target {
        name: "x86_64-macos",
        triple: "x86_64-apple-darwin",
        aliases: &["x86_64-apple-macosx", "amd64-macos", "x86_64-darwin"],
        memory_base: None,
        format: Format::MachO,
        c_convention: CallConv::SystemV,
        c_integers: ArgumentExtension::None,
        runtime: crate::embedded::X86_64_MACOS,
        cpus: cpu::X86_64_CPUS,
        features: cpu::X86_64_FEATURES,
        minimum: Some(("has_sse41", "SSE4.1")),
        vectors: None,
        objects: false,
        smallest: "none",
    },
    Target {
        name: "aarch64-macos",
        triple: "aarch64-apple-darwin",
        aliases: &["arm64-apple-darwin", "arm64-apple-macosx", "arm64-macos", "aarch64-darwin"],
        // No address is free everywhere: page zero is 4 GiB, drivers of the GPU have most of what is between 64 and
        // 448 GiB, and the libraries of the system are anywhere between.
        memory_base: None,
        format: Format::MachO,
        // Arguments on the stack take as many bytes as they have.
        c_convention: CallConv::AppleAarch64,
        c_integers: ArgumentExtension::None,
        runtime: crate::embedded::AARCH64_MACOS,
        cpus: cpu::AARCH64_CPUS,
        features: cpu::AARCH64_FEATURES,
        minimum: None,
        vectors: None,
        objects: false,
        smallest: "speed_and_size",
    },
];

/// The format of executables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Elf(Elf),
    Pe,
    MachO,
}

/// What linkers must know of ELF on a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elf {
    /// `-m`.
    pub emulation: &'static str,
    /// Can the embedded linker, libwild, link for it?
    pub embedded_linker: bool,
    /// Bytes of the largest pages that kernels have: segments must lie in pages of their own.
    pub largest_page: u64,
}

impl Format {
    /// The file format of objects and executables.
    pub fn binary(self) -> BinaryFormat {
        match self {
            Format::Elf(_) => BinaryFormat::Elf,
            Format::Pe => BinaryFormat::Pe,
            Format::MachO => BinaryFormat::MachO,
        }
    }

    /// Can systems with this format move pages of the executable into a memory?
    pub fn moves_pages(self) -> bool {
        matches!(self, Format::Elf(_))
    }

    /// Can we link without another program?
    pub fn has_embedded_linker(self) -> bool {
        match self {
            Format::Elf(elf) => elf.embedded_linker,
            Format::Pe | Format::MachO => true,
        }
    }

    /// With which the names of executables end.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Elf(_) | Format::MachO => "",
            Format::Pe => "exe",
        }
    }
}

/// How hard to optimise, as `-O`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptLevel {
    /// Fast compilation: no optimisation, single-pass register allocation.
    O0,
    /// No optimisation, but registers are allocated as for optimised code.
    O1,
    /// Everything.
    O2,
    /// The smallest code.
    Size,
}

impl OptLevel {
    /// Cranelift's `opt_level` and `regalloc_algorithm`.
    fn settings(self, target: &Target) -> (&'static str, &'static str) {
        match self {
            OptLevel::O0 => ("none", "single_pass"),
            OptLevel::O1 => ("none", "backtracking"),
            OptLevel::O2 => ("speed", "backtracking"),
            OptLevel::Size => (target.smallest, "backtracking"),
        }
    }
}

/// Its name stands for it: the rest is the same wherever the compiler is, and the runtime is large.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Checks of what Cranelift is given and of what it does. They change no output, find faults early, and cost time:
/// tests ask for them. A violation ends the build: the verifier's is an error, that of the register allocation a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// CLIF is well-formed and well-typed.
    pub verifier: bool,
    /// Every value that an instruction reads is still in its register after register allocation.
    pub register_allocation: bool,
}

impl Checks {
    pub const ALL: Checks = Checks { verifier: true, register_allocation: true };
    /// What tests of many modules can afford.
    pub const VERIFIER: Checks = Checks { verifier: true, register_allocation: false };
}

// With debug assertions it isn't what would be derived.
#[allow(clippy::derivable_impls)]
impl Default for Checks {
    fn default() -> Checks {
        Checks { verifier: cfg!(debug_assertions), register_allocation: false }
    }
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
            anyhow!("unknown target `{}`; known targets: {}", escape(name), names.join(", "))
        })
    }

    /// The target of the machine that the compiler runs on.
    pub fn host() -> Result<&'static Target> {
        let host = Triple::host();
        let system = if host.operating_system.is_like_darwin() {
            "macos".into()
        } else {
            host.operating_system.into_str()
        };
        Self::find(&format!("{}-{system}", host.architecture))
            .context("this machine is no target; choose one with --target")
    }

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
            // One program a process: there is nothing to speculate on that isn't its own.
            ("enable_heap_access_spectre_mitigation", "false"),
            ("enable_table_access_spectre_mitigation", "false"),
            ("is_pic", "false"),
            // Not for a section: `codegen` reads from it where functions save registers.
            ("unwind_info", "true"),
            ("use_colocated_libcalls", "true"),
        ];
        for (name, value) in set {
            flags.set(name, value).with_context(|| format!("setting {name}"))?;
        }
        let triple: Triple = self.triple.parse().map_err(|error| anyhow!("{}: {error}", self.triple))?;
        let flags = settings::Flags::new(flags);
        let cpu = self.cpu_name(cpu);
        let mut builder = if cpu == "native" {
            if triple != Triple::host() && Self::host().is_ok_and(|host| host.name != self.name) {
                bail!("--cpu native is for this machine only, not for {}", self.name);
            }
            cranelift_native::builder().map_err(|error| anyhow!("--cpu native: {error}"))?
        } else {
            let mut builder = isa::lookup(triple)?;
            cpu::enable(&mut builder, self, cpu)?;
            builder
        };
        cpu::enable_implied(&mut builder, self.features, &flags)?;
        let isa = builder.finish(flags)?;
        if let Some((setting, name)) = self.minimum
            && !cpu::has(&*isa, setting)
        {
            bail!("the CPU `{cpu}` is too old: code for {} needs {name}", self.name);
        }
        Ok(isa)
    }

    /// The CPU to generate code for: the one that is named, else one that can do what the program needs.
    pub fn cpu_for<'c>(&self, named: Option<&'c str>, vectors: bool) -> Option<&'c str> {
        match self.vectors {
            Some((_, cpu)) if vectors => named.or(Some(cpu)),
            _ => named,
        }
    }

    fn cpu_name<'c>(&self, cpu: Option<&'c str>) -> &'c str {
        cpu.unwrap_or(self.cpus[0].0)
    }

    /// Fails if code for this CPU can't have vectors.
    pub fn require_vectors(&self, isa: &dyn TargetIsa) -> Result<()> {
        match self.vectors {
            Some((setting, cpu)) if !cpu::has(isa, setting) => {
                bail!("the module uses vectors (SIMD), which {} has with --cpu {cpu} only", self.name)
            }
            _ => Ok(()),
        }
    }

    /// What a program demands of the CPU, as `wasm_aot_abi::cpu` has it.
    pub fn cpu_demands(&self, isa: &dyn TargetIsa, cpu: Option<&str>) -> Vec<u8> {
        let name = match self.cpu_name(cpu) {
            "native" => "of the machine that built it (native)",
            name => name,
        };
        cpu::demands(isa, self.features, name)
    }
}

/// A shared back end.
pub type Isa = Arc<dyn TargetIsa>;
