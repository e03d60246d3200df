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
use crate::parse::{DefinedIndex, FuncIndex};
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
    translator.recorder = env.wanted.get(&id).map(Recorder::new);
    let params = translator.enter();
    let params = translator.take_state(&params).to_vec();
    if let (Some(recorder), Some(state)) = (&mut translator.recorder, translator.state) {
        recorder.state(state);
    }
    translator.check_stack();
    translator.body(id, defined, &params)?;
    Ok(translator.finish())
}

impl Translator<'_, '_, '_> {
    /// The whole body of a function of the current instance, in the current block, into which nothing branches.
    ///
    /// # Errors
    /// See `translate_function`.
    pub fn body(&mut self, id: FuncId, defined: DefinedIndex, params: &[Value]) -> Result<()> {
        let entry = self.builder.current_block().expect("there is one");
        self.builder.seal_block(entry);
        let module = self.instance.module;
        let index = FuncIndex::new(module.imported_functions + defined.index());
        self.own = Some(id);
        self.prologue(self.env.program.funcs[id].signature, params);
        let body = &module.defined[defined].body;
        let valid = "validated: the body can be read";
        let mut locals = body.get_locals_reader().expect(valid);
        for _ in 0..locals.get_count() {
            let (count, ty) = locals.read().expect(valid);
            self.declare_locals(count, ty);
        }
        self.start_fuel();
        let hints = module.branch_hints.get(&index);
        let start = body.range().start;
        let reader = locals.get_binary_reader();
        if module.defined[defined].summary.features.contains(WasmFeatures::LEGACY_EXCEPTIONS) {
            self.tries = tries::scan(reader.clone());
        }
        let mut operators = OperatorsReader::new(reader);
        while !operators.eof() {
            let (op, offset) = operators.read_with_offset().expect(valid);
            self.hint = hints.and_then(|hints| hints.get(&(offset - start))).copied();
            self.builder.set_srcloc(ir::SourceLoc::new(offset as u32));
            self.record_operator(&op, offset as u32);
            self.operator(op, offset)?;
        }
        Ok(())
    }

    /// The parameters as locals, and the frame of the whole body.
    fn prologue(&mut self, signature: TypeId, params: &[Value]) {
        let ty = self.env.program.signature(signature);
        for (param, ty) in params.iter().zip(ty.params()) {
            let local = self.locals.len() as u32;
            self.record(|recorder, block| recorder.param(local, block, *param));
            self.declare_local(*ty, *param);
            self.track_canonical(*param, *ty);
        }
        let exit = self.builder.create_block();
        for ty in ty.results() {
            self.builder.append_block_param(exit, value_type(*ty));
        }
        self.frames.push(Frame::body(exit, ty.results().len()));
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
