//! Host functions in a program whose calls can be traced: each has a generated wrapper, which reports the call to
//! the runtime. Everything that would call the host function calls the wrapper instead.

use cranelift_codegen::ir::{Function, InstBuilder, Value, types};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::FunctionBuilderContext;
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::trace::NO_RESULT;

use super::environment::{Environment, trusted};
use super::translator::Translator;
use crate::layout::Symbol;
use crate::program::{FuncId, FuncKind, InstanceId};

/// Calls a host function and reports the call, beforehand if it doesn't return.
pub fn translate_traced(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    id: FuncId,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    func.signature = env.function_signature(id);
    let mut translator = Translator::new(env, isa, InstanceId::from_u32(0), func, context);
    let arguments = translator.enter();
    let (shown, returns) = match env.program.funcs[id].kind {
        FuncKind::Host(host) => (&arguments[..], host.result().is_some()),
        FuncKind::Bound(bound) => {
            let bound = &env.program.canonical.bound[bound];
            let constants = bound.constants.len();
            (&arguments[..arguments.len() - constants], bound.function.interface() != Some("wasi:cli/exit"))
        }
        _ => unreachable!("only the host is traced"),
    };
    if !returns {
        let no_result = translator.builder.ins().iconst(types::I64, NO_RESULT as i64);
        translator.trace(id, shown, no_result);
    }
    let callee = translator.function(Symbol::Host(id), || env.function_signature(id));
    let call = translator.builder.ins().call(callee, &arguments);
    let results = translator.builder.inst_results(call).to_vec();
    if returns {
        let result = match results[..] {
            [result] if translator.builder.func.dfg.value_type(result) == types::I64 => result,
            [result] => translator.builder.ins().uextend(types::I64, result),
            _ => translator.builder.ins().iconst(types::I64, 0),
        };
        translator.trace(id, shown, result);
    }
    translator.builder.ins().return_(&results);
    translator.finish();
}

impl Translator<'_, '_, '_> {
    /// Calls `Builtin::Trace` for a call of a host function.
    fn trace(&mut self, id: FuncId, arguments: &[Value], result: Value) {
        let words = self.room(arguments.len());
        for (index, argument) in arguments.iter().enumerate() {
            let word = match self.builder.func.dfg.value_type(*argument) {
                types::I64 => *argument,
                _ => self.builder.ins().uextend(types::I64, *argument),
            };
            self.builder.ins().store(trusted(), word, words, index as i32 * 8);
        }
        let text = self.symbol(Symbol::TraceText(id));
        let length = self.env.layout.hosts.trace_text(id).len();
        let length = self.builder.ins().iconst(types::I64, length as i64);
        self.call_builtin(Builtin::Trace, &[text, length, words, result]);
    }
}
