//! `wasm-aot build`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use super::options::CompileOptions;
use crate::build::{self, Emit, Report};
use crate::target::Target;

#[derive(Args)]
pub struct Build {
    /// The module, in the binary or (as `.wat`) the text format.
    input: PathBuf,
    /// Where to write the result; by default the name of the input, in the working directory.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Target, by short name or triple; by default this machine.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// What to write.
    #[arg(long, value_name = "WHAT", default_value = "exe")]
    emit: EmitOption,
    /// Leave out the symbol table.
    #[arg(long)]
    strip: bool,
    /// Linux: load the executable at a fixed address.
    #[arg(long)]
    no_pie: bool,
    /// Linux: let the system load it at any address (the default).
    #[arg(long, conflicts_with = "no_pie")]
    static_pie: bool,
    /// Print a table of how long each phase took.
    #[arg(long)]
    timings: bool,
    /// Print nothing but errors.
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Print more.
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    compile: CompileOptions,
}

#[derive(Clone, Copy, ValueEnum)]
enum EmitOption {
    /// A native executable.
    Exe,
    /// A relocatable object, to be linked with the runtime.
    Obj,
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
        let extension;
        (plan.emit, extension) = match self.emit {
            EmitOption::Exe => (Emit::Executable, target.format.extension()),
            EmitOption::Obj => (Emit::Object, "o"),
            EmitOption::Asm => (Emit::Assembly, "s"),
            EmitOption::Clif => (Emit::Clif, "clif"),
        };
        plan.strip = self.strip;
        plan.pie = !self.no_pie;
        plan.progress = !self.quiet && std::io::stderr().is_terminal();
        let output = match self.output {
            Some(output) => output,
            None => {
                let stem = self.input.file_stem().context("the input has no file name")?;
                let mut name = PathBuf::from(stem);
                if !extension.is_empty() {
                    name.as_mut_os_string().push(format!(".{extension}"));
                }
                name
            }
        };
        if output.is_dir() {
            bail!("can't write {}: it is a directory", output.display());
        }
        let wasm = super::read_module(&self.input)?;
        let report = build::build(&wasm, &output, &plan)
            .with_context(|| format!("can't build {}", self.input.display()))?;
        if !self.quiet {
            report.warnings.iter().for_each(|warning| super::warn(warning));
        }
        if self.timings {
            print_timings(&report);
        }
        if !self.quiet && !matches!(plan.emit, Emit::Assembly | Emit::Clif) {
            let total = if self.verbose { format!(" of {}", report.functions_total) } else { String::new() };
            eprintln!(
                "{}: {} functions{total}, {} of code, {} in all, {:.2} s",
                output.display(),
                report.functions,
                bytes(report.code_bytes as u64),
                bytes(report.output_bytes),
                start.elapsed().as_secs_f64(),
            );
        }
        Ok(())
    }
}

fn bytes(count: u64) -> String {
    match count {
        0..10_240 => format!("{count} bytes"),
        10_240..10_485_760 => format!("{:.1} KiB", count as f64 / 1024.0),
        _ => format!("{:.1} MiB", count as f64 / 1_048_576.0),
    }
}

fn print_timings(report: &Report) {
    let total: f64 = report.phases.iter().map(|(_, time)| time.as_secs_f64()).sum();
    eprintln!("{:<20} {:>10} {:>6}", "phase", "ms", "%");
    for (phase, time) in &report.phases {
        let seconds = time.as_secs_f64();
        eprintln!("{phase:<20} {:>10.1} {:>6.1}", seconds * 1e3, 100.0 * seconds / total);
    }
    eprintln!("{:<20} {:>10.1} {:>6.1}", "total", total * 1e3, 100.0);
}
