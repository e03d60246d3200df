//! What a trap prints in a program without a line table in which functions were inlined (`wasm_aot_abi::inlined`): their names, too,
//! as if they had frames of their own. Linked into such programs only. Runs in a signal handler: no allocation, no formatting
//! code.

use wasm_aot_abi::inlined::{Call, InlinedInfo, Table};
use wasm_aot_abi::library::Instance;

use super::output::Output;
use super::report::{Names, function_name};
use crate::program::{program, slice};
use crate::stack::frame::Frame;
use crate::stack::walk::walk;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::INLINED`.
    static wasm_aot_inlined: InlinedInfo;
}

/// `wasm_aot_abi::symbols::REPORT_INLINED`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_report_inlined(pc: usize, frame: usize, _address: usize, instance: *mut Instance) {
    // SAFETY: the compiler defines the symbol in every program that has this function, with this layout, and describes its own
    // data.
    let (info, table) = unsafe {
        let info = &wasm_aot_inlined;
        let blocks = slice(info.blocks, info.block_count);
        let calls = slice(info.calls, info.call_count);
        (info, Table { blocks, runs: slice(info.runs, info.run_bytes), calls })
    };
    let mut names = Names::new(Output::new(instance));
    let program = program();
    for offset in walk(program, pc, Frame(frame)) {
        let Some(function) = function_name(program, offset) else { continue };
        let inlined = table.calls(offset).map(|call| name(info, call).unwrap_or_default());
        for name in inlined.chain(core::iter::once(function)) {
            names.show(name);
        }
    }
    names.finish();
}

/// The name of the function that is called.
fn name(info: &InlinedInfo, call: Call) -> Option<&'static [u8]> {
    // SAFETY: the compiler describes its own data.
    let (ends, names) = unsafe {
        let ends = slice(info.name_ends, info.name_count);
        (ends, slice(info.names, (*ends.last()?).into()))
    };
    let index = call.name as usize;
    let start = index.checked_sub(1).map_or(Some(&0), |before| ends.get(before))?;
    names.get(*start as usize..*ends.get(index)? as usize)
}
