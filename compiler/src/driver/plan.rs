//! The choices of a build, and what follows from them for the phases.

use std::path::PathBuf;

use cranelift_codegen::isa::CallConv;
use wasm_aot_abi::line::Backtrace;
use wasmparser::WasmFeatures;

use super::debug::DebugPlan;
use crate::layout::{self, HostVariants, MemoryOptions};
use crate::link::Linker;
use crate::link::debug::{BuildId, Debug};
use crate::metadata::HeapOptions;
use crate::modules::Linked;
use crate::object::ImageEnd;
use crate::optimise::Passes;
use crate::parse;
use crate::policy::{Limits, Policy};
use crate::preinit::Preinit;
use crate::targets::{Checks, OptLevel, Target};
use crate::translate::Options;

/// What to produce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emit {
    Executable,
    /// The object of an executable, to be linked with the runtime: for tests of linkers.
    ProgramObject,
    /// A library as an object, to be linked with the runtime: see `wasm-aot runtime`.
    Object,
    /// A library as an archive of an object that needs nothing else.
    StaticLibrary,
    /// A library that is loaded.
    SharedLibrary,
    /// What a library gives to C.
    Header,
    /// What a library gives to Rust.
    Rust,
    Assembly,
    Clif,
}

impl Emit {
    /// Whether it is a library, or a part of one.
    pub fn is_library(self) -> bool {
        use Emit::{Header, Object, Rust, SharedLibrary, StaticLibrary};
        matches!(self, Object | StaticLibrary | SharedLibrary | Header | Rust)
    }
}

/// The choices about a library.
#[derive(Clone, Debug)]
pub struct LibraryPlan {
    /// What all its symbols begin with.
    pub prefix: String,
    /// The name of the file of a shared library, by which programs find it.
    pub file_name: Option<String>,
    /// Whether there can be any number of instances.
    pub many: bool,
    /// Whether the runtime provides the functions of WASI. If not, they are imports as all others are.
    pub wasi: bool,
}

impl Default for LibraryPlan {
    fn default() -> LibraryPlan {
        LibraryPlan { prefix: "module".to_owned(), file_name: None, many: false, wasi: true }
    }
}

/// Bytes of stack that a call of a library's function may use, if nothing else is said: threads may have little more.
const LIBRARY_STACK: u64 = 512 << 10;

/// Everything that decides what a build produces. It is made before the build begins and never changes.
#[derive(Clone, Debug)]
pub struct BuildPlan {
    pub target: &'static Target,
    pub emit: Emit,
    pub library: LibraryPlan,
    pub opt_level: OptLevel,
    pub passes: Passes,
    pub cpu: Option<String>,
    pub linker: Linker,
    /// Number of threads; 0 for one per core.
    pub threads: usize,
    /// The features that the module may use.
    pub features: WasmFeatures,
    pub memory_guard: bool,
    pub trap_unknown_imports: bool,
    /// The modules that are linked to the main one.
    pub linked: Vec<Linked>,
    /// The exported function to call in the place of `_start`, and its arguments: see `entry::invoke`.
    pub invoke: Option<String>,
    /// Whether relaxed SIMD gives the results of the specification's deterministic profile.
    pub relaxed_simd_deterministic: bool,
    pub heap: HeapOptions,
    /// Whether the executable or library has neither symbols nor debug information.
    pub strip: bool,
    /// The name of a separate file for symbols and debug information.
    pub debug_file: Option<String>,
    /// How ELF files are identified, if that isn't the linker's choice.
    pub build_id: Option<BuildId>,
    pub debug: DebugPlan,
    /// What is shown of a trap, if it is said.
    pub backtrace: Option<Backtrace>,
    /// Whether a trap ends the process so that the system makes a core dump.
    pub core_on_trap: bool,
    /// Whether the system may load the executable at any address.
    pub pie: bool,
    pub policy: Policy,
    /// Whether the program starts with the state in which an initialiser leaves it, and how that is run.
    pub preinit: Option<Preinit>,
    /// The file to which the program writes its state once it has run, if that is what it is for. Then it does the same
    /// each time.
    pub snapshot: Option<PathBuf>,
    /// Checks of the code generator itself.
    pub checks: Checks,
    /// Bytes by which code is moved, to see whether times depend on where it is.
    pub code_offset: u32,
}

impl BuildPlan {
    pub fn new(target: &'static Target) -> BuildPlan {
        BuildPlan {
            target,
            emit: Emit::Executable,
            library: LibraryPlan::default(),
            opt_level: OptLevel::O2,
            passes: Passes::default(),
            cpu: None,
            linker: Linker::Auto,
            threads: 0,
            features: parse::features::SUPPORTED,
            memory_guard: true,
            trap_unknown_imports: false,
            linked: Vec::new(),
            invoke: None,
            relaxed_simd_deterministic: false,
            heap: HeapOptions::default(),
            strip: false,
            debug_file: None,
            build_id: None,
            debug: DebugPlan::default(),
            backtrace: None,
            core_on_trap: false,
            pie: true,
            policy: Policy::default(),
            preinit: None,
            snapshot: None,
            checks: Checks::default(),
            code_offset: 0,
        }
    }

    pub fn options(&self) -> Options {
        Options {
            relaxed_simd_deterministic: self.relaxed_simd_deterministic,
            soft_limits: self.policy.limits.soft,
            devirtualise: self.passes.devirtualise && self.opt_level.optimises(),
        }
    }

    pub fn layout_options(&self) -> layout::Options {
        layout::Options {
            memory: MemoryOptions {
                guard: self.memory_guard,
                // Libraries leave the choice of addresses to the system.
                base: self.target.memory_base.filter(|_| !self.emit.is_library()),
            },
            fuel: self.policy.limits.fuel,
            stack_size: match self.policy.limits.stack {
                stack if self.emit.is_library() && stack == Limits::default().stack => LIBRARY_STACK,
                stack => stack,
            },
            host: HostVariants {
                user_env: !self.policy.locked,
                native: self.policy.native,
                bundles: !self.policy.bundles.is_empty(),
                trace: self.policy.trace,
                fixed: self.snapshot.is_some(),
            },
            host_convention_differs: self.target.c_convention != CallConv::SystemV,
        }
    }

    /// Leaves debug information out if nothing that is made has it.
    pub fn drop_stripped_debug(&mut self) {
        self.debug.keep &= !self.strip || self.debug_file.is_some();
    }

    /// What debuggers get of a link.
    pub(super) fn link_debug(&self) -> Debug {
        Debug { strip: self.strip, file: self.debug_file.clone(), build_id: self.build_id.clone() }
    }

    pub(super) fn image_end(&self) -> ImageEnd {
        match self.emit {
            _ if !self.target.format.moves_pages() || self.emit.is_library() => ImageEnd::None,
            Emit::Executable => self.linker.image_end(),
            _ => ImageEnd::Page,
        }
    }
}
