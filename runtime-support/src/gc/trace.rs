//! `WASM_AOT_TRACE=gc`: a line on standard error for each collection. It is reached through a pointer that only
//! programs built with `--trace` have.

use wasm_aot_abi::gc::Report;
use wasm_aot_abi::policy::{TRACE_GC, USER_TRACE, traces};

use crate::line::Line;
use crate::wasi::user;

/// `wasm_aot_abi::symbols::GC_TRACE`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_gc_trace(report: &Report) {
    if !traces(user::granted(USER_TRACE), &TRACE_GC) {
        return;
    }
    let what: &[u8] = if report.all != 0 { b"all objects" } else { b"new objects" };
    let reason: &[u8] = match report.reason {
        Report::NEW => b"no room for new ones",
        Report::OLD => b"many old ones",
        Report::LARGE => b"a large one",
        Report::LIMIT => b"the limit",
        _ => b"stress",
    };
    Line::<160>::new()
        .text(b"gc ")
        .text(what)
        .text(b" (")
        .text(reason)
        .text(b"): ")
        .number(report.bytes_before as usize, 10)
        .text(b" -> ")
        .number(report.bytes_after as usize, 10)
        .text(b" bytes, ")
        .number((report.nanoseconds / 1000) as usize, 10)
        .text(b" us\n")
        .print();
}
