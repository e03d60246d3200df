//! Threads: the initial state of each, and what the runtime must know to start them.

use wasm_aot_abi::layout::ThreadInfo;
use wasm_aot_abi::symbols;

use super::Procedure;
use super::encoder::{Encoder, Symbolic};
use crate::object::{Contents, Data, Feature, Word, initial_globals};
use crate::translate::{Environment, Symbol};

pub const FEATURE: Feature = Feature {
    placed: |env| env.threads.map(|_| Symbol::ThreadState),
    data: |env, symbol| match symbol {
        Symbol::ThreadState => Some(Data { writable: false, contents: Contents::Words(initial_state(env)) }),
        _ => None,
    },
};

/// The globals, and behind them the lengths of segments: see `Environment::threads`.
fn initial_state(env: &Environment<'_, '_>) -> Vec<Word> {
    let mut words = initial_globals(env);
    words.extend(env.segment_lengths.iter().map(|length| Word::Number(*length)));
    words
}

/// Describes the threads to the runtime; what runs the program.
pub fn add(encoder: &mut Encoder<'_>, env: &Environment<'_, '_>) -> Procedure {
    let state = env.threads.expect("the program starts threads");
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
