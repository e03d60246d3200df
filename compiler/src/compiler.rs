//! The compiler as a library: a builder of options, and the result of a build.

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::debug::DebugFile;
use crate::driver::{self, BuildPlan, Built, Companion, Emit, Progress, Report};
use crate::error::{Error, ErrorKind, Result};
use crate::link::Linker;
use crate::link::debug::BuildId;
use crate::modules::Linked;
use crate::output;
use crate::parse::features;
use crate::policy::Policy;
use crate::preinit::Preinit;
use crate::targets::{OptLevel, Target};

/// Compiles modules and components for a target. Options that aren't set have the defaults of the command line.
///
/// ```
/// use wasm_aot::policy::{DirGrant, Policy};
/// use wasm_aot::targets::{OptLevel, Target};
/// use wasm_aot::{Compiler, Emit};
///
/// let wasm = b"\0asm\x01\0\0\0\x05\x03\x01\0\x01"; // A module with a memory.
/// let mut policy = Policy::default();
/// policy.dirs.push(DirGrant::parse("./data::/data:ro")?);
/// policy.limits.memory = Some(64 << 20);
/// let artifact = Compiler::new(Target::find("aarch64-linux")?)
///     .policy(policy)
///     .opt_level(OptLevel::Size)
///     .emit(Emit::Object)
///     .prefix("codec")
///     .compile(wasm)?;
/// assert!(artifact.bytes().starts_with(b"\x7fELF"));
/// assert_eq!(artifact.companions()[0].name, "codec.h");
/// # Ok::<(), anyhow::Error>(())
/// ```
pub struct Compiler {
    plan: BuildPlan,
    progress: Option<Box<dyn Progress>>,
}

impl Compiler {
    /// A compiler for a target: [`Target::host`] is this machine, [`Target::find`] looks up a target by name.
    pub fn new(target: &'static Target) -> Compiler {
        BuildPlan::new(target).into()
    }

    /// What the program may reach and use. By default it may reach nothing.
    pub fn policy(mut self, policy: Policy) -> Compiler {
        self.plan.policy = policy;
        self
    }

    /// What to produce: by default an executable.
    pub fn emit(mut self, emit: Emit) -> Compiler {
        self.plan.emit = emit;
        self
    }

    /// What all symbols of a library begin with: an identifier. By default `module`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Compiler {
        self.plan.library.prefix = prefix.into();
        self
    }

    /// Whether there can be any number of instances of a library, each of whose functions takes the instance as its first
    /// parameter. By default there is one.
    pub fn many_instances(mut self, many: bool) -> Compiler {
        self.plan.library.many = many;
        self
    }

    /// Whether the runtime provides the functions of WASI in a library, which is the default. If not, they are imports as
    /// all others are.
    pub fn wasi(mut self, provided: bool) -> Compiler {
        self.plan.library.wasi = provided;
        self
    }

    /// How hard to optimise: by default as hard as possible.
    pub fn opt_level(mut self, level: OptLevel) -> Compiler {
        self.plan.opt_level = level;
        self
    }

    /// The CPU to generate code for, as in `--cpu`.
    pub fn cpu(mut self, name: impl Into<String>) -> Compiler {
        self.plan.cpu = Some(name.into());
        self
    }

    /// The linker: by default the embedded one, or, if it can't link for the target, an installed lld.
    pub fn linker(mut self, linker: Linker) -> Compiler {
        self.plan.linker = linker;
        self
    }

    /// How many threads compile; 0, the default, is one for each core.
    pub fn threads(mut self, threads: usize) -> Compiler {
        self.plan.threads = threads;
        self
    }

    /// The features of WebAssembly that a module may use, as in `--features`: `all,-simd`.
    ///
    /// # Errors
    /// If a name is unknown.
    pub fn features(mut self, list: &str) -> Result<Compiler> {
        self.plan.features = features::parse_list(list)
            .map_err(|error| Error::classify(error, ErrorKind::UnsupportedFeature))?;
        Ok(self)
    }

    /// Whether memories are protected by reserved address space, as they are by default, or by checks of each access.
    pub fn memory_guard(mut self, guard: bool) -> Compiler {
        self.plan.memory_guard = guard;
        self
    }

    /// Whether imported functions that nothing provides trap when called, instead of failing the build.
    pub fn trap_unknown_imports(mut self, trap: bool) -> Compiler {
        self.plan.trap_unknown_imports = trap;
        self
    }

    /// Links a module, in the binary format: what others import from a module of this name is what it exports. A shared
    /// library, which its section `dylink.0` makes one, shares the memory of the main module.
    pub fn link(mut self, name: impl Into<String>, wasm: impl Into<Arc<[u8]>>) -> Compiler {
        self.plan.linked.push(Linked { name: name.into(), is_shared: false, wasm: wasm.into() });
        self
    }

    /// The exported function to call instead of `_start`, and its arguments: `add(1, 0x20)`. The program prints its
    /// results.
    pub fn invoke(mut self, invocation: impl Into<String>) -> Compiler {
        self.plan.invoke = Some(invocation.into());
        self
    }

    /// Whether an initialiser is run, in a process of this machine, and the program begins with the state in which it leaves
    /// the module. What the initialiser prints goes to standard error.
    pub fn preinit(mut self, preinit: Preinit) -> Compiler {
        self.plan.preinit = Some(preinit);
        self
    }

    /// Whether the executable has no symbol table.
    pub fn strip(mut self, strip: bool) -> Compiler {
        self.plan.strip = strip;
        self
    }

    /// Whether the debug information that modules have is kept, as it is by default.
    pub fn debug_information(mut self, keep: bool) -> Compiler {
        self.plan.debug.keep = keep;
        self
    }

    /// A file to which a module refers for its debug information, by the name that it has there: see
    /// [`debug::referred`](crate::debug::referred).
    pub fn debug_input(mut self, name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Compiler {
        self.plan.debug.files.push(DebugFile { name: name.into(), bytes: bytes.into() });
        self
    }

    /// The name of a separate file for the debug information, see [`Artifact::debug_file`]. Debuggers look for it beside
    /// the executable.
    pub fn debug_file(mut self, name: impl Into<String>) -> Compiler {
        self.plan.debug_file = Some(name.into());
        self
    }

    /// How ELF files are identified: by default they have a build ID, a hash, if there is debug information.
    pub fn build_id(mut self, id: BuildId) -> Compiler {
        self.plan.build_id = Some(id);
        self
    }

    /// Whether the system may load the executable at any address, which is the default.
    pub fn position_independent(mut self, pie: bool) -> Compiler {
        self.plan.pie = pie;
        self
    }

    /// Where the progress of code generation is reported.
    pub fn progress(mut self, progress: impl Progress + 'static) -> Compiler {
        self.progress = Some(Box::new(progress));
        self
    }

    /// The build plan.
    pub fn plan(&self) -> &BuildPlan {
        &self.plan
    }

    /// Compiles a module or a component in the binary format, in memory.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub fn compile(&self, wasm: &[u8]) -> Result<Artifact> {
        let silent = driver::Silent;
        let progress = self.progress.as_deref().unwrap_or(&silent);
        let mut plan = self.plan.clone();
        plan.drop_stripped_debug();
        let (built, report) = driver::compile(wasm, &plan, progress)?;
        let Built { bytes, companions, debug_file } = built;
        Ok(Artifact { bytes, companions, debug_file, kind: self.plan.emit, report })
    }
}

impl From<BuildPlan> for Compiler {
    fn from(plan: BuildPlan) -> Compiler {
        Compiler { plan, progress: None }
    }
}

impl fmt::Debug for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiler").field("plan", &self.plan).finish_non_exhaustive()
    }
}

/// The result of a build.
pub struct Artifact {
    bytes: Vec<u8>,
    companions: Vec<Companion>,
    debug_file: Option<Vec<u8>>,
    kind: Emit,
    report: Report,
}

impl Artifact {
    /// The executable, object or text.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The files that go with it: the header of a library, the import library of a DLL.
    pub fn companions(&self) -> &[Companion] {
        &self.companions
    }

    /// The file with what debuggers read, if that is apart. Of a program for macOS it is the file in a bundle.
    pub fn debug_file(&self) -> Option<&[u8]> {
        self.debug_file.as_deref()
    }

    /// The executable, object or text.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What kind of output the bytes are.
    pub fn kind(&self) -> Emit {
        self.kind
    }

    /// Warnings: what the user may not expect of the program.
    pub fn warnings(&self) -> &[String] {
        &self.report.warnings
    }

    /// The phases of the build in order, with their wall time.
    pub fn timings(&self) -> &[(&'static str, Duration)] {
        &self.report.phases
    }

    /// Sizes and counts.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Writes the file, with execute permission if it is an executable. A regular file appears whole or not at all,
    /// replacing an existing one; a device or a FIFO is written to, and `-` is standard output.
    ///
    /// # Errors
    /// Names the file. A regular file that existed before is left as it was.
    pub fn write_to(&self, path: impl AsRef<Path>) -> Result<()> {
        output::write(path.as_ref(), &self.bytes, self.kind == Emit::Executable)
            .map_err(|error| Error::classify(error, ErrorKind::Io))
    }
}

/// Leaves out the bytes.
impl fmt::Debug for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Artifact")
            .field("kind", &self.kind)
            .field("bytes", &self.bytes.len())
            .field("report", &self.report)
            .finish()
    }
}
