//! The options about symbols, build IDs and files of debug information, and how such a file is written.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::destinations::Destinations;
use crate::driver::{BuildPlan, Emit};
use crate::link::debug::{BuildId, bundle};
use crate::output;
use crate::targets::Format;

#[derive(Args)]
pub struct DebugFileOptions {
    /// Leave out the symbol table and debug information. With --debug-file they are in that file.
    #[arg(long)]
    strip: bool,
    /// Write the debug information into a file of its own, which debuggers find beside the executable; for macOS a
    /// bundle, whose name ends in `.dSYM`.
    #[arg(long, value_name = "FILE")]
    debug_file: Option<PathBuf>,
    /// Linux: the build ID: `none`, `hash` of the contents, or `0x` and hexadecimal digits. By default `hash` if there is
    /// debug information, otherwise `none`.
    #[arg(long, value_name = "ID", num_args = 0..=1, require_equals = true, default_missing_value = "hash")]
    build_id: Option<BuildId>,
}

/// Where debug information goes.
pub struct DebugFile {
    /// As it was given: the file or the bundle.
    pub name: PathBuf,
    /// The file with the debug information.
    path: PathBuf,
    /// In a bundle, the file that says what it is, and its contents.
    list: Option<(PathBuf, String)>,
}

impl DebugFileOptions {
    /// Adds to a plan what the options say, and returns where debug information goes if it is apart, which it adds to
    /// the destinations.
    ///
    /// # Errors
    /// If an option is given that the output can't have; if the file is one of the others.
    pub fn plan(
        &self,
        plan: &mut BuildPlan,
        output: &Path,
        destinations: &mut Destinations,
    ) -> Result<Option<DebugFile>> {
        plan.strip = self.strip;
        plan.build_id = self.build_id.clone();
        let is_linked = matches!(plan.emit, Emit::Executable | Emit::SharedLibrary);
        if self.build_id.is_some() && !(is_linked && plan.target.format.has_build_ids()) {
            bail!("--build-id is for executables and shared libraries for Linux");
        }
        let Some(name) = &self.debug_file else { return Ok(None) };
        if !is_linked {
            bail!("--debug-file is for executables and shared libraries");
        }
        let file_name = name.file_name().and_then(|name| name.to_str());
        let Some(file_name) = file_name.filter(|_| name != Path::new(output::STANDARD)) else {
            bail!("--debug-file {}: debuggers couldn't find it by this name", output::name(name));
        };
        plan.debug_file = Some(file_name.to_owned());
        let file = DebugFile::new(name, plan.target.format, output)?;
        // Of a bundle, too, whose name is that of a directory.
        if output::is_same(name, output) {
            let [name, output] = [name, output].map(output::name);
            bail!("--debug-file {name}: it is the same file as the output {output}");
        }
        for path in file.paths() {
            let inside =
                if file.list.is_some() { format!("{} in ", output::name(path)) } else { String::new() };
            destinations.write(format!("{inside}--debug-file {}", output::name(name)), path)?;
        }
        Ok(Some(file))
    }
}

impl DebugFile {
    fn new(name: &Path, format: Format, output: &Path) -> Result<DebugFile> {
        if !format.has_debug_bundles() {
            return Ok(DebugFile { name: name.to_owned(), path: name.to_owned(), list: None });
        }
        if !bundle::is_name(name) {
            bail!(
                "--debug-file {}: for macOS it is a bundle, whose name ends in `.dSYM`: {}",
                output::name(name),
                output::name(&bundle::beside(output))
            );
        }
        let program = output.file_name().filter(|_| output != Path::new(output::STANDARD));
        let program = program
            .context("--debug-file: for macOS it has the name of the output in it: give one with -o")?;
        let list = (bundle::list(name), bundle::list_text(&program.to_string_lossy()));
        Ok(DebugFile { name: name.to_owned(), path: bundle::file(name, program), list: Some(list) })
    }

    fn paths(&self) -> impl Iterator<Item = &Path> {
        [&*self.path].into_iter().chain(self.list.as_ref().map(|(path, _)| &**path))
    }

    /// Writes it; a bundle with its directories.
    ///
    /// # Errors
    /// Names what can't be written.
    pub fn write(&self, contents: &[u8]) -> Result<()> {
        if let Some((list, text)) = &self.list {
            let directory = self.path.parent().expect("it is in the bundle");
            std::fs::create_dir_all(directory)
                .with_context(|| format!("can't create the directory {}", output::name(directory)))?;
            output::write(list, text.as_bytes(), false)?;
        }
        output::write(&self.path, contents, false)
    }
}
