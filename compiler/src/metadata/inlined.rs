//! The functions that were inlined, for backtraces: `wasm_aot_abi::inlined`.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use wasm_aot_abi::inlined::{Block, Call, InlinedInfo, RUNS_PER_BLOCK};
use wasm_aot_abi::line::zigzag;
use wasm_aot_abi::shared::Store;
use wasm_aot_abi::symbols;

use super::encoder::{Encoder, PlacedFunction, Symbolic};
use crate::codegen::InlinedCall;
use crate::program::{FuncId, Program};

/// Code from an offset on, and the number of the inlined call that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    offset: u32,
    call: u32,
}

/// The inlined calls of a program.
#[derive(Default)]
struct Calls {
    all: Vec<Call>,
    numbers: HashMap<Call, u32>,
    functions: Vec<FuncId>,
    names: HashMap<FuncId, u32>,
}

impl Calls {
    /// The number of a call that was inlined into a function: calls of the same functions in the same ones are one.
    fn number(&mut self, inlined: &[InlinedCall], call: u32) -> u32 {
        let mut chain = Vec::new();
        let mut next = call;
        while let Some(index) = next.checked_sub(1) {
            chain.push(inlined[index as usize].callee);
            next = inlined[index as usize].parent;
        }
        let mut number = 0;
        for func in chain.into_iter().rev() {
            let name = *self.names.entry(func).or_insert_with(|| {
                self.functions.push(func);
                self.functions.len() as u32 - 1
            });
            let call = Call { parent: number, name };
            number = *self.numbers.entry(call).or_insert_with(|| {
                self.all.push(call);
                self.all.len() as u32
            });
        }
        number
    }
}

/// Adds the table, if there is anything to be in it; returns whether there is.
///
/// # Errors
/// If the names are larger than offsets can express.
pub fn add(encoder: &mut Encoder<'_>, program: &Program<'_>, placed: &[PlacedFunction<'_>]) -> Result<bool> {
    let mut calls = Calls::default();
    let runs = runs(placed, &mut calls);
    if runs.is_empty() {
        return Ok(false);
    }
    let (blocks, bytes) = encode(&runs);
    let (mut names, mut name_ends) = (Vec::new(), Vec::new());
    for func in &calls.functions {
        names.extend_from_slice(program.funcs[*func].name.as_bytes());
        name_ends.push(u32::try_from(names.len()).context("the names of functions take more than 4 GiB")?);
    }
    let info = InlinedInfo::<Symbolic> {
        blocks: encoder.array(&blocks),
        block_count: blocks.len() as u64,
        runs: encoder.array(&bytes),
        run_bytes: bytes.len() as u64,
        calls: encoder.array(&calls.all),
        call_count: calls.all.len() as u64,
        name_ends: encoder.array(&name_ends),
        name_count: name_ends.len() as u64,
        names: encoder.array(&names),
    };
    encoder.define(symbols::INLINED, info);
    Ok(true)
}

/// The runs, ascending. Code before the first one is in no inlined call.
fn runs(placed: &[PlacedFunction<'_>], calls: &mut Calls) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut push = |offset: u32, call: u32| {
        if runs.last().map_or(0, |last| last.call) != call {
            runs.push(Run { offset, call });
        }
    };
    for PlacedFunction { start, function } in placed {
        // There may be code that belongs to no operator.
        push(*start, 0);
        let mut last = (0, 0);
        for site in &function.sites {
            if site.place.call != last.0 {
                last = (site.place.call, calls.number(&function.inlined, site.place.call));
            }
            push(start + site.offset, last.1);
        }
    }
    runs
}

/// The bytes of runs, and where the blocks are in them.
fn encode(runs: &[Run]) -> (Vec<Block>, Vec<u8>) {
    let (mut blocks, mut bytes) = (Vec::new(), Vec::new());
    let mut call = 0;
    for block in runs.chunks(RUNS_PER_BLOCK) {
        let mut offset = block[0].offset;
        blocks.push(Block { offset, start: bytes.len() as u32, call });
        for run in block {
            leb128(&mut bytes, run.offset - offset);
            offset = run.offset;
            if run.call == 0 {
                leb128(&mut bytes, 0);
            } else {
                leb128(&mut bytes, 1 + zigzag(call, run.call));
                call = run.call;
            }
        }
    }
    (blocks, bytes)
}

fn leb128(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use wasm_aot_abi::inlined::Table;

    use super::*;

    /// Runs that look random, of calls 1 to 9 of which each is in the one before.
    fn example(count: u32) -> (Vec<Run>, Vec<Call>) {
        let calls = (0..9).map(|parent| Call { parent, name: parent + 100 }).collect();
        let call = |i: u32| if i.is_multiple_of(3) { 0 } else { 1 + (i * i) % 9 };
        let runs = (0..count).map(|i| Run { offset: 7 + 100 * i + i % 90, call: call(i) });
        (runs.collect(), calls)
    }

    #[test]
    fn what_is_written_is_read() {
        let (runs, calls) = example(1000);
        let (blocks, bytes) = encode(&runs);
        let table = Table { blocks: &blocks, runs: &bytes, calls: &calls };
        assert_eq!(table.calls(6).count(), 0);
        for run in &runs {
            for offset in [run.offset, run.offset + 5] {
                let names: Vec<u32> = table.calls(offset).map(|call| call.name).collect();
                let expected: Vec<u32> = (0..run.call).rev().map(|parent| parent + 100).collect();
                assert_eq!(names, expected);
            }
        }
        assert_eq!(blocks.len(), 1000_usize.div_ceil(RUNS_PER_BLOCK));
    }

    #[test]
    fn damaged_tables_are_read() {
        let (runs, calls) = example(200);
        let (blocks, bytes) = encode(&runs);
        for index in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[index] ^= 0xff;
            let table = Table { blocks: &blocks, runs: &bytes[..bytes.len() - index % 5], calls: &calls };
            assert!(runs.iter().all(|run| table.calls(run.offset).count() <= 9));
        }
        let circle = [Call { parent: 1, name: 0 }];
        let table =
            Table { blocks: &[Block { offset: 0, start: 0, call: 0 }], runs: &[0, 3], calls: &circle };
        assert_eq!(table.calls(0).count(), wasm_aot_abi::inlined::MOST_NESTED);
    }

    #[test]
    fn calls_of_the_same_functions_are_one() {
        let mut calls = Calls::default();
        let func = FuncId::from_u32;
        let inlined = [(7, 0, 10), (8, 1, 20), (7, 0, 30), (8, 3, 40), (8, 0, 50)];
        let inlined =
            inlined.map(|(callee, parent, wasm)| InlinedCall { callee: func(callee), parent, wasm });
        let numbers = [0, 2, 4, 1, 3, 5].map(|call| calls.number(&inlined, call));
        assert_eq!(numbers, [0, 2, 2, 1, 1, 3]);
        assert_eq!(calls.functions, [func(7), func(8)]);
    }
}
