//! Calls, direct and through tables.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, InstructionData, MemFlagsData, Signature, Value, types};
use cranelift_codegen::isa::CallConv;
use wasm_aot_abi::layout::FuncRef;
use wasm_aot_abi::trap::Trap;

use super::environment::{trap_code, trusted, value_type};
use super::exception::Callee;
use super::operator::operators;
use super::translator::{Region, Translator};
use crate::facts::Element;
use crate::layout::{NULL_SIGNATURE, Symbol, TableLayout};
use crate::parse::{FuncIndex, TypeIndex};
use crate::program::{Constant, FuncId, FuncKind, TableId, TypeId};

operators! { |t|
    Call { function_index } => {
        let func = t.callee(FuncIndex::from_u32(function_index));
        let signature = t.env.program.funcs[func].signature;
        let arguments = t.pop_arguments(signature);
        if matches!(t.env.program.funcs[func].kind, FuncKind::Host(_)) {
            t.lend_memory();
        }
        let results = t.call(func, &arguments);
        t.stack.extend(results);
    },
    CallIndirect { type_index, table_index } => {
        let signature = t.instance.types[TypeIndex::from_u32(type_index)];
        let (table, index) = (t.table(table_index), t.pop());
        let arguments = t.pop_arguments(signature);
        match t.env.targets(table, signature) {
            [] => {
                let code = t.table_code(table, index, signature);
                t.call_indirect(signature, code, &arguments);
            }
            targets => t.call_one_of(targets, table, index, signature, &arguments),
        }
    },
    CallRef { type_index } => {
        let signature = t.instance.types[TypeIndex::from_u32(type_index)];
        let code = t.pop_code();
        let arguments = t.pop_arguments(signature);
        t.call_indirect(signature, code, &arguments);
    },
    ReturnCall { function_index } => {
        let func = t.callee(FuncIndex::from_u32(function_index));
        let arguments = t.pop_arguments(t.env.program.funcs[func].signature);
        t.return_call(func, &arguments);
    },
    ReturnCallIndirect { type_index, table_index } => {
        let signature = t.instance.types[TypeIndex::from_u32(type_index)];
        let index = t.pop();
        let arguments = t.pop_arguments(signature);
        let code = t.table_code(t.table(table_index), index, signature);
        t.return_call_indirect(signature, code, &arguments);
    },
    ReturnCallRef { type_index } => {
        let signature = t.instance.types[TypeIndex::from_u32(type_index)];
        let code = t.pop_code();
        let arguments = t.pop_arguments(signature);
        t.return_call_indirect(signature, code, &arguments);
    },
}

/// What a constant is the address of.
fn symbol_of(constant: Constant) -> Symbol {
    match constant {
        Constant::Options(options) => Symbol::CanonicalOptions(options),
        Constant::Instance(instance) => Symbol::ComponentInstance(instance),
        Constant::Tasks(instance) => Symbol::TaskInstance(instance),
        Constant::Ends(ends) => Symbol::EndTypes(ends),
        Constant::EndTables { is_future } => Symbol::EndTables { is_future },
        Constant::Callee(callee) => Symbol::Callee(callee),
        Constant::Instances => Symbol::TaskInstances,
        Constant::Lift(lift) => Symbol::Lift(lift),
        Constant::Resource(resource) => Symbol::ResourceType(resource),
        Constant::Memory(memory) => Symbol::Memory(memory),
        Constant::Tables => Symbol::ResourceTables,
    }
}

impl Translator<'_, '_, '_> {
    pub fn pop_arguments(&mut self, signature: TypeId) -> Vec<Value> {
        let count = self.env.program.signature(signature).params().len();
        self.stack.split_off(self.stack.len() - count)
    }

    /// What a direct call of the function calls.
    fn callee(&self, func: FuncIndex) -> FuncId {
        self.env.facts.called(self.instance.funcs[func])
    }

    /// Makes a direct call, and returns its results.
    pub fn call(&mut self, func: FuncId, arguments: &[Value]) -> Vec<Value> {
        let env = self.env;
        if let FuncKind::AdapterTrap(trap_of) = env.program.funcs[func].kind {
            return self.adapter_trap(arguments[0], trap_of);
        }
        let function = self.function(Symbol::Func(func), || env.function_signature(func));
        if env.program.wasm(func).is_some() {
            let results = self.call_catching(Callee::Direct(function), &self.with_state(arguments));
            self.track_results(&results, env.program.funcs[func].signature);
            return results;
        }
        if let FuncKind::Embedder(_) = env.program.funcs[func].kind {
            return self.call_embedder(function, func, arguments);
        }
        // Functions of the runtime don't throw.
        let Some(bound) = env.program.bound(func) else {
            self.forget_symbols();
            let arguments = match env.program.is_compiled(func) {
                true => self.with_state(arguments),
                false => arguments.into(),
            };
            let call = self.builder.ins().call(function, &arguments);
            return self.builder.inst_results(call).to_vec();
        };
        let constants: Vec<Value> =
            bound.constants.iter().map(|constant| self.symbol(symbol_of(*constant))).collect();
        let address = bound.function.takes_address().then(|| self.in_memory(arguments));
        let arguments = address.as_ref().map_or(arguments, std::slice::from_ref);
        self.forget_symbols();
        let call = self.builder.ins().call(function, &[arguments, &constants].concat());
        let results = self.builder.inst_results(call).to_vec();
        if let (Some(address), true) = (address, bound.function.returns_at_address()) {
            let ty = env.program.signature(env.program.funcs[func].signature);
            return self.load_values(ty.results(), address);
        }
        if env.program.signature(env.program.funcs[func].signature).results().len() != 2 {
            return results;
        }
        let low = self.builder.ins().ireduce(types::I32, results[0]);
        let high = self.builder.ins().ushr_imm_u(results[0], 32);
        vec![low, self.builder.ins().ireduce(types::I32, high)]
    }

    /// Calls the code of a function with this signature, and pushes its results.
    fn call_indirect(&mut self, signature: TypeId, code: Value, arguments: &[Value]) {
        self.lend_memory_to(signature);
        let callee = Callee::Indirect(self.signature_ref(signature), code);
        let results = self.call_catching(callee, &self.with_state(arguments));
        self.track_results(&results, signature);
        self.stack.extend(results);
    }

    /// Calls the element of a table at an index, which is one of a few functions, and pushes its results.
    ///
    /// `targets` are all elements that have this signature (`Facts::targets`: nothing ever writes the table). So an index that
    /// is none of theirs is out of bounds, or its element is null or has another signature. Each of these traps: what a call
    /// through the table checks is checked for it in the usual order, and the code that such an element points at traps, for any
    /// signature.
    fn call_one_of(
        &mut self,
        targets: &[Element],
        table: TableId,
        index: Value,
        signature: TypeId,
        arguments: &[Value],
    ) {
        let mut found = Vec::with_capacity(targets.len());
        for target in targets {
            let (direct, other) = (self.builder.create_block(), self.builder.create_block());
            let is_found = self.builder.ins().icmp_imm_u(IntCC::Equal, index, target.index as i64);
            self.builder.ins().brif(is_found, direct, &[], other, &[]);
            self.builder.seal_block(direct);
            self.builder.seal_block(other);
            self.builder.switch_to_block(other);
            found.push((direct, target.func));
        }
        let none = self.builder.current_block().expect("a block has been opened");
        self.builder.set_cold_block(none);
        let code = self.table_code(table, index, signature);
        self.store_fuel();
        let stub = self.builder.import_signature(Signature::new(CallConv::SystemV));
        self.builder.ins().call_indirect(stub, code, &[]);
        self.builder.ins().trap(trap_code(Trap::Unreachable));
        if let [(direct, func)] = found[..] {
            self.builder.switch_to_block(direct);
            let results = self.call(func, arguments);
            return self.stack.extend(results);
        }
        let done = self.builder.create_block();
        for ty in self.env.program.signature(signature).results() {
            self.builder.append_block_param(done, value_type(*ty));
        }
        for (direct, func) in found {
            self.builder.switch_to_block(direct);
            let results: Vec<BlockArg> =
                self.call(func, arguments).into_iter().map(BlockArg::Value).collect();
            self.builder.ins().jump(done, &results);
        }
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
        let results = self.builder.block_params(done).to_vec();
        self.track_results(&results, signature);
        self.stack.extend(results);
    }

    /// Lends the memory of this instance to functions of this type, if one of them may be a host function.
    fn lend_memory_to(&mut self, signature: TypeId) {
        if self.env.layout.hosts.may_have_type(signature) {
            self.lend_memory();
        }
    }

    /// Traps with the trap that an adapter names by a constant. What follows in the adapter can't be reached, so the
    /// results are none.
    fn adapter_trap(&mut self, number: Value, trap_of: fn(u8) -> Trap) -> Vec<Value> {
        let dfg = &self.builder.func.dfg;
        let definition = dfg.value_def(number).inst().map(|inst| dfg.insts[inst]);
        let Some(InstructionData::UnaryImm { imm, .. }) = definition else {
            unreachable!("adapters name their traps by constants")
        };
        self.builder.ins().trap(trap_code(trap_of(imm.bits() as u8)));
        self.reachable = false;
        Vec::new()
    }

    /// Makes a direct tail call. A call of a host function, which doesn't call back, is followed by a return
    /// instead: this doesn't let the stack grow either.
    fn return_call(&mut self, func: FuncId, arguments: &[Value]) {
        let env = self.env;
        if env.program.wasm(func).is_some() {
            let function = self.function(Symbol::Func(func), || env.function_signature(func));
            self.store_fuel();
            let arguments = self.with_state(arguments);
            self.builder.ins().return_call(function, &arguments);
        } else {
            if matches!(env.program.funcs[func].kind, FuncKind::Host(_)) {
                self.lend_memory();
            }
            let results = self.call(func, arguments);
            self.store_fuel();
            self.builder.ins().return_(&results);
        }
        self.reachable = false;
    }

    fn return_call_indirect(&mut self, signature: TypeId, code: Value, arguments: &[Value]) {
        self.lend_memory_to(signature);
        let signature = self.signature_ref(signature);
        self.store_fuel();
        let arguments = self.with_state(arguments);
        self.builder.ins().return_call_indirect(signature, code, &arguments);
        self.reachable = false;
    }

    /// Pops a function reference, and returns the address of its code. Null faults: page 0 is never mapped.
    fn pop_code(&mut self) -> Value {
        let reference = self.pop();
        let flags =
            MemFlagsData::new().with_aligned().with_trap_code(Some(trap_code(Trap::NullFunctionReference)));
        self.builder.ins().load(types::I64, flags, reference, FuncRef::CODE)
    }

    /// The code pointer for a table index, after the checks that `call_indirect` makes.
    fn table_code(&mut self, table: TableId, index: Value, signature: TypeId) -> Value {
        match self.env.layout.table(table) {
            TableLayout::CodeArrays => self.code_from_array(table, index, signature),
            TableLayout::Pairs => self.code_from_pairs(table, index, signature),
            TableLayout::References => self.code_from_references(table, index, signature),
        }
    }

    /// Elements with other signatures point to code that traps: no further check is needed.
    fn code_from_array(&mut self, table: TableId, index: Value, signature: TypeId) -> Value {
        let index = self.check_element(table, index, Trap::UndefinedElement);
        let array = self.symbol(Symbol::TableCode(table, signature));
        let offset = self.builder.ins().ishl_imm_u(index, 3);
        let address = self.builder.ins().iadd(array, offset);
        let flags = trusted().with_readonly();
        self.builder.ins().load(types::I64, flags, address, 0)
    }

    fn code_from_pairs(&mut self, table: TableId, index: Value, signature: TypeId) -> Value {
        let index = self.check_element(table, index, Trap::UndefinedElement);
        let pairs = self.symbol(Symbol::TablePairs(table));
        let offset = self.builder.ins().ishl_imm_u(index, 4);
        let address = self.builder.ins().iadd(pairs, offset);
        let flags = trusted().with_readonly();
        let found = self.builder.ins().load(types::I64, flags, address, FuncRef::SIGNATURE);
        let equal = self.in_range(found, self.env.program.types.range(signature), |number| number);
        let (matching, other) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(other);
        self.builder.ins().brif(equal, matching, &[], other, &[]);
        self.builder.seal_block(other);
        self.builder.seal_block(matching);
        self.builder.switch_to_block(other);
        let null = self.builder.ins().icmp_imm_u(IntCC::Equal, found, i64::from(NULL_SIGNATURE));
        self.builder.ins().trapnz(null, trap_code(Trap::UninitializedElement));
        self.builder.ins().trap(trap_code(Trap::IndirectCallTypeMismatch));
        self.builder.switch_to_block(matching);
        self.builder.ins().load(types::I64, flags, address, FuncRef::CODE)
    }

    fn code_from_references(&mut self, table: TableId, index: Value, signature: TypeId) -> Value {
        let index = self.check_element(table, index, Trap::UndefinedElement);
        let address = self.unchecked_element(table, index);
        let flags = self.in_region(trusted(), Region::Tables);
        let reference = self.builder.ins().load(types::I64, flags, address, 0);
        // A null reference faults here: page 0 is never mapped.
        let faulting =
            MemFlagsData::new().with_aligned().with_trap_code(Some(trap_code(Trap::UninitializedElement)));
        let found = self.builder.ins().load(types::I64, faulting, reference, FuncRef::SIGNATURE);
        let range = self.env.program.types.range(signature);
        let trap = trap_code(Trap::IndirectCallTypeMismatch);
        if range.len() == 1 {
            let different = self.builder.ins().icmp_imm_u(IntCC::NotEqual, found, i64::from(range.start));
            self.builder.ins().trapnz(different, trap);
        } else {
            let fits = self.in_range(found, range, |number| number);
            self.builder.ins().trapz(fits, trap);
        }
        self.builder.ins().load(types::I64, trusted(), reference, FuncRef::CODE)
    }
}
