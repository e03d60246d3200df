//! The call that `--invoke` asks for. The results of a module's function are printed by a call of the runtime for each:
//! each type has its own printing function, so that only the printing code that the program needs is linked. For a
//! function of a component, the runtime lowers the arguments and lifts the result.

use cranelift_codegen::ir::{InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, Value, types};
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::invoke::Reference;
use wasmparser::ValType;

use super::environment::trusted;
use super::translator::Translator;
use crate::program::{FuncId, Hierarchy, Invocation, TaskCalls};

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

    /// Calls a function that a component exports.
    pub fn invoke(&mut self, invocation: &Invocation) {
        if let Some(TaskCalls::Sync { begin, .. } | TaskCalls::Async { begin, .. }) = invocation.task {
            self.call(begin, &[]);
        }
        let arguments = self.lowered_arguments(invocation);
        let results = self.call(invocation.func, &arguments);
        if let Some(TaskCalls::Async { wait, .. }) = invocation.task {
            self.call(wait, &results);
            return;
        }
        if let Some(print) = invocation.print {
            let result = match results.first() {
                Some(result) => self.as_words(*result)[0],
                None => self.builder.ins().iconst(types::I64, 0),
            };
            self.call(print, &[result]);
        }
        if let Some(post_return) = invocation.post_return {
            self.post_return(post_return, &results);
        }
        if let Some(TaskCalls::Sync { end, .. }) = invocation.task {
            self.call(end, &[]);
        }
    }

    /// The address of values in this frame, each in 8 bytes, narrow ones extended by zeroes; null if there are none.
    pub(super) fn in_memory(&mut self, values: &[Value]) -> Value {
        if values.is_empty() {
            return self.builder.ins().iconst(types::I64, 0);
        }
        let address = self.room(values.len());
        self.store_values(values, address);
        address
    }

    /// Writes values so to memory.
    pub(super) fn store_values(&mut self, values: &[Value], address: Value) {
        for (index, value) in values.iter().enumerate() {
            let word = self.as_words(*value)[0];
            self.builder.ins().store(trusted(), word, address, 8 * index as i32);
        }
    }

    /// The address of a place in this frame for so many words.
    pub(super) fn room(&mut self, words: usize) -> Value {
        let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, 8 * words as u32, 3);
        let slot = self.builder.create_sized_stack_slot(slot);
        self.builder.ins().stack_addr(types::I64, slot, 0)
    }

    /// The core arguments, as the runtime stores them: each in 8 bytes.
    fn lowered_arguments(&mut self, invocation: &Invocation) -> Vec<Value> {
        let program = self.env.program;
        let params = program.signature(program.funcs[invocation.func].signature).params();
        let address = self.room(params.len());
        self.call(invocation.lower, &[address]);
        self.load_values(params, address)
    }

    /// Values of these types, which are in memory as [`Self::in_memory`] writes them.
    pub(super) fn load_values(&mut self, of: &[ValType], address: Value) -> Vec<Value> {
        let flags = MemFlagsData::new();
        let mut values = Vec::new();
        for (index, ty) in of.iter().enumerate() {
            let word = self.builder.ins().load(types::I64, trusted(), address, 8 * index as i32);
            let mut half = || self.builder.ins().ireduce(types::I32, word);
            values.push(match ty {
                ValType::I32 => half(),
                ValType::F32 => {
                    let bits = half();
                    self.builder.ins().bitcast(types::F32, flags, bits)
                }
                ValType::F64 => self.builder.ins().bitcast(types::F64, flags, word),
                _ => word,
            });
        }
        values
    }
}
