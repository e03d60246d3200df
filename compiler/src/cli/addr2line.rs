//! `wasm-aot addr2line`: from addresses in an executable, and from offsets in its Wasm module, to lines.

use std::io::BufRead as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;

use super::{help, input, message};
use crate::escape::escape;
use crate::lookup::{Frame, Lookup};

#[derive(Args)]
#[command(after_help = help::ADDR2LINE)]
pub struct Addr2line {
    /// An executable or shared library that `build` made, or the file with its debug information.
    file: PathBuf,
    /// Addresses in the file, in hexadecimal, or offsets in the Wasm module, with a `+` before; by default those on standard
    /// input, one on each line.
    #[arg(value_name = "ADDRESS|+OFFSET")]
    addresses: Vec<String>,
    /// Print the address, too.
    #[arg(short = 'a', long = "addresses")]
    shows_address: bool,
    /// Print the function, too.
    #[arg(short, long)]
    functions: bool,
    /// Print the functions into which it was inlined, too.
    #[arg(short, long)]
    inlines: bool,
    /// Print each place on one line.
    #[arg(short, long)]
    pretty_print: bool,
    /// Print names of files without directories.
    #[arg(short = 's', long)]
    basenames: bool,
    /// Print columns, too.
    #[arg(long)]
    columns: bool,
    /// Print the offset in the Wasm module, too.
    #[arg(short, long)]
    wasm: bool,
    /// Accepted for compatibility: names are always demangled.
    #[arg(short = 'C', long)]
    demangle: bool,
    /// The addresses are those of a process whose code begins here, as `WASM_AOT_BACKTRACE=full` shows it.
    #[arg(long, value_name = "ADDRESS", value_parser = hexadecimal)]
    code_start: Option<u64>,
}

impl Addr2line {
    pub fn execute(self) -> Result<()> {
        let bytes = input::read(&self.file)?;
        let lookup = Lookup::new(&bytes).with_context(|| input::name(&self.file))?;
        for address in &self.addresses {
            message::print(&self.answer(&lookup, address)?)?;
        }
        if self.addresses.is_empty() {
            for line in std::io::stdin().lock().lines() {
                message::print(&self.answer(&lookup, line.context("can't read standard input")?.trim())?)?;
            }
        }
        Ok(())
    }

    /// What is printed for an address or an offset.
    fn answer(&self, lookup: &Lookup<'_>, text: &str) -> Result<String> {
        let addresses = match text.strip_prefix('+') {
            Some(offset) => match u32::try_from(hexadecimal(offset).unwrap_or(u64::MAX)) {
                Ok(offset) => lookup.addresses(offset)?,
                Err(_) => Vec::new(),
            },
            None => match (hexadecimal(text), self.code_start) {
                (Ok(address), Some(start)) => vec![lookup.from_process(address, start)?],
                (Ok(address), None) => vec![address],
                (Err(_), _) => Vec::new(),
            },
        };
        let is_offset = text.starts_with('+');
        if addresses.is_empty() {
            return Ok(self.place(lookup, None, is_offset));
        }
        Ok(addresses.into_iter().map(|address| self.place(lookup, Some(address), is_offset)).collect())
    }

    /// What is printed for an address.
    fn place(&self, lookup: &Lookup<'_>, address: Option<u64>, is_offset: bool) -> String {
        let mut frames = address.map(|address| lookup.frames(address)).unwrap_or_default();
        if frames.is_empty() {
            frames.push(Frame::default());
        }
        let mut parts = Vec::new();
        // Who asks for an offset wants to know the address.
        if self.shows_address || is_offset {
            parts.push(address.map_or("??".to_owned(), |address| format!("0x{address:016x}")));
        }
        if self.wasm {
            let wasm = address.and_then(|address| lookup.wasm(address));
            parts.push(wasm.map_or("+??".to_owned(), |wasm| format!("+{wasm:#x}")));
        }
        let separator = if self.pretty_print { ": " } else { "\n" };
        let mut text: String = parts.iter().map(|part| format!("{part}{separator}")).collect();
        let shown = if self.inlines { frames.len() } else { 1 };
        for (index, frame) in frames.iter().take(shown).enumerate() {
            if index > 0 && self.pretty_print {
                text += " (inlined by) ";
            }
            if self.functions {
                let function = if frame.function.is_empty() { "??" } else { &frame.function };
                text += &escape(function);
                text += if self.pretty_print { " at " } else { "\n" };
            }
            text += &self.line(frame);
            text += "\n";
        }
        text
    }

    fn line(&self, frame: &Frame) -> String {
        if frame.file.is_empty() || frame.line == 0 {
            return "??:0".to_owned();
        }
        let name = Path::new(&frame.file).file_name().filter(|_| self.basenames);
        let name = name.map_or(frame.file.clone(), |name| name.to_string_lossy().into_owned());
        let column = match frame.column {
            column if column != 0 && self.columns => format!(":{column}"),
            _ => String::new(),
        };
        format!("{}:{}{column}", escape(&name), frame.line)
    }
}

fn hexadecimal(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    if digits.starts_with('+') {
        return Err("this isn't an address".to_owned());
    }
    u64::from_str_radix(digits, 16).map_err(|error| error.to_string())
}
