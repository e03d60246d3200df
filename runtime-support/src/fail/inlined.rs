//! What a trap prints in a program without a line table in which functions were inlined: their names, too, as if they had frames of
//! their own. Linked into such programs only. Runs in a signal handler: no allocation, no formatting code.

use wasm_aot_abi::layout::FunctionTable;
use wasm_aot_abi::library::Instance;

use super::report::{function_name, show};
use crate::program::program;
use crate::stack::frame::Frame;
use crate::stack::walk::walk;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::INLINED`.
    static wasm_aot_inlined: FunctionTable;
}

/// The `Reader` of programs in which something was.
enum Inlined {}

/// `wasm_aot_abi::symbols::REPORT_INLINED`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_report_inlined(pc: usize, frame: usize, _address: usize, instance: *mut Instance) {
    let program = program();
    // SAFETY: the compiler defines the symbol in every program that has this function, with this layout.
    let tables = unsafe { [&wasm_aot_inlined, &program.functions] };
    let names = walk::<Inlined>(program, pc, Frame(frame)).flat_map(|offset| {
        let found = tables.into_iter().filter_map(move |table| function_name::<Inlined>(table, offset));
        found.flat_map(|found| found.split(|byte| *byte == 0))
    });
    show(instance, names);
}
