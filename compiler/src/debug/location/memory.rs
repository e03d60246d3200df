//! Expressions that read the program's state: the base of the linear memory, and globals.

use gimli::constants::{DW_OP_and, DW_OP_plus, DW_OP_stack_value};
use wasm_aot_abi::layout::Memory;

use super::native::Expression;
use super::scope::Scope;
use super::timeline::{Read, Source};
use crate::codegen::At;
use crate::layout::{MemoryBase, Symbol};
use crate::program::{GlobalId, MemoryId};

/// The address of byte 0 of a memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    Constant(u64),
    /// What computes it.
    Computed(Expression),
}

impl Base {
    pub fn expression(&self) -> Expression {
        match self {
            Base::Constant(base) => {
                let mut expression = Expression::default();
                expression.constant(*base);
                expression
            }
            Base::Computed(expression) => expression.clone(),
        }
    }
}

impl Scope<'_, '_, '_> {
    /// The memory that pointers of the module are for.
    fn memory(&self) -> Option<MemoryId> {
        self.layout.program.instances[self.instance].memories.values().next().copied()
    }

    /// The base of the memory that pointers of the module are for. `state` is how to read the address of the state of a
    /// library's instance, where it is known.
    pub fn base(&self, state: Option<&Source>) -> Option<Base> {
        let memory = self.memory()?;
        if let MemoryBase::Constant(base) = self.layout.memory(memory).base {
            return Some(Base::Constant(base));
        }
        let mut expression = self.data(Symbol::Memory(memory), i64::from(Memory::BASE), state)?;
        expression.load(8);
        Some(Base::Computed(expression))
    }

    /// The value of a variable that is the address of the memory; none if it isn't known when the program is linked.
    pub fn memory_address(&self) -> Option<Expression> {
        let mut expression = self.base(None)?.expression();
        expression.op(DW_OP_stack_value);
        Some(expression)
    }

    /// Whether accesses to the memory need the address of the state, which isn't known when the program is linked.
    pub fn needs_state(&self) -> bool {
        let has_constant_base = self
            .memory()
            .is_some_and(|memory| matches!(self.layout.memory(memory).base, MemoryBase::Constant(_)));
        self.has_many_states() && !has_constant_base
    }

    fn has_many_states(&self) -> bool {
        self.layout.program.library().is_some_and(|library| library.many)
    }

    /// The address of data, plus an offset.
    fn data(&self, symbol: Symbol, offset: i64, state: Option<&Source>) -> Option<Expression> {
        let mut expression = Expression::default();
        let Some(place) = self.layout.state_offset(symbol) else {
            expression.address(symbol, offset);
            return Some(expression);
        };
        let offset = offset + i64::from(place);
        if !self.has_many_states() {
            expression.address(Symbol::State, offset);
            return Some(expression);
        }
        match state?.read {
            Read::Place(At::Register(register), 0) => expression.register_value(register, offset),
            Read::Place(at @ At::Slot { .. }, 0) => {
                slot(&mut expression, at);
                expression.load(8);
                if offset != 0 {
                    expression.add(offset as u64);
                }
            }
            _ => return None,
        }
        Some(expression)
    }

    /// The address of a global that is written. Those of threads are at the start of the region in which its stack is.
    pub fn global(&self, global: GlobalId) -> Option<Expression> {
        if self.layout.facts.global(global).is_constant() || self.has_many_states() {
            return None;
        }
        let offset = i64::from(self.layout.global_offset(global));
        let Some(threads) = self.layout.threads else { return self.data(Symbol::Globals, offset, None) };
        let mut expression = Expression::default();
        expression.register_value(self.code?.function.values.machine.stack_pointer, 0);
        expression.constant(threads.region_bytes.wrapping_neg());
        expression.op(DW_OP_and);
        expression.constant((i64::from(threads.globals) + offset) as u64);
        expression.op(DW_OP_plus);
        Some(expression)
    }
}

/// The address of a place on the stack.
pub fn slot(expression: &mut Expression, at: At) {
    match at {
        At::Slot { base: Some(register), offset } => expression.register_value(register, i64::from(offset)),
        At::Slot { base: None, offset } => expression.frame_address(i64::from(offset)),
        At::Register(_) => unreachable!("a register has no address"),
    }
}
