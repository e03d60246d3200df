//! Translates a Wasm function to CLIF: its parameters and locals, then operator by operator.

use anyhow::Result;
use cranelift_codegen::ir::{self, Function, InstBuilder, Value, types};
use cranelift_codegen::isa::TargetIsa;
use cranelift_entity::EntityRef;
use cranelift_frontend::FunctionBuilderContext;
use wasmparser::{Operator, OperatorsReader, ValType, WasmFeatures};

use super::environment::{Environment, value_type};
use super::frame::Frame;
use super::labels::{Labels, Recorder};
use super::translator::Translator;
use super::tries;
use crate::parse::FuncIndex;
use crate::program::{self, FuncId, FuncKind, TypeId};

/// Translates a Wasm function to CLIF, into the empty `func`. The result is what debug information will need to know of
/// values, if it names some.
///
/// # Errors
/// If an operator that passed validation is refused: an unsupported feature is enabled. `func` and `context`
/// are unusable then.
pub fn translate_function(
    env: &Environment<'_, '_>,
    isa: &dyn TargetIsa,
    id: FuncId,
    func: &mut Function,
    context: &mut FunctionBuilderContext,
) -> Result<Option<Labels>> {
    let FuncKind::Wasm(instance_id, defined) = env.program.funcs[id].kind else {
        unreachable!("only Wasm functions have a body");
    };
    func.signature = env.function_signature(id);
    let mut translator = Translator::new(env, isa, instance_id, func, context);
    let module = translator.instance.module;
    let index = FuncIndex::new(module.imported_functions + defined.index());
    translator.own = Some(id);
    translator.recorder = env.wanted.get(&id).map(Recorder::new);
    translator.prologue(env.program.funcs[id].signature);
    translator.check_stack();
    let body = &module.defined[defined].body;
    let valid = "validated: the body can be read";
    let mut locals = body.get_locals_reader().expect(valid);
    for _ in 0..locals.get_count() {
        let (count, ty) = locals.read().expect(valid);
        translator.declare_locals(count, ty);
    }
    translator.start_fuel();
    let hints = module.branch_hints.get(&index);
    let start = body.range().start;
    let reader = locals.get_binary_reader();
    if module.defined[defined].summary.features.contains(WasmFeatures::LEGACY_EXCEPTIONS) {
        translator.tries = tries::scan(reader.clone());
    }
    let mut operators = OperatorsReader::new(reader);
    while !operators.eof() {
        let (op, offset) = operators.read_with_offset().expect(valid);
        translator.hint = hints.and_then(|hints| hints.get(&(offset - start))).copied();
        translator.builder.set_srcloc(ir::SourceLoc::new(offset as u32));
        translator.record_operator(&op, offset as u32);
        translator.operator(op, offset)?;
    }
    Ok(translator.finish())
}

impl Translator<'_, '_, '_> {
    /// The entry block, the parameters as locals, and the frame of the whole body.
    fn prologue(&mut self, signature: TypeId) {
        let entry = self.builder.create_block();
        self.builder.append_block_params_for_function_params(entry);
        self.builder.switch_to_block(entry);
        self.builder.seal_block(entry);
        let params = self.builder.block_params(entry).to_vec();
        let program = self.env.program;
        let values = self.take_state(&params);
        if let (Some(recorder), Some(state)) = (&mut self.recorder, self.state) {
            recorder.state(state);
        }
        for (param, ty) in values.iter().zip(program.signature(signature).params()) {
            let local = self.locals.len() as u32;
            self.record(|recorder, block| recorder.param(local, block, *param));
            self.declare_local(*ty, *param);
            self.track_canonical(*param, *ty);
        }
        let exit = self.builder.create_block();
        self.builder.append_block_params_for_function_returns(exit);
        let results = self.builder.func.signature.returns.len();
        self.frames.push(Frame::body(exit, results));
    }

    fn declare_locals(&mut self, count: u32, wasm_type: ValType) {
        let ty = value_type(wasm_type);
        let zero = match ty {
            types::F32 => self.builder.ins().f32const(0.0),
            types::F64 => self.builder.ins().f64const(0.0),
            ty if ty.is_vector() => self.vector_constant([0; 16], ty),
            ty => self.builder.ins().iconst(ty, 0),
        };
        let canonical = program::canonical(wasm_type, &self.instance.types);
        for _ in 0..count {
            self.declare_local(canonical, zero);
        }
    }

    /// Records the operator that is about to be translated, if debug information needs it.
    fn record_operator(&mut self, operator: &Operator<'_>, offset: u32) {
        if let Some(recorder) = &mut self.recorder {
            let block = if self.reachable { self.builder.current_block() } else { None };
            recorder.operator(operator, offset, block, &self.stack);
        }
    }

    fn declare_local(&mut self, ty: ValType, value: Value) {
        let variable = self.builder.declare_var(value_type(ty));
        if self.env.layout.objects.is_traced(ty) {
            self.builder.declare_var_needs_stack_map(variable);
        }
        self.builder.def_var(variable, value);
        self.locals.push((variable, ty));
    }
}
