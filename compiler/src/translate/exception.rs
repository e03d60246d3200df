//! Exceptions. They cost nothing until one is thrown: a call inside a `try_table` is a `try_call`,
//! which records where execution continues; the runtime finds these records by walking the frames.
//!
//! An exception is a structure in memory, `wasm_aot_abi::exception::Exception`: at first in the frame
//! of the function that throws. A handler that needs a reference to it, `catch_ref`, says so in its
//! record, and the runtime then moves it to the heap before it enters the handler. All other handlers read
//! what the exception carries at once, in place, before anything can overwrite it.

use std::collections::HashSet;
use std::rc::Rc;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    Block, BlockArg, BlockCall, ExceptionTableData, ExceptionTableItem, ExceptionTag, FuncRef, InstBuilder,
    SigRef, StackSlot, StackSlotData, StackSlotKind, Type, Value, types,
};
use cranelift_frontend::Switch;
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::exception::{Clause, Exception};
use wasm_aot_abi::trap::Trap;
use wasmparser::{Catch, TryTable};

use super::environment::{trap_code, trusted};
use super::frame::{Frame, Kind};
use super::handlers::{Active, Handler};
use super::operator::operators;
use super::translator::Translator;
use crate::layout;
use crate::parse::TagIndex;
use crate::program::TagId;

/// A function to call.
#[derive(Clone, Copy)]
pub enum Callee {
    Direct(FuncRef),
    Indirect(SigRef, Value),
}

operators! { structure |t|
    TryTable { try_table } => t.try_table(&try_table),
}

operators! { |t|
    Throw { tag_index } => t.throw(t.instance.tags[TagIndex::from_u32(tag_index)]),
    ThrowRef => {
        let exception = t.pop();
        let null = t.builder.ins().icmp_imm_u(IntCC::Equal, exception, 0);
        t.builder.ins().trapnz(null, trap_code(Trap::NullExceptionReference));
        t.throw_reference(exception);
    },
}

impl Translator<'_, '_, '_> {
    /// Calls a function that may throw, and returns its results.
    pub fn call_catching(&mut self, callee: Callee, arguments: &[Value]) -> Vec<Value> {
        self.store_fuel();
        let results = self.call_with_handlers(callee, arguments);
        self.load_fuel();
        results
    }

    fn call_with_handlers(&mut self, callee: Callee, arguments: &[Value]) -> Vec<Value> {
        self.forget_symbols();
        let handlers = match self.handlers.active() {
            Active::Listed(handlers) => handlers,
            Active::Many => {
                let frame = self.handlers.outward(self.handlers.len()).expect("there are many handlers");
                Rc::from([Handler { tag: None, keep: true, landing: self.dispatch_block(frame) }])
            }
        };
        if handlers.is_empty() {
            let call = match callee {
                Callee::Direct(function) => self.builder.ins().call(function, arguments),
                Callee::Indirect(signature, code) => {
                    self.builder.ins().call_indirect(signature, code, arguments)
                }
            };
            return self.builder.inst_results(call).to_vec();
        }
        let dfg = &self.builder.func.dfg;
        let signature = match callee {
            Callee::Direct(function) => dfg.ext_funcs[function].signature,
            Callee::Indirect(signature, _) => signature,
        };
        let results: Vec<Type> =
            dfg.signatures[signature].returns.iter().map(|param| param.value_type).collect();
        let normal = self.builder.create_block();
        for ty in &results {
            self.builder.append_block_param(normal, *ty);
        }
        let lists = &mut self.builder.func.dfg.value_lists;
        let returned = (0..results.len() as u32).map(BlockArg::TryCallRet);
        let normal_return = BlockCall::new(normal, returned, lists);
        let items: Vec<_> = handlers
            .iter()
            .map(|handler| {
                let clause = Clause { tag: handler.tag.map(|tag| tag.as_u32()), keep: handler.keep };
                let target = BlockCall::new(handler.landing, [BlockArg::TryCallExn(0)], lists);
                ExceptionTableItem::Tag(ExceptionTag::from_u32(clause.encode()), target)
            })
            .collect();
        let table = ExceptionTableData::new(signature, normal_return, items);
        let table = self.builder.func.dfg.exception_tables.push(table);
        match callee {
            Callee::Direct(function) => self.builder.ins().try_call(function, arguments, table),
            Callee::Indirect(_, code) => self.builder.ins().try_call_indirect(code, arguments, table),
        };
        self.dispatch();
        self.builder.seal_block(normal);
        self.builder.switch_to_block(normal);
        self.builder.block_params(normal).to_vec()
    }

    /// The block where the search for one of many handlers starts in a frame. It has no code until `dispatch`.
    fn dispatch_block(&mut self, frame: usize) -> Block {
        if let Some(block) = self.handlers.dispatch(frame) {
            return block;
        }
        let block = self.landing(true);
        self.handlers.set_dispatch(frame, block);
        self.undispatched.push((frame, block));
        block
    }

    /// Writes the search for the handler of an exception, which is in the heap: among the clauses of a frame, then in
    /// the next frame outward, and finally out of the function. Each frame has at most one search. The current block
    /// must be complete.
    fn dispatch(&mut self) {
        while let Some((frame, block)) = self.undispatched.pop() {
            self.builder.switch_to_block(block);
            let exception = self.builder.block_params(block)[0];
            let found = self.builder.ins().load(types::I32, trusted(), exception, Exception::TAG);
            let arguments = [BlockArg::Value(exception)];
            let (mut switch, mut cases, mut tags) = (Switch::new(), Vec::new(), HashSet::new());
            let mut all = None;
            for Handler { tag, landing, .. } in self.handlers.clauses(frame) {
                let Some(tag) = tag else {
                    all = Some(*landing);
                    break;
                };
                if tags.insert(*tag) {
                    let case = self.builder.create_block();
                    switch.set_entry(tag.as_u32().into(), case);
                    cases.push((case, *landing));
                }
            }
            let otherwise = self.builder.create_block();
            switch.emit(&mut self.builder, found, otherwise);
            for (case, landing) in cases.into_iter().chain(all.map(|landing| (otherwise, landing))) {
                self.start_case(case);
                self.builder.ins().jump(landing, &arguments);
            }
            if all.is_some() {
                continue;
            }
            self.start_case(otherwise);
            match self.handlers.outward(frame) {
                Some(outer) => {
                    let outer = self.dispatch_block(outer);
                    self.builder.ins().jump(outer, &arguments);
                }
                None => {
                    let function = self.builtin(Builtin::ThrowRef);
                    self.builder.ins().call(function, &[exception]);
                    self.builder.ins().trap(trap_code(Trap::Unreachable));
                }
            }
        }
    }

    /// Continues in a block that is rarely executed, and to which no more branches will be added.
    fn start_case(&mut self, block: Block) {
        self.builder.set_cold_block(block);
        self.builder.seal_block(block);
        self.builder.switch_to_block(block);
    }

    /// `throw`. If a handler of this very function catches the exception, it is a jump.
    fn throw(&mut self, tag: TagId) {
        let signature = self.env.program.tags[tag];
        let values = self.pop_arguments(signature);
        let layout = self.env.layout.objects.exception(tag);
        let slot = self.exception_slot(layout.bytes);
        let exception = self.builder.ins().stack_addr(types::I64, slot, 0);
        for (value, (offset, storage)) in values.into_iter().zip(&layout.fields) {
            self.store_storage(*storage, value, trusted(), exception, *offset);
        }
        if let Some(Handler { keep: false, landing, .. }) = self.handlers.find(tag) {
            self.store_fuel();
            self.builder.ins().jump(landing, &[BlockArg::Value(exception)]);
            self.reachable = false;
            return;
        }
        if self.env.facts.uses_gc() {
            let header = layout::header(self.env.layout.objects.exception_number(tag));
            let header = self.builder.ins().iconst(types::I32, i64::from(header));
            self.builder.ins().store(trusted(), header, exception, Exception::HEADER);
        }
        let number = self.builder.ins().iconst(types::I32, i64::from(tag.as_u32()));
        let size = self.builder.ins().iconst(types::I64, i64::from(layout.bytes));
        self.builder.ins().store(trusted(), number, exception, Exception::TAG);
        self.builder.ins().store(trusted(), size, exception, Exception::SIZE);
        // In a program that has objects, the exception may become an object.
        let builtin = if self.env.facts.uses_gc() { Builtin::GcThrow } else { Builtin::Throw };
        self.call_throwing(builtin, exception);
    }

    /// The stack slot in which exceptions of this size are constructed. One slot suffices for all of them: whoever
    /// catches one reads it at once.
    fn exception_slot(&mut self, bytes: u32) -> StackSlot {
        if let Some(slot) = self.exception_slots.get(&bytes) {
            return *slot;
        }
        let alignment = Exception::ALIGNMENT.trailing_zeros() as u8;
        let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, alignment);
        let slot = self.builder.create_sized_stack_slot(slot);
        self.exception_slots.insert(bytes, slot);
        slot
    }

    /// Throws an exception that is in the heap.
    pub fn throw_reference(&mut self, exception: Value) {
        self.call_throwing(Builtin::ThrowRef, exception);
    }

    fn call_throwing(&mut self, builtin: Builtin, exception: Value) {
        let function = self.builtin(builtin);
        self.call_catching(Callee::Direct(function), &[exception]);
        self.no_return();
    }

    /// What an exception with this tag carries.
    pub fn exception_values(&mut self, exception: Value, tag: TagId) -> Vec<Value> {
        let program = self.env.program;
        let layout = self.env.layout.objects.exception(tag);
        let mut values = Vec::new();
        for ((offset, storage), ty) in layout.fields.iter().zip(program.signature(program.tags[tag]).params())
        {
            let value = self.load_storage(*storage, false, trusted(), exception, *offset);
            self.track_canonical(value, *ty);
            values.push(value);
        }
        values
    }

    /// A block that takes the address of a caught exception, which is in the heap if the clause `keep`s it.
    pub fn landing(&mut self, keep: bool) -> Block {
        let landing = self.builder.create_block();
        let exception = self.builder.append_block_param(landing, types::I64);
        if keep {
            self.track_canonical(exception, wasmparser::ValType::Ref(wasmparser::RefType::EXNREF));
        }
        self.builder.set_cold_block(landing);
        landing
    }

    /// Ends a block after a call that doesn't return.
    pub fn no_return(&mut self) {
        self.builder.ins().trap(trap_code(Trap::Unreachable));
        self.reachable = false;
    }

    /// `try_table`.
    pub fn try_table(&mut self, table: &TryTable) {
        if !self.reachable {
            return self.push_dead();
        }
        let (params, results) = self.block_type(table.ty);
        let end = self.block_with_params(&results);
        let outside = self.handlers.len();
        let (mut catches, mut handlers) = (Vec::new(), Vec::new());
        for catch in table.catches.iter().rev() {
            let (tag, keep) = match *catch {
                Catch::One { tag, .. } => (Some(tag), false),
                Catch::OneRef { tag, .. } => (Some(tag), true),
                Catch::All { .. } => (None, false),
                Catch::AllRef { .. } => (None, true),
            };
            let tag = tag.map(|tag| self.instance.tags[TagIndex::from_u32(tag)]);
            let landing = self.landing(keep);
            handlers.push(Handler { tag, keep, landing });
            catches.push((*catch, landing));
        }
        handlers.reverse();
        self.handlers.catch(handlers);
        self.frames.push(Frame {
            kind: Kind::TryTable { end, reached: false, catches },
            height: self.stack.len() - params.len(),
            results: results.len(),
            handlers_outside: outside,
            handlers_inside: self.handlers.len(),
        });
    }

    /// The path from a landing of a `try_table`, whose frame has ended, to the label of the clause.
    pub fn catch_clause(&mut self, catch: Catch, landing: Block) {
        self.builder.seal_block(landing);
        self.builder.switch_to_block(landing);
        self.load_fuel();
        let exception = self.builder.block_params(landing)[0];
        let (tag, keep, label) = match catch {
            Catch::One { tag, label } => (Some(tag), false, label),
            Catch::OneRef { tag, label } => (Some(tag), true, label),
            Catch::All { label } => (None, false, label),
            Catch::AllRef { label } => (None, true, label),
        };
        let mut values = match tag {
            Some(tag) => self.exception_values(exception, self.instance.tags[TagIndex::from_u32(tag)]),
            None => Vec::new(),
        };
        if keep {
            values.push(exception);
        }
        let (target, _) = self.branch_block(label);
        let arguments: Vec<BlockArg> = values.into_iter().map(BlockArg::Value).collect();
        self.builder.ins().jump(target, &arguments);
    }
}
