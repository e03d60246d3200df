//! Constant expressions: the initialisers of globals, tables and segments.

use anyhow::Result;
use wasmparser::Operator;

use super::index::{FuncIndex, GlobalIndex, TypeIndex};

/// A validated constant expression in postfix order.
#[derive(Clone, Debug)]
pub struct ConstExpr(pub Vec<ConstOp>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstOp {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128([u8; 16]),
    GlobalGet(GlobalIndex),
    RefNull,
    RefFunc(FuncIndex),
    I32Add,
    I32Sub,
    I32Mul,
    I64Add,
    I64Sub,
    I64Mul,
    RefI31,
    /// `any.convert_extern` or `extern.convert_any`.
    Convert,
    Allocate(Allocation),
}

/// An operator that allocates an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocation {
    Struct(TypeIndex),
    StructDefault(TypeIndex),
    Array(TypeIndex),
    ArrayDefault(TypeIndex),
    /// With this many elements.
    ArrayFixed(TypeIndex, u32),
}

impl Allocation {
    /// The allocation that an operator performs, if it is one that is allowed in constant expressions.
    pub fn of(op: &Operator<'_>) -> Option<Allocation> {
        Some(match *op {
            Operator::StructNew { struct_type_index } => {
                Allocation::Struct(TypeIndex::from_u32(struct_type_index))
            }
            Operator::StructNewDefault { struct_type_index } => {
                Allocation::StructDefault(TypeIndex::from_u32(struct_type_index))
            }
            Operator::ArrayNew { array_type_index } => {
                Allocation::Array(TypeIndex::from_u32(array_type_index))
            }
            Operator::ArrayNewDefault { array_type_index } => {
                Allocation::ArrayDefault(TypeIndex::from_u32(array_type_index))
            }
            Operator::ArrayNewFixed { array_type_index, array_size } => {
                Allocation::ArrayFixed(TypeIndex::from_u32(array_type_index), array_size)
            }
            _ => return None,
        })
    }
}

impl ConstExpr {
    /// Whether it allocates an object.
    pub fn allocates(&self) -> bool {
        self.0.iter().any(|op| matches!(op, ConstOp::Allocate(_)))
    }

    pub fn read(expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr> {
        let mut ops = Vec::new();
        for op in expr.get_operators_reader().into_iter_with_offsets() {
            let (op, _) = op?;
            ops.push(match op {
                Operator::I32Const { value } => ConstOp::I32(value),
                Operator::I64Const { value } => ConstOp::I64(value),
                Operator::F32Const { value } => ConstOp::F32(value.bits()),
                Operator::F64Const { value } => ConstOp::F64(value.bits()),
                Operator::V128Const { value } => ConstOp::V128(*value.bytes()),
                Operator::GlobalGet { global_index } => {
                    ConstOp::GlobalGet(GlobalIndex::from_u32(global_index))
                }
                Operator::RefNull { .. } => ConstOp::RefNull,
                Operator::RefFunc { function_index } => ConstOp::RefFunc(FuncIndex::from_u32(function_index)),
                Operator::I32Add => ConstOp::I32Add,
                Operator::I32Sub => ConstOp::I32Sub,
                Operator::I32Mul => ConstOp::I32Mul,
                Operator::I64Add => ConstOp::I64Add,
                Operator::I64Sub => ConstOp::I64Sub,
                Operator::I64Mul => ConstOp::I64Mul,
                Operator::RefI31 => ConstOp::RefI31,
                Operator::AnyConvertExtern | Operator::ExternConvertAny => ConstOp::Convert,
                Operator::End => continue,
                other => match Allocation::of(&other) {
                    Some(allocation) => ConstOp::Allocate(allocation),
                    None => unreachable!("validated: {other:?} is no constant"),
                },
            });
        }
        Ok(ConstExpr(ops))
    }
}
