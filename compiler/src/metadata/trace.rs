//! Tracing of calls of the host: what the parameters of each function are, see `wasm_aot_abi::trace`.

use crate::object::{Contents, Data, Feature};
use crate::translate::Symbol;

pub const FEATURE: Feature = Feature {
    placed: |_| None,
    data: |env, symbol| match symbol {
        Symbol::TraceText(func) => {
            Some(Data { writable: false, contents: Contents::Bytes(env.trace_text(func).into_bytes()) })
        }
        _ => None,
    },
};
