//! What tests of passes begin with.

use cranelift_codegen::Context;
use cranelift_codegen::ir::{AbiParam, Type, Value};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

/// Builds a function of these types, from its entry block on.
pub fn build<const N: usize>(
    params: [Type; N],
    results: &[Type],
    body: impl FnOnce(&mut FunctionBuilder<'_>, [Value; N]),
) -> Context {
    let mut context = Context::new();
    let func = &mut context.func;
    func.signature.call_conv = CallConv::SystemV;
    func.signature.params = params.map(AbiParam::new).to_vec();
    func.signature.returns = results.iter().copied().map(AbiParam::new).collect();
    let mut state = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(func, &mut state);
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    let values = builder.block_params(entry).try_into().expect("one for each parameter");
    body(&mut builder, values);
    builder.seal_all_blocks();
    context.flowgraph();
    context.compute_loop_analysis();
    context
}
