//! Addresses in executables: from an address, or from an offset in the Wasm module, to functions and lines. By native DWARF, in
//! the executable or in a file of its own, or by the line table for traps.
//!
//! The file may come from anywhere: nothing in it is trusted, nothing panics, and the work is bounded by its size.

mod frame;
mod native;
mod table;

use anyhow::{Context as _, Result, bail};

use crate::policy::image::Image;
pub use frame::Frame;
use native::Native;
use table::LineTable;

/// What an executable, or a file with its debug information, says about its addresses.
pub struct Lookup<'d> {
    native: Option<Native<'d>>,
    table: Option<LineTable<'d>>,
}

impl<'d> Lookup<'d> {
    /// # Errors
    /// If the file isn't one that can be read, or says nothing about lines.
    pub fn new(bytes: &'d [u8]) -> Result<Lookup<'d>> {
        let file = object::File::parse(bytes).context("this isn't an executable that can be read")?;
        let image = Image::new(bytes, &file)?;
        let table = LineTable::read(&image).context("the line table in the executable is damaged")?;
        let native = Native::read(bytes.len(), &file);
        if native.is_none() && table.is_none() {
            bail!(
                "it has neither debug information nor a line table; build it from a module with debug information, and \
                 without --strip"
            );
        }
        Ok(Lookup { native, table })
    }

    /// The functions at an address, the innermost inlined one first; empty if nothing is known.
    pub fn frames(&self, address: u64) -> Vec<Frame> {
        let of_table = || self.table.as_ref().map(|table| table.frames(address)).unwrap_or_default();
        match &self.native {
            // Native DWARF doesn't know what the compiler has inlined.
            Some(_) if self.table.as_ref().is_some_and(|table| table.is_inlined(address)) => of_table(),
            Some(native) if native.has_lines() => {
                let mut frames = native.frames(address);
                let of_table = of_table();
                if frames.iter().all(|frame| frame.line == 0) && of_table.iter().any(|frame| frame.line != 0)
                {
                    return of_table;
                }
                // Some files have no symbols.
                if let (Some(frame), Some(known)) = (frames.last_mut(), of_table.last())
                    && frame.function.is_empty()
                {
                    frame.function.clone_from(&known.function);
                }
                frames
            }
            Some(native) => {
                let frames = of_table();
                if frames.is_empty() { native.frames(address) } else { frames }
            }
            None => of_table(),
        }
    }

    /// The addresses of what an operator, by its offset in the Wasm module, became; of the nearest one before it that has some.
    ///
    /// # Errors
    /// If there is no line table.
    pub fn addresses(&self, wasm: u32) -> Result<Vec<u64>> {
        let table =
            self.table.as_ref().context("offsets of Wasm need the executable, which has the line table")?;
        Ok(table.addresses(wasm))
    }

    /// The offset in the Wasm module of the instruction at an address.
    pub fn wasm(&self, address: u64) -> Option<u32> {
        self.table.as_ref()?.wasm(address)
    }

    /// The address in the file of an address in a process whose code begins at `start`.
    ///
    /// # Errors
    /// If there is no line table.
    pub fn from_process(&self, address: u64, start: u64) -> Result<u64> {
        let table =
            self.table.as_ref().context("--code-start needs the executable, which has the line table")?;
        Ok(address.wrapping_sub(start).wrapping_add(table.code.start))
    }
}
