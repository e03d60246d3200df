//! What the compiler tells the runtime (`wasm_aot_abi::layout::ProgramInfo`), which executables have with and without
//! symbols: functions with their names, initial contents of memories, tables for traps and exceptions.

use std::mem::offset_of;
use std::ops::Range;

use anyhow::{Result, ensure};
use wasm_aot_abi::exception::{CallSite, ClauseEntry};
use wasm_aot_abi::layout::{FunctionTable, ImageChunk, Memory, ProgramInfo};
use wasm_aot_abi::line::LineInfo;
use wasm_aot_abi::policy::Bytes;
use wasm_aot_abi::shared::{Encode, Pointer};

use super::Claims;
use crate::escape::{escape, unescape};
use crate::policy::image::{Image, Loaded};
use crate::sizes::{Kind, Part, is_unnamed};

/// More structures than one has pointers to the policy.
const MOST_HOLDERS: usize = 64;

/// A program, and where it is described.
pub struct Program {
    /// The addresses of its code.
    pub code: Range<u64>,
    /// The address of the description.
    at: u64,
    info: ProgramInfo<Loaded>,
}

/// The functions of a program.
pub struct Functions {
    /// The address of each one's first byte, ascending, and its name, escaped.
    list: Vec<(u64, String)>,
    /// Where the code begins and ends.
    start: u64,
    end: u64,
}

impl Program {
    /// Finds the description by the address of the policy, which it points to.
    pub fn find(image: &Image<'_>, policy: u64) -> Option<Program> {
        image.holders(policy).into_iter().take(MOST_HOLDERS).find_map(|at| Program::read(image, policy, at))
    }

    /// The description whose pointer to the policy is at this address; none if it can't be one.
    fn read(image: &Image<'_>, policy: u64, at: u64) -> Option<Program> {
        let at = at.checked_sub(offset_of!(ProgramInfo, policy) as u64)?;
        let info: ProgramInfo<Loaded> = image.read(at).ok()?;
        let code = info.text_start.address?..info.text_end.address?;
        let is_one = info.policy.address == Some(policy)
            && image.contains(&code)
            && info.functions.count > 0
            && info.functions.count <= code.end - code.start
            && info.memory_count <= code.end - code.start;
        is_one.then_some(Program { code, at, info })
    }

    /// Claims everything that it describes.
    ///
    /// # Errors
    /// If it describes what isn't there.
    pub fn claim(&self, image: &Image<'_>, claims: &mut Claims) -> Result<Functions> {
        let info = &self.info;
        let metadata = |name: &str| Part::new(Kind::Metadata, name);
        claims.claim(self.at..self.at + size::<ProgramInfo<Loaded>>(), metadata("description of the program"));
        array(claims, info.traps.offsets, info.traps.count, "traps");
        array(claims, info.traps.codes, info.traps.count, "traps");
        self.claim_exceptions(image, claims)?;
        self.claim_memories(image, claims)?;
        let functions = functions(image, &info.functions, &self.code)?;
        claim_functions(&info.functions, image, claims)?;
        functions.claim(claims);
        if let Some(at) = image.find(LineInfo::MARK) {
            let lines: LineInfo<Loaded> = image.read(at)?;
            claims.claim(at..at.saturating_add(size::<LineInfo<Loaded>>()), metadata("lines for backtraces"));
            array(claims, lines.table, lines.table_bytes, "lines for backtraces");
        }
        Ok(functions)
    }

    fn claim_exceptions(&self, image: &Image<'_>, claims: &mut Claims) -> Result<()> {
        const NAME: &str = "handlers of exceptions";
        let tables = &self.info.exceptions;
        let Some(sites) = tables.call_sites.address.filter(|_| tables.call_site_count > 0) else {
            return Ok(());
        };
        let count = tables.call_site_count;
        let last = count.checked_mul(size::<CallSite>()).and_then(|bytes| sites.checked_add(bytes));
        ensure!(last.is_some(), "its exceptions are outside of the address space");
        let last: CallSite = image.read(last.unwrap_or_default())?;
        array(claims, tables.call_sites, count.saturating_add(1), NAME);
        array::<ClauseEntry>(claims, tables.clauses, last.first_clause.into(), NAME);
        // The list of each function begins where its word says, and with its length.
        let functions = self.info.functions.count;
        let starts: Vec<u32> = image.array(tables.saved_registers, functions)?.collect::<Result<_>>()?;
        let longest = starts.into_iter().max().map(u64::from).zip(tables.saved_registers.address);
        if let Some((index, address)) = longest {
            let at = address.checked_add(4 * index);
            ensure!(at.is_some(), "its registers are outside of the address space");
            let length: u32 = image.read(at.unwrap_or_default())?;
            array(claims, tables.saved_registers, index + 1 + u64::from(length), "saved registers of functions");
        }
        Ok(())
    }

    fn claim_memories(&self, image: &Image<'_>, claims: &mut Claims) -> Result<()> {
        let memories: Vec<Pointer<u64, Memory<Loaded>>> =
            image.array(self.info.memories, self.info.memory_count)?.collect::<Result<_>>()?;
        array(claims, self.info.memories, self.info.memory_count, "descriptions of memories");
        for (number, memory) in memories.into_iter().enumerate() {
            let Some(at) = memory.address else { continue };
            let memory: Memory<Loaded> = image.read(at)?;
            let end = at.saturating_add(size::<Memory<Loaded>>());
            claims.claim(at..end, Part::new(Kind::Metadata, "descriptions of memories"));
            array(claims, memory.image, memory.image_count, "descriptions of memories");
            for chunk in image.array(memory.image, memory.image_count)? {
                let ImageChunk { bytes, offset, length, .. }: ImageChunk<Loaded> = chunk?;
                let Some(from) = bytes.address else { continue };
                let name = format!("{length} bytes at {offset:#x}");
                let part = Part::new(Kind::Data, name).within(format!("memory {number}"));
                claims.claim(from..from.saturating_add(length), part);
            }
        }
        Ok(())
    }
}

/// Claims the table of the functions' names.
fn claim_functions(table: &FunctionTable<Loaded>, image: &Image<'_>, claims: &mut Claims) -> Result<()> {
    const NAME: &str = "names of functions";
    array(claims, table.starts, table.count, NAME);
    array(claims, table.name_offsets, table.count.saturating_add(1), NAME);
    let last = table.name_offsets.address.and_then(|at| at.checked_add(table.count.checked_mul(4)?));
    let length: u32 = image.read(last.unwrap_or_default())?;
    array(claims, table.names, length.into(), NAME);
    Ok(())
}

fn functions(image: &Image<'_>, table: &FunctionTable<Loaded>, code: &Range<u64>) -> Result<Functions> {
    let count = table.count;
    let starts: Vec<u32> = image.array(table.starts, count)?.collect::<Result<_>>()?;
    ensure!(starts.is_sorted(), "its functions aren't in order");
    let ends: Vec<u32> =
        image.array(table.name_offsets, count.saturating_add(1))?.skip(1).collect::<Result<_>>()?;
    ensure!(ends.is_sorted(), "the names of its functions aren't in order");
    let length = ends.last().copied().unwrap_or_default().into();
    let names = image.octets(Bytes { data: table.names, length })?;
    let mut from = 0;
    let list = starts.into_iter().zip(ends).map(|(start, end)| {
        let name = names.get(from as usize..end as usize).unwrap_or_default();
        from = end;
        // The compiler has escaped them, for the runtime to print; but the file may come from anywhere.
        let name = escape(&unescape(&String::from_utf8_lossy(name))).into_owned();
        (code.start.saturating_add(start.into()).min(code.end), name)
    });
    Ok(Functions { list: list.collect(), start: code.start, end: code.end })
}

impl Functions {
    /// Each with its addresses, which end where the next one begins.
    pub fn iter(&self) -> impl Iterator<Item = (Range<u64>, &str)> {
        let starts = self.list.iter().skip(1).map(|(start, _)| *start);
        let ends = starts.chain([self.end]);
        self.list.iter().zip(ends).map(|((start, name), end)| (*start..end, &**name))
    }

    /// How many have no names.
    pub fn unnamed(&self) -> usize {
        self.list.iter().filter(|(_, name)| is_unnamed(name)).count()
    }

    fn claim(&self, claims: &mut Claims) {
        for (addresses, name) in self.iter() {
            claims.claim(addresses, Part::function(Kind::Code, name.to_owned()));
        }
        if let Some((first, _)) = self.list.first() {
            claims.claim(self.start..*first, Part::new(Kind::Padding, "before the first function"));
        }
    }
}

/// The size of a structure in an executable, in bytes.
fn size<T: Encode<u64>>() -> u64 {
    T::BYTES as u64
}

/// Claims an array as metadata.
fn array<T: Encode<u64>>(claims: &mut Claims, start: Pointer<u64, T>, count: u64, name: &str) {
    if let (Some(start), Some(bytes)) = (start.address, count.checked_mul(size::<T>())) {
        claims.claim(start..start.saturating_add(bytes), Part::new(Kind::Metadata, name));
    }
}
