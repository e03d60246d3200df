//! `wasm-aot targets`.

use std::fmt::Write as _;

use anyhow::Result;

use super::message;
use crate::targets::{RuntimeKind, TARGETS, Target};

pub fn execute() -> Result<()> {
    let host = Target::host().ok().map(|target| target.name);
    let mut text = String::new();
    writeln!(text, "{:<16} {:<28} status", "target", "triple")?;
    for target in &TARGETS {
        let status = match target.runtime(RuntimeKind::Modules) {
            Some(_) if host == Some(target.name) => "ready (this machine)",
            Some(_) => "ready",
            None => "no runtime in this build of wasm-aot: `make runtimes`, then rebuild",
        };
        writeln!(text, "{:<16} {:<28} {status}", target.name, target.triple)?;
    }
    message::print(&text)
}
