//! Finds targets by name, and the target of this machine.

use target_lexicon::Triple;

use super::table::TARGETS;
use super::target::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::escape::escape;

impl Target {
    /// The target with this name or triple.
    ///
    /// # Errors
    /// If there is none; the error lists the known targets.
    pub fn find(name: &str) -> Result<&'static Target> {
        let known =
            |target: &&Target| target.name == name || target.triple == name || target.aliases.contains(&name);
        TARGETS.iter().find(known).ok_or_else(|| {
            let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            let message = format!("unknown target `{}`", escape(name));
            Error::new(ErrorKind::Target, message)
                .advise("; ", format!("known targets: {}", names.join(", ")))
        })
    }

    /// The target of the machine that the compiler runs on.
    ///
    /// # Errors
    /// If this machine isn't a target.
    pub fn host() -> Result<&'static Target> {
        let host = Triple::host();
        let system = if host.operating_system.is_like_darwin() {
            "macos".into()
        } else {
            host.operating_system.into_str()
        };
        let context = "this machine isn't a supported target; choose one with --target";
        Self::find(&format!("{}-{system}", host.architecture))
            .map_err(|error| Error::classify(anyhow::Error::from(error).context(context), ErrorKind::Target))
    }
}
