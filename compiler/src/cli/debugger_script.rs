//! `wasm-aot debugger-script`: what teaches a debugger about pointers into linear memories.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::message;

#[derive(Args)]
pub struct DebuggerScript {
    /// The debugger.
    debugger: Debugger,
}

#[derive(Clone, Copy, ValueEnum)]
enum Debugger {
    Gdb,
    Lldb,
}

impl DebuggerScript {
    pub fn execute(&self) -> Result<()> {
        message::print(match self.debugger {
            Debugger::Gdb => include_str!("../debug/scripts/gdb.py"),
            Debugger::Lldb => include_str!("../debug/scripts/lldb.py"),
        })
    }
}
