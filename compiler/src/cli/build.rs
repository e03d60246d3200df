//! `wasm-aot build`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use super::debug::TextOptions;
use super::debug_files::DebugFileOptions;
use super::destinations::Destinations;
use super::library::LibraryOptions;
use super::options::CompileOptions;
use super::preinit::PreinitOptions;
use super::{debug, help, input, library, message, progress};
use crate::driver::{BuildPlan, Emit, Report};
use crate::output;
use crate::policy::bundle::Bundle;
use crate::sbom;
use crate::targets::{Affixes, Format, Target};
use crate::{Artifact, Compiler};

#[derive(Args)]
#[command(after_help = help::BUILD)]
pub struct Build {
    /// The module or component, in the binary or (as `.wat`) the text format; `-` is standard input.
    input: PathBuf,
    /// Where to write the result; by default the name of the input, in the working directory. `-` is standard
    /// output. An existing device or FIFO is written to.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Target, by short name or triple; by default this machine.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// What to produce.
    #[arg(long, value_name = "WHAT", default_value = "exe")]
    emit: EmitOption,
    #[command(flatten)]
    debug_files: DebugFileOptions,
    #[command(flatten)]
    text: TextOptions,
    #[command(flatten)]
    library: LibraryOptions,
    #[command(flatten)]
    preinit: PreinitOptions,
    /// Linux: load the executable at a fixed address.
    #[arg(long)]
    no_pie: bool,
    /// Linux: let the system load it at any address (the default).
    #[arg(long, conflicts_with = "no_pie")]
    static_pie: bool,
    /// Write a bill of materials: what went into the output, as CycloneDX 1.6.
    #[arg(long, value_name = "FILE")]
    sbom: Option<PathBuf>,
    /// Print a table of how long each phase took.
    #[arg(long)]
    timings: bool,
    /// Print only errors.
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Print more information.
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    compile: CompileOptions,
}

#[derive(Clone, Copy, ValueEnum)]
enum EmitOption {
    /// A native executable.
    Exe,
    /// A library as a relocatable object, to be linked with the runtime: see `wasm-aot runtime`.
    Obj,
    /// A static library: an archive of one object that needs nothing else.
    Staticlib,
    /// A shared library; a DLL has an import library beside it.
    Cdylib,
    /// The C header of a library, which is also written beside each library.
    Header,
    /// The Rust module of a library.
    Rust,
    /// The object of an executable, for tests of linkers.
    #[value(hide = true)]
    Program,
    /// Disassembled machine code.
    Asm,
    /// Cranelift's intermediate representation, before optimisation.
    Clif,
}

impl Build {
    pub fn execute(self) -> Result<()> {
        let start = Instant::now();
        let target = match &self.target {
            Some(name) => Target::find(name)?,
            None => Target::host()?,
        };
        let mut plan = self.compile.plan(target)?;
        plan.emit = match self.emit {
            EmitOption::Exe => Emit::Executable,
            EmitOption::Obj => Emit::Object,
            EmitOption::Staticlib => Emit::StaticLibrary,
            EmitOption::Cdylib => Emit::SharedLibrary,
            EmitOption::Header => Emit::Header,
            EmitOption::Rust => Emit::Rust,
            EmitOption::Program => Emit::ProgramObject,
            EmitOption::Asm => Emit::Assembly,
            EmitOption::Clif => Emit::Clif,
        };
        plan.pie = !self.no_pie;
        plan.preinit = self.preinit.plan()?;
        let output = match &self.output {
            Some(output) => output.clone(),
            None => default_output(&self.input, plan.emit, target.format)?,
        };
        plan.library = self.library.plan(plan.emit, &self.input, &output)?;
        let bundled = plan.policy.bundles.iter().flat_map(Bundle::files).map(Path::to_owned);
        let read =
            [&*self.input].into_iter().chain(self.compile.policy_file()).chain(self.compile.linked_files());
        let inputs: Vec<PathBuf> = read.map(Path::to_owned).chain(bundled).collect();
        let mut destinations = Destinations::new(inputs);
        destinations.write(format!("the output {}", output::name(&output)), &output)?;
        let debug_file = self.debug_files.plan(&mut plan, &output, &mut destinations)?;
        if let Some(path) = self.text.file() {
            destinations.write(format!("--debug-wat {}", output::name(path)), path)?;
        }
        if let Some(path) = &self.sbom {
            destinations.write(format!("--sbom {}", output::name(path)), path)?;
        }
        let wasm = input::read_module(&self.input)?;
        plan.drop_stripped_debug();
        if plan.debug.keep {
            let (paths, files) = debug::files(&self.input, &wasm).into_iter().unzip();
            destinations.read(paths)?;
            plan.debug.files = files;
        }
        let (text, lines) = self.text.text(&wasm)?.unzip();
        plan.debug.text = lines;
        let compiler = progress::show(Compiler::from(plan), !self.quiet);
        let cannot_build = || format!("can't build {}", input::name(&self.input));
        let artifact = compiler.compile(&wasm).with_context(cannot_build)?;
        let compiled = Instant::now();
        let beside = library::companions(&artifact, &output, &mut destinations).with_context(cannot_build)?;
        // First, so that no executable names a file that isn't there.
        if let (Some(file), Some(contents)) = (&debug_file, artifact.debug_file()) {
            file.write(contents).with_context(cannot_build)?;
        }
        artifact.write_to(&output).with_context(cannot_build)?;
        for (path, bytes) in &beside {
            output::write(path, bytes, false).with_context(cannot_build)?;
        }
        if let (Some(path), Some(text)) = (self.text.file(), text) {
            output::write(path, text.as_bytes(), false).with_context(cannot_build)?;
        }
        if let Some(path) = &self.sbom {
            let name =
                |path: &Path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            let (input, made) = (name(&self.input), name(&output));
            let bill = sbom::bill(compiler.plan(), (&input, &wasm), (&made, artifact.bytes()));
            output::write(path, bill.as_bytes(), false).with_context(cannot_build)?;
        }
        let written = compiled.elapsed();
        if !self.quiet {
            artifact.warnings().iter().for_each(|warning| message::warning(warning));
        }
        if self.timings {
            message::note(&timings(&artifact, written));
        }
        if !self.quiet {
            let (name, seconds) = (output::name(&output), start.elapsed().as_secs_f64());
            let summary = summary(compiler.plan(), artifact.report(), self.verbose);
            let beside = beside.iter().map(|(path, _)| path).chain(debug_file.iter().map(|file| &file.name));
            let beside: String = beside.map(|path| format!("; {}", output::name(path))).collect();
            message::note(&format!("{name}: {summary}, {seconds:.2} s{beside}"));
        }
        Ok(())
    }
}

/// The name of the output that is made of the input's file stem, in the working directory.
fn default_output(input: &Path, emit: Emit, format: Format) -> Result<PathBuf> {
    if input == Path::new(output::STANDARD) {
        bail!("there is no default output name for standard input: give one with -o");
    }
    let stem = input.file_stem().context("the input has no file name")?;
    let affixes = match emit {
        Emit::Executable => format.executable(),
        Emit::ProgramObject | Emit::Object => Affixes("", ".o"),
        Emit::StaticLibrary => format.static_library(),
        Emit::SharedLibrary => format.shared_library(),
        Emit::Header => Affixes("", ".h"),
        Emit::Rust => Affixes("", ".rs"),
        Emit::Assembly => Affixes("", ".s"),
        Emit::Clif => Affixes("", ".clif"),
    };
    Ok(affixes.around(stem).into())
}

/// What was written.
fn summary(plan: &BuildPlan, report: &Report, verbose: bool) -> String {
    let total = if verbose { format!(" of {}", report.functions_total) } else { String::new() };
    let functions = format!("{} functions{total}", report.functions);
    let target = plan.target.name;
    let (code, all) = (bytes(report.code_bytes as u64), bytes(report.output_bytes));
    match plan.emit {
        Emit::Executable => format!("{functions}, {code} of code, {all} in all"),
        Emit::Object => {
            format!("object of a library for {target}, {functions}, {code} of code, {all} in all")
        }
        Emit::StaticLibrary => {
            format!("static library for {target}, {functions}, {code} of code, {all} in all")
        }
        Emit::SharedLibrary => {
            format!("shared library for {target}, {functions}, {code} of code, {all} in all")
        }
        Emit::Header => format!("C header for {target}, {all}"),
        Emit::Rust => format!("Rust module for {target}, {all}"),
        Emit::ProgramObject => format!("object for {target}, {functions}, {code} of code, {all} in all"),
        Emit::Assembly => format!("assembly for {target}, {functions}, {all}"),
        Emit::Clif => format!("CLIF for {target}, {functions}, {all}"),
    }
}

fn bytes(count: u64) -> String {
    match count {
        0..10_240 => format!("{count} bytes"),
        10_240..10_485_760 => format!("{:.1} KiB", count as f64 / 1024.0),
        _ => format!("{:.1} MiB", count as f64 / 1_048_576.0),
    }
}

fn timings(artifact: &Artifact, written: Duration) -> String {
    let phases = artifact.timings().iter().copied().chain([("write output", written)]);
    let total: f64 = phases.clone().map(|(_, time)| time.as_secs_f64()).sum();
    let mut text = format!("{:<20} {:>10} {:>6}", "phase", "ms", "%");
    for (phase, time) in phases.chain([("total", Duration::from_secs_f64(total))]) {
        let seconds = time.as_secs_f64();
        text += &format!("\n{phase:<20} {:>10.1} {:>6.1}", seconds * 1e3, 100.0 * seconds / total);
    }
    text
}
