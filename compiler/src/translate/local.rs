//! Locals, and operators that only move operands.

use cranelift_codegen::ir::{Block, InstBuilder, Value};

use super::labels::Recorder;
use super::operator::{Translate, op, operators};
use super::translator::Translator;

impl Translate for op::LocalGet {
    // It leaves what is below it on the stack unchanged.
    const KEEPS_LOAD: bool = true;

    fn translate(self, t: &mut Translator<'_, '_, '_>) {
        let (variable, ty) = t.locals[self.local_index as usize];
        let value = t.builder.use_var(variable);
        t.track_canonical(value, ty);
        t.record(|recorder, block| recorder.get(self.local_index, block, value));
        t.stack.push(value);
    }
}

operators! { |t|
    LocalSet { local_index } => {
        let value = t.pop();
        t.set_local(local_index, value);
    },
    LocalTee { local_index } => {
        let value = t.peek();
        t.set_local(local_index, value);
    },
    Drop => _ = t.pop(),
    Select => _ = t.select(),
    TypedSelect { ty } => {
        let value = t.select();
        t.track(value, ty);
    },
}

impl Translator<'_, '_, '_> {
    fn set_local(&mut self, local: u32, value: Value) {
        self.builder.def_var(self.locals[local as usize].0, value);
        self.record(|recorder, block| recorder.set(local, block, value));
    }

    /// Records something that happens in the current block, if debug information needs it.
    pub fn record(&mut self, record: impl FnOnce(&mut Recorder<'_>, Block)) {
        if let Some(recorder) = &mut self.recorder {
            let block = self.builder.current_block().expect("there is one where code can be executed");
            record(recorder, block);
        }
    }

    fn select(&mut self) -> Value {
        let [first, second, condition] = self.pop_n();
        let value = self.builder.ins().select(condition, first, second);
        self.stack.push(value);
        value
    }
}
