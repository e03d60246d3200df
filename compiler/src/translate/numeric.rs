//! Constants, comparisons, arithmetic and conversions.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Type, Value, types};

use super::operator::operators;
use super::translator::Translator;

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

// Constants.
operators! { push |t|
    I32Const { value } => t.builder.ins().iconst(types::I32, i64::from(value as u32)),
    I64Const { value } => t.builder.ins().iconst(types::I64, value),
    F32Const { value } => t.builder.ins().f32const(Ieee32::with_bits(value.bits())),
    F64Const { value } => t.builder.ins().f64const(Ieee64::with_bits(value.bits())),
}

// Comparisons.
operators! { push |t|
    I32Eqz | I64Eqz => {
        let operand = t.pop();
        let result = t.builder.ins().icmp_imm_u(IntCC::Equal, operand, 0);
        t.builder.ins().uextend(types::I32, result)
    },
    I32Eq | I64Eq => t.integer_compare(IntCC::Equal),
    I32Ne | I64Ne => t.integer_compare(IntCC::NotEqual),
    I32LtS | I64LtS => t.integer_compare(IntCC::SignedLessThan),
    I32LtU | I64LtU => t.integer_compare(IntCC::UnsignedLessThan),
    I32GtS | I64GtS => t.integer_compare(IntCC::SignedGreaterThan),
    I32GtU | I64GtU => t.integer_compare(IntCC::UnsignedGreaterThan),
    I32LeS | I64LeS => t.integer_compare(IntCC::SignedLessThanOrEqual),
    I32LeU | I64LeU => t.integer_compare(IntCC::UnsignedLessThanOrEqual),
    I32GeS | I64GeS => t.integer_compare(IntCC::SignedGreaterThanOrEqual),
    I32GeU | I64GeU => t.integer_compare(IntCC::UnsignedGreaterThanOrEqual),
    F32Eq | F64Eq => t.float_compare(FloatCC::Equal),
    F32Ne | F64Ne => t.float_compare(FloatCC::NotEqual),
    F32Lt | F64Lt => t.float_compare(FloatCC::LessThan),
    F32Gt | F64Gt => t.float_compare(FloatCC::GreaterThan),
    F32Le | F64Le => t.float_compare(FloatCC::LessThanOrEqual),
    F32Ge | F64Ge => t.float_compare(FloatCC::GreaterThanOrEqual),
}

// Arithmetic on integers.
operators! { push |t|
    I32Clz | I64Clz => unary!(t, clz),
    I32Ctz | I64Ctz => unary!(t, ctz),
    I32Popcnt | I64Popcnt => unary!(t, popcnt),
    I32Add | I64Add => binary!(t, iadd),
    I32Sub | I64Sub => binary!(t, isub),
    I32Mul | I64Mul => binary!(t, imul),
    I32DivS | I64DivS => binary!(t, sdiv),
    I32DivU | I64DivU => binary!(t, udiv),
    I32RemS | I64RemS => binary!(t, srem),
    I32RemU | I64RemU => binary!(t, urem),
    I32And | I64And => binary!(t, band),
    I32Or | I64Or => binary!(t, bor),
    I32Xor | I64Xor => binary!(t, bxor),
    I32Shl | I64Shl => binary!(t, ishl),
    I32ShrS | I64ShrS => binary!(t, sshr),
    I32ShrU | I64ShrU => binary!(t, ushr),
    I32Rotl | I64Rotl => binary!(t, rotl),
    I32Rotr | I64Rotr => binary!(t, rotr),
}

// Arithmetic on floats.
operators! { push |t|
    F32Abs | F64Abs => unary!(t, fabs),
    F32Neg | F64Neg => unary!(t, fneg),
    F32Ceil | F64Ceil => unary!(t, ceil),
    F32Floor | F64Floor => unary!(t, floor),
    F32Trunc | F64Trunc => unary!(t, trunc),
    F32Nearest | F64Nearest => unary!(t, nearest),
    F32Sqrt | F64Sqrt => unary!(t, sqrt),
    F32Add | F64Add => binary!(t, fadd),
    F32Sub | F64Sub => binary!(t, fsub),
    F32Mul | F64Mul => binary!(t, fmul),
    F32Div | F64Div => binary!(t, fdiv),
    F32Min | F64Min => binary!(t, fmin),
    F32Max | F64Max => binary!(t, fmax),
    F32Copysign | F64Copysign => binary!(t, fcopysign),
}

// Conversions.
operators! { push |t|
    I32WrapI64 => unary!(t, ireduce, I32),
    I64ExtendI32S => unary!(t, sextend, I64),
    I64ExtendI32U => unary!(t, uextend, I64),
    I32Extend8S => t.sign_extend(types::I8, types::I32),
    I32Extend16S => t.sign_extend(types::I16, types::I32),
    I64Extend8S => t.sign_extend(types::I8, types::I64),
    I64Extend16S => t.sign_extend(types::I16, types::I64),
    I64Extend32S => t.sign_extend(types::I32, types::I64),
    I32TruncF32S | I32TruncF64S => unary!(t, fcvt_to_sint, I32),
    I32TruncF32U | I32TruncF64U => unary!(t, fcvt_to_uint, I32),
    I64TruncF32S | I64TruncF64S => unary!(t, fcvt_to_sint, I64),
    I64TruncF32U | I64TruncF64U => unary!(t, fcvt_to_uint, I64),
    I32TruncSatF32S | I32TruncSatF64S => unary!(t, fcvt_to_sint_sat, I32),
    I32TruncSatF32U | I32TruncSatF64U => unary!(t, fcvt_to_uint_sat, I32),
    I64TruncSatF32S | I64TruncSatF64S => unary!(t, fcvt_to_sint_sat, I64),
    I64TruncSatF32U | I64TruncSatF64U => unary!(t, fcvt_to_uint_sat, I64),
    F32ConvertI32S | F32ConvertI64S => unary!(t, fcvt_from_sint, F32),
    F32ConvertI32U | F32ConvertI64U => unary!(t, fcvt_from_uint, F32),
    F64ConvertI32S | F64ConvertI64S => unary!(t, fcvt_from_sint, F64),
    F64ConvertI32U | F64ConvertI64U => unary!(t, fcvt_from_uint, F64),
    F32DemoteF64 => unary!(t, fdemote, F32),
    F64PromoteF32 => unary!(t, fpromote, F64),
    I32ReinterpretF32 => t.reinterpret(types::I32),
    I64ReinterpretF64 => t.reinterpret(types::I64),
    F32ReinterpretI32 => t.reinterpret(types::F32),
    F64ReinterpretI64 => t.reinterpret(types::F64),
}

impl Translator<'_, '_, '_> {
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
