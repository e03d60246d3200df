//! Evaluates constant expressions. In a closed world all of them have a value at compile time: they refer only to
//! immutable globals, whose own initialisers are constant expressions. Only objects are allocated when the
//! program runs.

use cranelift_entity::PrimaryMap;

use super::entity::{FuncId, GlobalId};
use super::model::GlobalPlan;
use super::value::Value;
use crate::parse::{ConstExpr, ConstOp, FuncIndex, GlobalIndex};

/// The value of a validated constant expression in an instance.
pub fn evaluate(
    expr: &ConstExpr,
    globals: &PrimaryMap<GlobalId, GlobalPlan>,
    instance_globals: &PrimaryMap<GlobalIndex, GlobalId>,
    instance_funcs: &PrimaryMap<FuncIndex, FuncId>,
) -> Value {
    if expr.allocates() {
        return Value::Late;
    }
    let mut stack = Vec::new();
    for op in &expr.0 {
        let value = match *op {
            ConstOp::I32(value) => Value::I32(value),
            ConstOp::I64(value) => Value::I64(value),
            ConstOp::F32(bits) => Value::F32(bits),
            ConstOp::F64(bits) => Value::F64(bits),
            ConstOp::V128(bytes) => Value::V128(bytes),
            ConstOp::GlobalGet(index) => globals[instance_globals[index]].init,
            ConstOp::RefNull => Value::Null,
            ConstOp::RefFunc(index) => Value::Func(instance_funcs[index]),
            ConstOp::Convert => stack.pop().expect("validated: the operand is there"),
            ConstOp::RefI31 => match stack.pop() {
                Some(Value::I32(value)) => Value::I31(value),
                _ => unreachable!("validated constant expression"),
            },
            binary => {
                let (right, left) = (stack.pop(), stack.pop());
                match (binary, left, right) {
                    (ConstOp::I32Add, Some(Value::I32(a)), Some(Value::I32(b))) => {
                        Value::I32(a.wrapping_add(b))
                    }
                    (ConstOp::I32Sub, Some(Value::I32(a)), Some(Value::I32(b))) => {
                        Value::I32(a.wrapping_sub(b))
                    }
                    (ConstOp::I32Mul, Some(Value::I32(a)), Some(Value::I32(b))) => {
                        Value::I32(a.wrapping_mul(b))
                    }
                    (ConstOp::I64Add, Some(Value::I64(a)), Some(Value::I64(b))) => {
                        Value::I64(a.wrapping_add(b))
                    }
                    (ConstOp::I64Sub, Some(Value::I64(a)), Some(Value::I64(b))) => {
                        Value::I64(a.wrapping_sub(b))
                    }
                    (ConstOp::I64Mul, Some(Value::I64(a)), Some(Value::I64(b))) => {
                        Value::I64(a.wrapping_mul(b))
                    }
                    _ => unreachable!("validated constant expression"),
                }
            }
        };
        stack.push(value);
    }
    stack.pop().expect("validated: a constant expression has a value")
}
