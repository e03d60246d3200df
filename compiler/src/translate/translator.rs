//! The translator: its state while it translates a function, and what all families of operators use: the operand
//! stack, addresses of symbols, callees, flags that say which part of the state is accessed.

use std::borrow::Cow;
use std::collections::HashMap;

use cranelift_codegen::ir::{
    AliasRegion, AliasRegionData, Block, BlockArg, ExtFuncData, ExternalName, FuncRef, Function, GlobalValue,
    GlobalValueData, InstBuilder, MemFlagsData, SigRef, Signature, StackSlot, UserExternalNameRef, Value,
    types,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use wasmparser::{RefType, ValType};

use super::environment::Environment;
use super::frame::Frame;
use super::handlers::Handlers;
use super::labels::{Labels, Recorder};
use super::name::external_name;
use super::tries::Try;
use crate::layout::Symbol;
use crate::program::{FuncId, Instance, InstanceId, TypeId};

/// Parts of the program's state that never overlap: accesses of one can't change another.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Region {
    Heap = 0,
    Globals = 1,
    Tables = 2,
    MemoryDescriptors = 3,
    Fuel = 4,
    Objects = 5,
    Cards = 6,
    Allocation = 7,
}

/// Translates into a function.
pub struct Translator<'t, 'p, 'a> {
    pub env: &'t Environment<'p, 'a>,
    pub isa: &'t dyn TargetIsa,
    pub instance_id: InstanceId,
    pub instance: &'p Instance<'a>,
    pub builder: FunctionBuilder<'t>,
    /// The address of the instance's state, in a library.
    pub state: Option<Value>,
    /// The Wasm function that is translated, if it is one.
    pub own: Option<FuncId>,
    /// The operand stack. Its contents are meaningless while `reachable` is false.
    pub stack: Vec<Value>,
    pub frames: Vec<Frame>,
    /// Whether the current operator can be executed. If not, it isn't translated.
    pub reachable: bool,
    /// The locals, with their canonical types.
    pub locals: Vec<(Variable, ValType)>,
    /// Types of values that can be references to objects, see `gc`.
    pub known: HashMap<Value, RefType>,
    names: HashMap<Symbol, UserExternalNameRef>,
    shared_symbols: HashMap<Symbol, GlobalValue>,
    /// Symbols whose addresses are known here: see `symbol`.
    near_symbols: HashMap<Symbol, GlobalValue>,
    functions: HashMap<Symbol, FuncRef>,
    signatures: HashMap<TypeId, SigRef>,
    regions: [Option<AliasRegion>; 8],
    /// What catches the exceptions of a call.
    pub handlers: Handlers,
    /// Frames with handlers, and the blocks of their dispatches that have no code yet.
    pub undispatched: Vec<(usize, Block)>,
    /// The stack slots in which exceptions are constructed, by size.
    pub exception_slots: HashMap<u32, StackSlot>,
    /// What the function's `try`s catch, in their order.
    pub tries: std::vec::IntoIter<Try>,
    /// Whether the branch whose operator starts at the current offset is likely to be taken.
    pub hint: Option<bool>,
    /// A vector that was loaded as an I8X16, is on the operand stack once, and hasn't been used otherwise.
    pub unused_load: Option<Value>,
    /// The fuel, if it is counted.
    pub fuel: Option<Fuel>,
    /// What debug information will need to know of values.
    pub recorder: Option<Recorder<'t>>,
}

/// Fuel in the function that is being translated.
pub struct Fuel {
    pub left: Variable,
    /// The cost of the code since the last subtraction.
    pub pending: i64,
}

impl<'t, 'p, 'a> Translator<'t, 'p, 'a> {
    pub fn new(
        env: &'t Environment<'p, 'a>,
        isa: &'t dyn TargetIsa,
        instance_id: InstanceId,
        func: &'t mut Function,
        context: &'t mut FunctionBuilderContext,
    ) -> Self {
        Translator {
            env,
            isa,
            instance_id,
            instance: &env.program.instances[instance_id],
            builder: FunctionBuilder::new(func, context),
            state: None,
            own: None,
            stack: Vec::new(),
            frames: Vec::new(),
            reachable: true,
            locals: Vec::new(),
            known: HashMap::new(),
            names: HashMap::new(),
            shared_symbols: HashMap::new(),
            near_symbols: HashMap::new(),
            functions: HashMap::new(),
            signatures: HashMap::new(),
            regions: [None; 8],
            handlers: Handlers::default(),
            undispatched: Vec::new(),
            exception_slots: HashMap::new(),
            tries: Vec::new().into_iter(),
            hint: None,
            unused_load: None,
            fuel: None,
            recorder: None,
        }
    }

    /// Goes on with the code of another instance.
    pub fn set_instance(&mut self, instance: InstanceId) {
        self.instance_id = instance;
        self.instance = &self.env.program.instances[instance];
    }

    /// Ends the function. The result is what debug information will need to know of values.
    pub fn finish(mut self) -> Option<Labels> {
        self.builder.seal_all_blocks();
        let labels = self.recorder.map(|recorder| recorder.finish(self.builder.func));
        self.builder.finalize(self.isa.frontend_config());
        labels
    }

    pub fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    pub fn pop(&mut self) -> Value {
        self.stack.pop().expect("validated: the operand is there")
    }

    pub fn peek(&self) -> Value {
        *self.stack.last().expect("validated: the operand is there")
    }

    /// Pops N operands; the last is the top of the stack.
    pub fn pop_n<const N: usize>(&mut self) -> [Value; N] {
        let start = self.stack.len() - N;
        let operands = self.stack[start..].try_into().expect("N operands");
        self.stack.truncate(start);
        operands
    }

    /// The top `count` operands, as arguments of a branch.
    pub fn top(&self, count: usize) -> Vec<BlockArg> {
        self.stack[self.stack.len() - count..].iter().map(|value| BlockArg::Value(*value)).collect()
    }

    /// Address of a symbol.
    ///
    /// Uses without a call between them share a global value: Cranelift computes it once, and sees which
    /// accesses are to the same place. After a call, and in a loop, there is a new one: computing the address
    /// again takes one instruction, keeping it takes a callee-saved register.
    pub fn symbol(&mut self, symbol: Symbol) -> Value {
        if let Some(offset) = self.env.layout.state_offset(symbol) {
            return self.in_state(offset);
        }
        let global = match self.near_symbols.get(&symbol) {
            Some(global) => *global,
            None => self.global_value(symbol),
        };
        self.near_symbols.insert(symbol, global);
        self.builder.ins().symbol_value(types::I64, global)
    }

    /// Ends the range in which addresses of symbols are computed once.
    pub fn forget_symbols(&mut self) {
        self.near_symbols.clear();
    }

    /// Address of a symbol that Cranelift may compute once for several uses, for places where that lets it
    /// see that they load the same value.
    pub fn shared_symbol(&mut self, symbol: Symbol) -> Value {
        if let Some(offset) = self.env.layout.state_offset(symbol) {
            return self.in_state(offset);
        }
        let global = match self.shared_symbols.get(&symbol) {
            Some(global) => *global,
            None => self.global_value(symbol),
        };
        self.shared_symbols.insert(symbol, global);
        self.builder.ins().symbol_value(types::I64, global)
    }

    /// Address of this place in the state of the instance.
    pub fn in_state(&mut self, offset: i32) -> Value {
        let state = self.state.expect("code of a library has the address of the state");
        self.builder.ins().iadd_imm_s(state, i64::from(offset))
    }

    /// Takes the address of the state from the parameters of a compiled function, in a library; returns its others.
    pub fn take_state<'v>(&mut self, params: &'v [Value]) -> &'v [Value] {
        match params {
            [state, others @ ..] if self.env.layout.state.is_some() => {
                self.state = Some(*state);
                others
            }
            _ => params,
        }
    }

    /// The arguments of a call of a compiled function that has these Wasm arguments.
    pub fn with_state<'v>(&self, arguments: &'v [Value]) -> Cow<'v, [Value]> {
        match self.state {
            Some(state) => [&[state], arguments].concat().into(),
            None => arguments.into(),
        }
    }

    /// Address of the written globals.
    pub fn globals(&mut self) -> Value {
        match self.env.layout.threads {
            None => self.symbol(Symbol::Globals),
            Some(threads) => self.thread_state(threads.globals),
        }
    }

    /// Address of the current lengths of segments.
    pub fn segment_lengths(&mut self) -> Value {
        match self.env.layout.threads {
            None => self.symbol(Symbol::SegmentLengths),
            Some(threads) => self.thread_state(threads.segment_lengths),
        }
    }

    /// Address of this place in the state of the running thread, which is at the start of the region of its
    /// stack.
    fn thread_state(&mut self, offset: i32) -> Value {
        let Some(threads) = self.env.layout.threads else { unreachable!("the program has threads") };
        let stack = self.builder.ins().get_stack_pointer(types::I64);
        let state = self.builder.ins().band_imm_s(stack, -(threads.region_bytes as i64));
        if offset == 0 { state } else { self.builder.ins().iadd_imm_s(state, i64::from(offset)) }
    }

    fn global_value(&mut self, symbol: Symbol) -> GlobalValue {
        let name = self.external_name(symbol);
        let offset = 0.into();
        let data = GlobalValueData::Symbol { name, offset, colocated: true, tls: false };
        self.builder.create_global_value(data)
    }

    fn external_name(&mut self, symbol: Symbol) -> ExternalName {
        let func = &mut self.builder.func;
        let declare = || func.declare_imported_user_function(external_name(symbol));
        ExternalName::user(*self.names.entry(symbol).or_insert_with(declare))
    }

    /// A function to call directly.
    pub fn function(&mut self, symbol: Symbol, signature: impl FnOnce() -> Signature) -> FuncRef {
        let name = self.external_name(symbol);
        let builder = &mut self.builder;
        *self.functions.entry(symbol).or_insert_with(|| {
            let signature = builder.import_signature(signature());
            builder.import_function(ExtFuncData { name, signature, colocated: true, patchable: false })
        })
    }

    /// CLIF signature of a Wasm signature, for indirect calls.
    pub fn signature_ref(&mut self, signature: TypeId) -> SigRef {
        let (builder, env) = (&mut self.builder, self.env);
        *self
            .signatures
            .entry(signature)
            .or_insert_with(|| builder.import_signature(env.indirect_signature(signature)))
    }

    /// Flags that say which part of the state is accessed.
    pub fn in_region(&mut self, flags: MemFlagsData, region: Region) -> MemFlagsData {
        let regions = &mut self.builder.func.dfg.alias_regions;
        let data = || AliasRegionData {
            user_id: region as u32,
            description: match region {
                Region::Heap => "heap",
                Region::Globals => "globals",
                Region::Tables => "tables",
                Region::MemoryDescriptors => "memory descriptors",
                Region::Fuel => "fuel",
                Region::Objects => "objects",
                Region::Cards => "cards",
                Region::Allocation => "allocation",
            }
            .into(),
        };
        let alias = *self.regions[region as usize].get_or_insert_with(|| regions.insert(data()));
        flags.with_alias_region(Some(alias))
    }
}
