//! The trap table, and the messages that the program may end with.

use std::collections::BTreeSet;

use wasm_aot_abi::layout::TrapTable;
use wasm_aot_abi::shared::Store;
use wasm_aot_abi::trap::{Trap, encode_messages};

use super::encoder::{Encoder, PlacedFunction, Symbolic};

pub fn table(encoder: &mut Encoder<'_>, functions: &[PlacedFunction<'_>]) -> TrapTable<Symbolic> {
    let traps = functions.iter().flat_map(|PlacedFunction { start, function }| {
        function.traps.iter().map(move |(offset, trap)| (start + offset, *trap as u8))
    });
    let (offsets, codes): (Vec<u32>, Vec<u8>) = traps.unzip();
    // The runtime searches them by halves.
    assert!(offsets.is_sorted(), "traps are in the order of the code");
    let count = offsets.len() as u64;
    let offsets = encoder.array(&offsets);
    let messages = encoder.array(&messages(&codes));
    TrapTable { offsets, codes: encoder.array(&codes), count, messages }
}

/// The messages of the traps that can end any program, and of those with these codes.
fn messages(codes: &[u8]) -> Vec<u8> {
    let mut traps = BTreeSet::from([Trap::MemoryOutOfBounds, Trap::CallStackExhausted]);
    traps.extend(codes.iter().filter_map(|code| Trap::from_code(*code)));
    let mut messages = Vec::new();
    encode_messages(traps, |part| messages.extend_from_slice(part));
    messages
}
