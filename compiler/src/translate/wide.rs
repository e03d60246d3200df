//! Wide arithmetic: sums and products of 128 bits, as pairs of i64.

use cranelift_codegen::ir::{InstBuilder, Value, types};
use wasmparser::Operator;

use super::function::Translator;

impl Translator<'_, '_, '_> {
    pub fn wide_operator(&mut self, op: &Operator<'_>) -> bool {
        let result = match op {
            Operator::I64Add128 => {
                let [left, right] = self.pop_wide();
                self.builder.ins().iadd(left, right)
            }
            Operator::I64Sub128 => {
                let [left, right] = self.pop_wide();
                self.builder.ins().isub(left, right)
            }
            Operator::I64MulWideS => {
                let [left, right] = self.pop_n();
                let [left, right] = [left, right].map(|half| self.builder.ins().sextend(types::I128, half));
                self.builder.ins().imul(left, right)
            }
            Operator::I64MulWideU => {
                let [left, right] = self.pop_n();
                let [left, right] = [left, right].map(|half| self.builder.ins().uextend(types::I128, half));
                self.builder.ins().imul(left, right)
            }
            _ => return false,
        };
        let (low, high) = self.builder.ins().isplit(result);
        self.stack.extend([low, high]);
        true
    }

    /// Pops two numbers of 128 bits, the low half of each below the high one.
    fn pop_wide(&mut self) -> [Value; 2] {
        let [left_low, left_high, right_low, right_high] = self.pop_n();
        let left = self.builder.ins().iconcat(left_low, left_high);
        let right = self.builder.ins().iconcat(right_low, right_high);
        [left, right]
    }
}
