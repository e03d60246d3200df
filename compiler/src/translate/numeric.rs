//! Constants, comparisons, arithmetic and conversions.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Type, Value, types};
use wasmparser::Operator;

use super::function::Translator;

/// Builds an instruction of one operand.
macro_rules! unary {
    ($self:ident, $method:ident) => {{
        let operand = $self.pop();
        $self.builder.ins().$method(operand)
    }};
    ($self:ident, $method:ident, $ty:ident) => {{
        let operand = $self.pop();
        $self.builder.ins().$method(types::$ty, operand)
    }};
}

/// Builds an instruction of two operands.
macro_rules! binary {
    ($self:ident, $method:ident) => {{
        let [left, right] = $self.pop_n();
        $self.builder.ins().$method(left, right)
    }};
}

impl Translator<'_, '_, '_> {
    pub fn numeric_operator(&mut self, op: &Operator<'_>) -> bool {
        let value = match self
            .constant(op)
            .or_else(|| self.comparison(op))
            .or_else(|| self.integer_arithmetic(op))
            .or_else(|| self.float_arithmetic(op))
            .or_else(|| self.conversion(op))
        {
            Some(value) => value,
            None => return false,
        };
        self.stack.push(value);
        true
    }

    fn constant(&mut self, op: &Operator<'_>) -> Option<Value> {
        Some(match *op {
            Operator::I32Const { value } => self.builder.ins().iconst(types::I32, i64::from(value as u32)),
            Operator::I64Const { value } => self.builder.ins().iconst(types::I64, value),
            Operator::F32Const { value } => self.builder.ins().f32const(Ieee32::with_bits(value.bits())),
            Operator::F64Const { value } => self.builder.ins().f64const(Ieee64::with_bits(value.bits())),
            _ => return None,
        })
    }

    fn integer_compare(&mut self, condition: IntCC) -> Value {
        let [left, right] = self.pop_n();
        let result = self.builder.ins().icmp(condition, left, right);
        self.builder.ins().uextend(types::I32, result)
    }

    fn float_compare(&mut self, condition: FloatCC) -> Value {
        let [left, right] = self.pop_n();
        let result = self.builder.ins().fcmp(condition, left, right);
        self.builder.ins().uextend(types::I32, result)
    }

    fn comparison(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match op {
            O::I32Eqz | O::I64Eqz => {
                let operand = self.pop();
                let result = self.builder.ins().icmp_imm_u(IntCC::Equal, operand, 0);
                self.builder.ins().uextend(types::I32, result)
            }
            O::I32Eq | O::I64Eq => self.integer_compare(IntCC::Equal),
            O::I32Ne | O::I64Ne => self.integer_compare(IntCC::NotEqual),
            O::I32LtS | O::I64LtS => self.integer_compare(IntCC::SignedLessThan),
            O::I32LtU | O::I64LtU => self.integer_compare(IntCC::UnsignedLessThan),
            O::I32GtS | O::I64GtS => self.integer_compare(IntCC::SignedGreaterThan),
            O::I32GtU | O::I64GtU => self.integer_compare(IntCC::UnsignedGreaterThan),
            O::I32LeS | O::I64LeS => self.integer_compare(IntCC::SignedLessThanOrEqual),
            O::I32LeU | O::I64LeU => self.integer_compare(IntCC::UnsignedLessThanOrEqual),
            O::I32GeS | O::I64GeS => self.integer_compare(IntCC::SignedGreaterThanOrEqual),
            O::I32GeU | O::I64GeU => self.integer_compare(IntCC::UnsignedGreaterThanOrEqual),
            O::F32Eq | O::F64Eq => self.float_compare(FloatCC::Equal),
            O::F32Ne | O::F64Ne => self.float_compare(FloatCC::NotEqual),
            O::F32Lt | O::F64Lt => self.float_compare(FloatCC::LessThan),
            O::F32Gt | O::F64Gt => self.float_compare(FloatCC::GreaterThan),
            O::F32Le | O::F64Le => self.float_compare(FloatCC::LessThanOrEqual),
            O::F32Ge | O::F64Ge => self.float_compare(FloatCC::GreaterThanOrEqual),
            _ => return None,
        })
    }

    fn integer_arithmetic(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match op {
            O::I32Clz | O::I64Clz => unary!(self, clz),
            O::I32Ctz | O::I64Ctz => unary!(self, ctz),
            O::I32Popcnt | O::I64Popcnt => unary!(self, popcnt),
            O::I32Add | O::I64Add => binary!(self, iadd),
            O::I32Sub | O::I64Sub => binary!(self, isub),
            O::I32Mul | O::I64Mul => binary!(self, imul),
            O::I32DivS | O::I64DivS => binary!(self, sdiv),
            O::I32DivU | O::I64DivU => binary!(self, udiv),
            O::I32RemS | O::I64RemS => binary!(self, srem),
            O::I32RemU | O::I64RemU => binary!(self, urem),
            O::I32And | O::I64And => binary!(self, band),
            O::I32Or | O::I64Or => binary!(self, bor),
            O::I32Xor | O::I64Xor => binary!(self, bxor),
            O::I32Shl | O::I64Shl => binary!(self, ishl),
            O::I32ShrS | O::I64ShrS => binary!(self, sshr),
            O::I32ShrU | O::I64ShrU => binary!(self, ushr),
            O::I32Rotl | O::I64Rotl => binary!(self, rotl),
            O::I32Rotr | O::I64Rotr => binary!(self, rotr),
            _ => return None,
        })
    }

    fn float_arithmetic(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match op {
            O::F32Abs | O::F64Abs => unary!(self, fabs),
            O::F32Neg | O::F64Neg => unary!(self, fneg),
            O::F32Ceil | O::F64Ceil => unary!(self, ceil),
            O::F32Floor | O::F64Floor => unary!(self, floor),
            O::F32Trunc | O::F64Trunc => unary!(self, trunc),
            O::F32Nearest | O::F64Nearest => unary!(self, nearest),
            O::F32Sqrt | O::F64Sqrt => unary!(self, sqrt),
            O::F32Add | O::F64Add => binary!(self, fadd),
            O::F32Sub | O::F64Sub => binary!(self, fsub),
            O::F32Mul | O::F64Mul => binary!(self, fmul),
            O::F32Div | O::F64Div => binary!(self, fdiv),
            O::F32Min | O::F64Min => binary!(self, fmin),
            O::F32Max | O::F64Max => binary!(self, fmax),
            O::F32Copysign | O::F64Copysign => binary!(self, fcopysign),
            _ => return None,
        })
    }

    fn conversion(&mut self, op: &Operator<'_>) -> Option<Value> {
        use Operator as O;
        Some(match op {
            O::I32WrapI64 => unary!(self, ireduce, I32),
            O::I64ExtendI32S => unary!(self, sextend, I64),
            O::I64ExtendI32U => unary!(self, uextend, I64),
            O::I32Extend8S => self.sign_extend(types::I8, types::I32),
            O::I32Extend16S => self.sign_extend(types::I16, types::I32),
            O::I64Extend8S => self.sign_extend(types::I8, types::I64),
            O::I64Extend16S => self.sign_extend(types::I16, types::I64),
            O::I64Extend32S => self.sign_extend(types::I32, types::I64),
            O::I32TruncF32S | O::I32TruncF64S => unary!(self, fcvt_to_sint, I32),
            O::I32TruncF32U | O::I32TruncF64U => unary!(self, fcvt_to_uint, I32),
            O::I64TruncF32S | O::I64TruncF64S => unary!(self, fcvt_to_sint, I64),
            O::I64TruncF32U | O::I64TruncF64U => unary!(self, fcvt_to_uint, I64),
            O::I32TruncSatF32S | O::I32TruncSatF64S => unary!(self, fcvt_to_sint_sat, I32),
            O::I32TruncSatF32U | O::I32TruncSatF64U => unary!(self, fcvt_to_uint_sat, I32),
            O::I64TruncSatF32S | O::I64TruncSatF64S => unary!(self, fcvt_to_sint_sat, I64),
            O::I64TruncSatF32U | O::I64TruncSatF64U => unary!(self, fcvt_to_uint_sat, I64),
            O::F32ConvertI32S | O::F32ConvertI64S => unary!(self, fcvt_from_sint, F32),
            O::F32ConvertI32U | O::F32ConvertI64U => unary!(self, fcvt_from_uint, F32),
            O::F64ConvertI32S | O::F64ConvertI64S => unary!(self, fcvt_from_sint, F64),
            O::F64ConvertI32U | O::F64ConvertI64U => unary!(self, fcvt_from_uint, F64),
            O::F32DemoteF64 => unary!(self, fdemote, F32),
            O::F64PromoteF32 => unary!(self, fpromote, F64),
            O::I32ReinterpretF32 => self.reinterpret(types::I32),
            O::I64ReinterpretF64 => self.reinterpret(types::I64),
            O::F32ReinterpretI32 => self.reinterpret(types::F32),
            O::F64ReinterpretI64 => self.reinterpret(types::F64),
            _ => return None,
        })
    }

    fn sign_extend(&mut self, from: Type, to: Type) -> Value {
        let operand = self.pop();
        let narrow = self.builder.ins().ireduce(from, operand);
        self.builder.ins().sextend(to, narrow)
    }

    fn reinterpret(&mut self, ty: Type) -> Value {
        let operand = self.pop();
        self.builder.ins().bitcast(ty, MemFlagsData::new(), operand)
    }
}
