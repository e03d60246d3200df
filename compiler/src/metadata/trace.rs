//! Tracing of host calls: the kinds of each function's parameters, see `wasm_aot_abi::trace`.

use crate::layout::Symbol;
use crate::object::{Contents, Data, Feature};

pub const FEATURE: Feature = Feature {
    placed: |_| None,
    data: |layout, symbol| match symbol {
        Symbol::TraceText(func) => Some(Data {
            writable: false,
            contents: Contents::Bytes(layout.hosts.trace_text(func).into_bytes()),
        }),
        _ => None,
    },
};
