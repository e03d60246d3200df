//! Threads: the initial state of each, and what the runtime must know to start them.

use wasm_aot_abi::layout::ThreadInfo;
use wasm_aot_abi::shared::Store;
use wasm_aot_abi::symbols;

use super::encoder::{Encoder, Procedure, Symbolic};
use crate::layout::{Layout, Symbol};
use crate::object::{Contents, Data, Feature, Word, initial_globals};

pub const FEATURE: Feature = Feature {
    placed: |layout| layout.threads.map(|_| Symbol::ThreadState),
    data: |layout, symbol| match symbol {
        Symbol::ThreadState => {
            Some(Data { writable: false, contents: Contents::Words(initial_state(layout)) })
        }
        _ => None,
    },
};

/// The globals, followed by the lengths of segments: see `ThreadLayout`.
fn initial_state(layout: &Layout<'_, '_>) -> Vec<Word> {
    let mut words = initial_globals(layout);
    words.extend(layout.segments.lengths.iter().map(|length| Word::Number(*length)));
    words
}

/// Describes the threads to the runtime; returns the function that runs the program.
pub fn add(encoder: &mut Encoder<'_>, layout: &Layout<'_, '_>) -> Procedure {
    let state = layout.threads.expect("the program starts threads");
    let info = ThreadInfo::<Symbolic> {
        state: encoder.pointer(Symbol::ThreadState),
        state_bytes: state.state_bytes as u64,
        region_bytes: state.region_bytes,
        main: encoder.code(Symbol::Main),
        start: encoder.code(Symbol::ThreadMain),
    };
    encoder.define(symbols::THREADS, info);
    encoder.import(symbols::THREADS_MAIN)
}
