//! The options of pre-initialisation.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::policy::{Bundle, DirGrant, Policy, quantity};
use crate::preinit::{DEFAULT_EXPORT, Preinit, Rename};

#[derive(Args)]
#[command(next_help_heading = "Pre-initialisation")]
pub struct PreinitOptions {
    /// Run the exported function EXPORT now, after `_initialize`, on this machine, and let the program begin with the
    /// memory, globals and tables that it leaves.
    #[arg(
        long,
        value_name = "EXPORT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = DEFAULT_EXPORT
    )]
    preinit: Option<String>,
    /// Give an export another name in the program that begins so: `_start=wizer.resume` makes it run `wizer.resume`.
    #[arg(long, value_name = "NEW=OLD", requires = "preinit", value_parser = Rename::parse)]
    preinit_rename: Vec<Rename>,
    /// Grant the initialiser a directory, under the name GUEST.
    #[arg(long, value_name = "HOST[::GUEST][:ro]", requires = "preinit", value_parser = directory)]
    preinit_dir: Vec<DirGrant>,
    /// Let the initialiser see a directory tree, read-only, with the same times everywhere, under the name GUEST. It sees
    /// those of --bundle, too.
    #[arg(long, value_name = "HOSTDIR::GUEST", requires = "preinit")]
    preinit_bundle: Vec<String>,
    /// Set an environment variable of the initialiser.
    #[arg(long, value_name = "KEY=VALUE", requires = "preinit", value_parser = variable)]
    preinit_env: Vec<String>,
    /// End the initialiser when it has run for this long.
    #[arg(long, value_name = "DURATION", requires = "preinit", default_value = "60s", value_parser = quantity::duration)]
    preinit_timeout: u64,
}

fn directory(text: &str) -> Result<DirGrant, &'static str> {
    DirGrant::parse(text).map_err(|_| "a directory is HOST[::GUEST][:ro]")
}

fn variable(text: &str) -> Result<String, &'static str> {
    match text.find('=') {
        Some(1..) if !text.contains('\0') => Ok(text.to_owned()),
        _ => Err("a variable is KEY=VALUE"),
    }
}

impl PreinitOptions {
    /// The choices, if there is anything to be run.
    ///
    /// # Errors
    /// If a bundle can't be read.
    pub fn plan(&self) -> Result<Option<Preinit>> {
        let Some(export) = &self.preinit else { return Ok(None) };
        // Later ones take the place of earlier ones of the same name.
        let mut policy = Policy::default();
        self.preinit_dir.iter().for_each(|dir| policy.add_dir(dir.clone()));
        self.preinit_env.iter().for_each(|variable| policy.add_env(variable));
        for text in &self.preinit_bundle {
            policy.add_bundle(Bundle::parse(text)?);
        }
        Ok(Some(Preinit {
            export: export.clone(),
            renames: self.preinit_rename.clone(),
            dirs: policy.dirs,
            bundles: policy.bundles,
            env: policy.env,
            timeout: Duration::from_nanos(self.preinit_timeout),
        }))
    }
}
