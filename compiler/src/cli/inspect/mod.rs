//! `wasm-aot inspect`: shows what a module or a component contains, and whether a build would succeed; or the policy in
//! an executable. `--html` and `--json` show where the bytes of either come from, too, and `--diff` what has changed.

mod changes;
mod component;
mod module;
mod outcome;
mod page;
mod report;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use super::destinations::Destinations;
use super::link::LinkOptions;
use super::{help, input, message};
use crate::component::is_component;
use crate::escape::{self, escape};
use crate::modules::Linked;
use crate::output;
use crate::policy::read::{self, BundleSummary};
use report::Report;

#[derive(Args)]
#[command(after_help = help::INSPECT)]
pub struct Inspect {
    /// A module or a component, in the binary or (as `.wat`) the text format, or an executable that `build` made; `-`
    /// is standard input.
    input: PathBuf,
    /// Write a page that shows where the bytes come from, by module, namespace and function.
    #[arg(long, conflicts_with = "json")]
    html: bool,
    /// Write the same, and everything else that is known, as JSON; docs/inspect.md describes it.
    #[arg(long)]
    json: bool,
    /// Compare with this file: show what has grown since, and what has shrunk.
    #[arg(long, value_name = "OTHER")]
    diff: Option<PathBuf>,
    /// Where to write the page or the JSON; by default a page has the name of the input and `.html`, in the working
    /// directory, and JSON goes to standard output. `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    link: LinkOptions,
}

impl Inspect {
    pub fn execute(self) -> Result<()> {
        if self.html || self.json {
            return self.write();
        }
        if let Some(output) = &self.output {
            bail!("-o {} is for --html and --json", output::name(output));
        }
        let bytes = input::read_module(&self.input)?;
        let name = input::name(&self.input);
        let linked = self.link.read()?;
        let mut text = String::new();
        if self.diff.is_some() {
            let report = self.report(&bytes, &linked)?;
            changes::describe(&mut text, &name, report.diff.as_ref().context("it was compared")?)?;
        } else if read::is_executable(&bytes) {
            executable(&mut text, &bytes, &name)?;
        } else if is_component(&bytes) {
            writeln!(text, "{name}: a component of {} bytes", bytes.len())?;
            component::describe(&mut text, &bytes)?;
        } else {
            writeln!(text, "{name}: {} bytes", bytes.len())?;
            module::describe(&mut text, &bytes, &linked)?;
        }
        message::print(&escape::lines(&text))
    }

    /// Writes the page or the JSON.
    fn write(&self) -> Result<()> {
        let default = || default_page(&self.input);
        let output = match &self.output {
            Some(output) => output.clone(),
            None if self.json => output::STANDARD.into(),
            None => default()?,
        };
        let read = [&*self.input].into_iter().chain(self.diff.as_deref()).chain(self.link.files());
        let mut destinations = Destinations::new(read.map(Path::to_owned).collect());
        destinations.write(format!("the output {}", output::name(&output)), &output)?;
        let bytes = input::read_module(&self.input)?;
        let report = self.report(&bytes, &self.link.read()?)?;
        let text =
            if self.html { page::page(&report)? } else { serde_json::to_string_pretty(&report)? + "\n" };
        output::write(&output, text.as_bytes(), false)?;
        if self.output.is_none() && self.html {
            message::note(&format!("{}: {} bytes", output::name(&output), text.len()));
        }
        Ok(())
    }

    /// What is known about the input, compared with the other file if there is one.
    fn report(&self, bytes: &[u8], linked: &[Linked]) -> Result<Report> {
        let mut report = Report::new(&input::name(&self.input), bytes, linked)?;
        if let Some(other) = &self.diff {
            let before = Report::new(&input::name(other), &input::read_module(other)?, linked)?;
            report.compare(&before)?;
        }
        Ok(report)
    }
}

/// The page about an input: its name and `.html`, in the working directory.
fn default_page(input: &Path) -> Result<PathBuf> {
    if input == Path::new(output::STANDARD) {
        bail!("there is no default output name for standard input: give one with -o");
    }
    let mut name = input.file_name().context("the input has no file name")?.to_owned();
    name.push(".html");
    Ok(name.into())
}

/// The policy of an executable, as TOML.
fn executable(text: &mut String, bytes: &[u8], name: &str) -> Result<()> {
    let executable = read::executable(bytes).with_context(|| name.to_owned())?;
    writeln!(text, "# {name}: {}, {} bytes; the policy:", executable.target, bytes.len())?;
    write!(text, "{}", executable.policy)?;
    for BundleSummary { guest, files, bytes } in &executable.bundles {
        writeln!(text, "# bundle {}: {files} files, {bytes} bytes", escape(guest))?;
    }
    Ok(())
}
