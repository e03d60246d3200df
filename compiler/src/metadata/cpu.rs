//! What the program demands of the CPU.

use wasm_aot_abi::layout::CpuDemands;
use wasm_aot_abi::policy::Bytes;
use wasm_aot_abi::shared::{Pointer, Store};
use wasm_aot_abi::symbols;

use super::encoder::{Encoder, Reference, Symbolic};

/// `demands`: in the form of `wasm_aot_abi::cpu`. Null if there are none.
pub fn demands(encoder: &mut Encoder<'_>, demands: &[u8]) -> Reference<CpuDemands<Symbolic>> {
    if demands.is_empty() {
        return Pointer::NULL;
    }
    let check = encoder.import(symbols::CHECK_CPU);
    let Bytes { data: demands, length } = encoder.bytes(demands);
    encoder.one(CpuDemands { check, demands, length })
}
