//! `wasm-aot inspect`: shows what a module or a component contains, and whether a build would succeed; or the policy in
//! an executable.

mod component;
mod module;
mod outcome;

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;

use super::link::LinkOptions;
use super::{help, input, message};
use crate::component::is_component;
use crate::escape::{self, escape};
use crate::policy::read::{self, BundleSummary};

#[derive(Args)]
#[command(after_help = help::INSPECT)]
pub struct Inspect {
    /// A module or a component, in the binary or (as `.wat`) the text format, or an executable that `build` made; `-`
    /// is standard input.
    input: PathBuf,
    #[command(flatten)]
    link: LinkOptions,
}

/// The first bytes of executables: ELF, PE, and Mach-O for 64-bit little-endian machines.
const MAGICS: [&[u8]; 3] = [b"\x7fELF", b"MZ", &object::macho::MH_MAGIC_64.to_le_bytes()];

impl Inspect {
    pub fn execute(self) -> Result<()> {
        let bytes = input::read_module(&self.input)?;
        let name = input::name(&self.input);
        let mut text = String::new();
        if MAGICS.iter().any(|magic| bytes.starts_with(magic)) {
            executable(&mut text, &bytes, &name)?;
        } else if is_component(&bytes) {
            writeln!(text, "{name}: a component of {} bytes", bytes.len())?;
            component::describe(&mut text, &bytes)?;
        } else {
            writeln!(text, "{name}: {} bytes", bytes.len())?;
            module::describe(&mut text, &bytes, &self.link.read()?)?;
        }
        message::print(&escape::lines(&text))
    }
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
