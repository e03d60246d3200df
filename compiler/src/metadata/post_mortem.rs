//! Core dumps: see `wasm_aot_abi::post_mortem`.

use wasm_aot_abi::layout::Report;
use wasm_aot_abi::post_mortem::PostMortem;
use wasm_aot_abi::shared::{Code, Store as _};
use wasm_aot_abi::symbols;

use super::encoder::{Address, Encoder, Symbolic};

/// The choices about core dumps, in a program that has any.
#[derive(Clone, Copy, Debug)]
pub struct PostMortemOptions {
    /// Whether a trap ends the process so that one is made, if the user doesn't say otherwise.
    pub core_on_trap: bool,
    /// Whether the user can't say otherwise.
    pub locked: bool,
}

/// What a program runs.
pub type MainFunction = Code<Address, extern "C" fn()>;

/// Adds what the runtime must know; what the program runs and shows a trap with are in the place of its own.
pub fn add(
    encoder: &mut Encoder<'_>,
    main: MainFunction,
    report: Code<Address, Report>,
    options: PostMortemOptions,
) -> (MainFunction, Code<Address, Report>) {
    let info = PostMortem::<Symbolic> {
        main,
        report,
        core_on_trap: options.core_on_trap.into(),
        is_locked: options.locked.into(),
    };
    encoder.define(symbols::POST_MORTEM, info);
    (encoder.import(symbols::POST_MORTEM_MAIN), encoder.import(symbols::POST_MORTEM_REPORT))
}
