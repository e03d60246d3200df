//! Wide arithmetic: sums and products of 128 bits, as pairs of i64.

use cranelift_codegen::ir::{InstBuilder, Value, types};

use super::operator::operators;
use super::translator::Translator;

operators! { |t|
    I64Add128 => {
        let [left, right] = t.pop_wide();
        let result = t.builder.ins().iadd(left, right);
        t.push_wide(result);
    },
    I64Sub128 => {
        let [left, right] = t.pop_wide();
        let result = t.builder.ins().isub(left, right);
        t.push_wide(result);
    },
    I64MulWideS => {
        let [left, right] = t.pop_n();
        let [left, right] = [left, right].map(|half| t.builder.ins().sextend(types::I128, half));
        let result = t.builder.ins().imul(left, right);
        t.push_wide(result);
    },
    I64MulWideU => {
        let [left, right] = t.pop_n();
        let [left, right] = [left, right].map(|half| t.builder.ins().uextend(types::I128, half));
        let result = t.builder.ins().imul(left, right);
        t.push_wide(result);
    },
}

impl Translator<'_, '_, '_> {
    /// Pops two 128-bit numbers, the low half of each below the high half.
    fn pop_wide(&mut self) -> [Value; 2] {
        let [left_low, left_high, right_low, right_high] = self.pop_n();
        let left = self.builder.ins().iconcat(left_low, left_high);
        let right = self.builder.ins().iconcat(right_low, right_high);
        [left, right]
    }

    fn push_wide(&mut self, value: Value) {
        let (low, high) = self.builder.ins().isplit(value);
        self.stack.extend([low, high]);
    }
}
