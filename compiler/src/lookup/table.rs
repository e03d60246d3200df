//! The line table of an executable (`wasm_aot_abi::line`), and the names of its functions.

use std::ops::Range;

use anyhow::{Context as _, Result, bail, ensure};
use wasm_aot_abi::line::{LineInfo, Position, Site, Table};
use wasm_aot_abi::policy::Bytes;
use wasm_aot_abi::shared::Pointer;

use super::frame::Frame;
use crate::escape::unescape;
use crate::policy::image::{Image, Loaded};

/// A line table, and where its code is.
pub struct LineTable<'d> {
    /// The addresses of the code.
    pub code: Range<u64>,
    table: Table<'d>,
    /// Code offset of each function's first byte, ascending, and the end of its name.
    functions: Vec<(u32, u32)>,
    names: &'d [u8],
}

impl<'d> LineTable<'d> {
    /// Reads it; none if there is none.
    ///
    /// # Errors
    /// If it is damaged, or of another version.
    pub fn read(image: &Image<'d>) -> Result<Option<LineTable<'d>>> {
        let Some(at) = image.find(LineInfo::MARK) else { return Ok(None) };
        let info: LineInfo<Loaded> = image.read(at)?;
        if info.version != LineInfo::VERSION {
            bail!("it has version {}, this wasm-aot knows version {}", info.version, LineInfo::VERSION);
        }
        let address = |pointer: Pointer<u64, u8>| pointer.address.context("a null pointer");
        let code = address(info.text_start)?..address(info.text_end)?;
        ensure!(image.contains(&code), "its code isn't there");
        let table = image.octets(Bytes { data: info.table, length: info.table_bytes })?;
        let table = Table::new(table).context("it has no contents")?;
        ensure!(
            u64::from(table.site_count()) <= code.end - code.start,
            "it has more sites than bytes of code"
        );
        let count = info.functions.count;
        let starts = image.array(info.functions.starts, count)?.collect::<Result<Vec<u32>>>()?;
        let ends =
            image.array(info.functions.name_offsets, count + 1)?.skip(1).collect::<Result<Vec<u32>>>()?;
        let length = ends.last().copied().unwrap_or(0).into();
        let names = image.octets(Bytes { data: info.functions.names, length })?;
        Ok(Some(LineTable { code, table, functions: starts.into_iter().zip(ends).collect(), names }))
    }

    fn offset(&self, address: u64) -> Option<u32> {
        let offset = self.code.contains(&address).then(|| address - self.code.start)?;
        u32::try_from(offset).ok()
    }

    /// The index of the function that has this code offset, and its name.
    fn function(&self, offset: u32) -> Option<(usize, &'d [u8])> {
        let index = self.functions.partition_point(|(start, _)| *start <= offset).checked_sub(1)?;
        let from = index.checked_sub(1).map_or(0, |before| self.functions[before].1);
        Some((index, self.names.get(from as usize..self.functions[index].1 as usize).unwrap_or_default()))
    }

    /// The site at an address; if there is none, the one before it in the same function.
    fn site(&self, offset: u32) -> Option<Site> {
        let function = |offset| self.function(offset).map(|(index, _)| index);
        self.table.find(offset).filter(|site| function(site.offset) == function(offset))
    }

    /// Whether an address is in a call that the compiler has inlined.
    pub fn is_inlined(&self, address: u64) -> bool {
        let site = self.offset(address).and_then(|offset| self.site(offset));
        site.into_iter().flat_map(|site| self.table.calls(&site)).any(|call| call.wasm != 0)
    }

    /// The functions at an address, the innermost inlined one first.
    pub fn frames(&self, address: u64) -> Vec<Frame> {
        let Some(offset) = self.offset(address) else { return Vec::new() };
        let mut frames = Vec::new();
        let site = self.site(offset);
        let mut position = site.map(|site| site.position).unwrap_or_default();
        for call in site.iter().flat_map(|site| self.table.calls(site)) {
            frames.push(self.frame(self.table.name(call.name), position));
            position = call.position;
        }
        let name = self.function(offset).map_or(&[][..], |(_, name)| name);
        if !name.is_empty() || site.is_some() {
            frames.push(self.frame(name, position));
        }
        frames
    }

    fn frame(&self, function: &[u8], Position { file, line, column }: Position) -> Frame {
        // The compiler has escaped them, for the runtime to print.
        let text = |bytes| unescape(&String::from_utf8_lossy(bytes)).into_owned();
        Frame { function: text(function), file: text(self.table.name(file)), line, column }
    }

    /// The offset in the module of the instruction at an address.
    pub fn wasm(&self, address: u64) -> Option<u32> {
        Some(self.site(self.offset(address)?)?.wasm)
    }

    /// The addresses of the sites of an operator, or of the nearest one before it.
    pub fn addresses(&self, wasm: u32) -> Vec<u64> {
        let sites = || (0..self.table.block_count()).flat_map(|block| self.table.block(block));
        let Some(nearest) = sites().map(|site| site.wasm).filter(|other| *other <= wasm).max() else {
            return Vec::new();
        };
        let found = sites().filter(|site| site.wasm == nearest);
        found.map(|site| self.code.start + u64::from(site.offset)).take(MOST_ADDRESSES).collect()
    }
}

/// The most addresses of an operator that are shown: it has as many as its function has instances.
const MOST_ADDRESSES: usize = 16;
