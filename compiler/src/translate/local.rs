//! Locals, and operators that only move operands.

use cranelift_codegen::ir::{InstBuilder, Value};

use super::operator::{Translate, op, operators};
use super::translator::Translator;

impl Translate for op::LocalGet {
    // It leaves what is below it on the stack unchanged.
    const KEEPS_LOAD: bool = true;

    fn translate(self, t: &mut Translator<'_, '_, '_>) {
        let (variable, ty) = t.locals[self.local_index as usize];
        let value = t.builder.use_var(variable);
        t.track_canonical(value, ty);
        t.stack.push(value);
    }
}

operators! { |t|
    LocalSet { local_index } => {
        let value = t.pop();
        t.builder.def_var(t.locals[local_index as usize].0, value);
    },
    LocalTee { local_index } => {
        let value = t.peek();
        t.builder.def_var(t.locals[local_index as usize].0, value);
    },
    Drop => _ = t.pop(),
    Select => _ = t.select(),
    TypedSelect { ty } => {
        let value = t.select();
        t.track(value, ty);
    },
}

impl Translator<'_, '_, '_> {
    fn select(&mut self) -> Value {
        let [first, second, condition] = self.pop_n();
        let value = self.builder.ins().select(condition, first, second);
        self.stack.push(value);
        value
    }
}
