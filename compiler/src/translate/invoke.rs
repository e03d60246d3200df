//! Prints the results of the function that `--invoke` calls: a call of the runtime for each result. Each type has its
//! own printing function, so that only the printing code that the program needs is linked.

use cranelift_codegen::ir::{InstBuilder, Value, types};
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::invoke::Reference;
use wasmparser::ValType;

use super::translator::Translator;
use crate::program::{FuncId, Hierarchy};

impl Translator<'_, '_, '_> {
    /// Prints the results of a function, one per line.
    pub fn print_results(&mut self, func: FuncId, results: &[Value]) {
        let program = self.env.program;
        let signature = program.signature(program.funcs[func].signature);
        for (ty, value) in signature.results().iter().zip(results) {
            match ty {
                ValType::I32 => self.call_builtin(Builtin::PrintI32, &[*value]),
                ValType::I64 => self.call_builtin(Builtin::PrintI64, &[*value]),
                ValType::F32 => self.call_builtin(Builtin::PrintF32, &[*value]),
                ValType::F64 => self.call_builtin(Builtin::PrintF64, &[*value]),
                ValType::V128 => {
                    let words = self.as_words(*value);
                    self.call_builtin(Builtin::PrintV128, &words)
                }
                ValType::Ref(ty) => {
                    let hierarchy = match program.types.hierarchy(ty.heap_type()) {
                        Hierarchy::Func => Reference::Func,
                        Hierarchy::Extern => Reference::Extern,
                        Hierarchy::Exn => Reference::Exn,
                        Hierarchy::Any => Reference::Any,
                    };
                    let hierarchy = self.builder.ins().iconst(types::I32, hierarchy as i64);
                    self.call_builtin(Builtin::PrintReference, &[*value, hierarchy])
                }
            };
        }
    }
}
