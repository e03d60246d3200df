//! Functions of a library's interface that only tell the runtime where to go: their parameters stay in the registers where C
//! has put them. Machine code by hand, since no compiler jumps with more than parameters.

use cranelift_codegen::binemit::Reloc;
use wasm_aot_abi::service::Service;

use super::function::{CompiledFunction, Prologue, Relocation, RelocationTarget};
use super::values::Values;
use crate::layout::Symbol;

/// The thunk for x86-64: the instance in r10, the body in r11. If there are `many` instances, it is the first parameter.
pub fn x86_64(index: u32, many: bool) -> CompiledFunction {
    let (mut code, mut relocations) = (Vec::new(), Vec::new());
    let mut add = |opcode: &[u8], symbol: Option<Symbol>| {
        code.extend_from_slice(opcode);
        let Some(symbol) = symbol else { return };
        let (offset, target) = (code.len() as u32, RelocationTarget::Symbol(symbol));
        // The displacement counts from behind itself.
        relocations.push(Relocation { offset, kind: Reloc::X86CallPCRel4, target, addend: -4 });
        code.extend_from_slice(&[0; 4]);
    };
    match many {
        // mov r10, rdi
        true => add(&[0x49, 0x89, 0xfa], None),
        // lea r10, [rip + State]
        false => add(&[0x4c, 0x8d, 0x15], Some(Symbol::State)),
    }
    // lea r11, [rip + InterfaceBody]
    add(&[0x4c, 0x8d, 0x1d], Some(Symbol::InterfaceBody(index)));
    // jmp EnterDirect
    add(&[0xe9], Some(Symbol::Service(Service::EnterDirect)));
    CompiledFunction {
        symbol: Symbol::Interface(index),
        name: String::new(),
        code,
        alignment: 16,
        line: None,
        relocations,
        traps: Vec::new(),
        call_sites: Vec::new(),
        saved_registers: Vec::new(),
        prologue: Prologue::default(),
        stack_maps: Vec::new(),
        locations: Vec::new(),
        inlined: Vec::new(),
        places: Vec::new(),
        sites: Vec::new(),
        values: Values::default(),
    }
}
