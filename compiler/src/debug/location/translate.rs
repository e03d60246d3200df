//! The native expression that computes the same as one for Wasm. Operations in Wasm are on values of 32 bits (64 with a
//! 64-bit memory), and addresses are those in the linear memory; in native code they are on 64 bits. So values are kept in
//! range after each operation that may leave it.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use gimli::constants::{
    DW_OP_abs, DW_OP_and, DW_OP_div, DW_OP_drop, DW_OP_dup, DW_OP_eq, DW_OP_minus, DW_OP_mod, DW_OP_ne,
    DW_OP_or, DW_OP_over, DW_OP_pick, DW_OP_plus, DW_OP_rot, DW_OP_shl, DW_OP_shr, DW_OP_shra,
    DW_OP_stack_value, DW_OP_swap, DW_OP_xor, DwOp,
};

use super::memory::{Base, slot};
use super::native::Expression;
use super::scope::{Scope, Shape};
use super::timeline::{Operand, Read, Source};
use super::wasm::{Extent, Int, Op, Piece, Wasm};
use crate::codegen::{At, Kind};

/// The native expression of a variable's place, given how to read each operand.
pub fn native(
    wasm: &Wasm,
    scope: &Scope<'_, '_, '_>,
    sources: &[Source],
    shape: Shape,
) -> Option<Expression> {
    let mut native = Native::new(wasm, scope, sources);
    for (piece, extent) in &wasm.pieces {
        match extent {
            None => native.piece(piece, shape)?,
            // A pointer is wider than its pieces.
            Some(_) if shape.pointer => return None,
            Some(Extent { bits, offset }) => {
                let bytes = Some(bits.div_ceil(8));
                native.piece(piece, Shape { pointer: false, bytes })?;
                native.expression.piece(*bits, *offset);
            }
        }
    }
    Some(native.expression)
}

/// The native expression that computes an address from another, which is on the stack.
pub fn member(wasm: &Wasm, scope: &Scope<'_, '_, '_>) -> Option<Expression> {
    let [(Piece::Memory(ops), None)] = &wasm.pieces[..] else { return None };
    let mut native = Native::new(wasm, scope, &[]);
    let base = native.base()?;
    native.expression.append(&base.expression());
    native.expression.op(DW_OP_minus);
    native.stack.push(native.generic());
    ops.iter().try_for_each(|op| native.op(op))?;
    native.expression.append(&base.expression());
    native.expression.op(DW_OP_plus);
    Some(native.expression)
}

/// A native expression that is being written.
struct Native<'w, 's, 'p, 'a> {
    wasm: &'w Wasm,
    scope: &'w Scope<'s, 'p, 'a>,
    sources: &'w [Source],
    expression: Expression,
    /// The types of the values on the stack.
    stack: Vec<Int>,
}

impl<'w, 's, 'p, 'a> Native<'w, 's, 'p, 'a> {
    fn new(wasm: &'w Wasm, scope: &'w Scope<'s, 'p, 'a>, sources: &'w [Source]) -> Self {
        Native { wasm, scope, sources, expression: Expression::default(), stack: Vec::new() }
    }

    /// The type of addresses.
    fn generic(&self) -> Int {
        Int { bytes: self.wasm.address, signed: false }
    }

    fn base(&self) -> Option<Base> {
        let state = if self.wasm.state { self.sources.last() } else { None };
        self.scope.base(state)
    }

    fn source(&self, operand: Operand) -> Option<Source> {
        let position = self.wasm.operands().iter().position(|other| *other == operand)?;
        self.sources.get(position).copied()
    }

    fn piece(&mut self, piece: &Piece, shape: Shape) -> Option<()> {
        self.stack.clear();
        match piece {
            Piece::Nothing => {}
            Piece::Bytes(bytes) if shape.pointer => {
                let value = bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
                self.op(&Op::Constant(value))?;
                self.value(shape)?;
            }
            Piece::Bytes(bytes) => self.expression.implicit(bytes),
            Piece::Value(ops) => {
                if let [Op::Load(operand, 0)] = ops[..]
                    && !shape.pointer
                {
                    return self.plain(self.source(operand)?, shape);
                }
                ops.iter().try_for_each(|op| self.op(op))?;
                self.value(shape)?;
            }
            Piece::Memory(ops) => match (&ops[..], self.base()?) {
                ([Op::Constant(index)], Base::Constant(base)) if !shape.pointer => {
                    let index = if self.wasm.address == 8 { *index } else { *index & 0xffff_ffff };
                    self.expression.constant(base.checked_add(index)?);
                }
                (_, base) => {
                    ops.iter().try_for_each(|op| self.op(op))?;
                    if shape.pointer {
                        self.op(&Op::Deref(self.wasm.address))?;
                        return self.value(shape);
                    }
                    if self.stack.pop()?.bytes > self.wasm.address {
                        self.expression.mask(u32::from(self.wasm.address) * 8);
                    }
                    self.expression.append(&base.expression());
                    self.expression.op(DW_OP_plus);
                }
            },
        }
        Some(())
    }

    /// Makes the value on the stack the variable's, or, of a pointer, the address for which it stands.
    fn value(&mut self, shape: Shape) -> Option<()> {
        let ty = self.stack.pop()?;
        if shape.pointer {
            if ty.bytes > self.wasm.address {
                self.expression.mask(u32::from(self.wasm.address) * 8);
            }
            let base = self.base()?.expression();
            self.expression.add_unless_zero(&base);
        } else if ty.signed && ty.bytes <= 4 && shape.bytes.is_some_and(|bytes| bytes > 4) {
            self.expression.extend_sign(32);
        }
        self.expression.op(DW_OP_stack_value);
        Some(())
    }

    /// The place of what an operand is, as it is.
    fn plain(&mut self, source: Source, shape: Shape) -> Option<()> {
        let width: u8 = match source.kind {
            Kind::I32 | Kind::F32 => 4,
            Kind::I64 | Kind::F64 => 8,
            Kind::V128 => 16,
        };
        let fits = shape.bytes.is_none_or(|bytes| bytes <= u64::from(width));
        let is_float = matches!(source.kind, Kind::F32 | Kind::F64);
        let big_endian = self.scope.code?.function.values.machine.big_endian;
        match source.read {
            Read::Constant(bits) if is_float => {
                let bytes = if big_endian { bits << (64 - 8 * u32::from(width)) } else { bits };
                let bytes = if big_endian { bytes.to_be_bytes() } else { bytes.to_le_bytes() };
                self.expression.implicit(&bytes[..width as usize]);
            }
            // All of a register that holds less than a vector isn't the value.
            Read::Place(At::Register(register), 0) if fits && (width < 16 || !big_endian) => {
                self.expression.register(register);
            }
            Read::Place(at @ At::Slot { .. }, 0)
                if fits && (!big_endian || (is_float && shape.bytes == Some(width.into()))) =>
            {
                slot(&mut self.expression, at);
            }
            _ => {
                self.load(source, 0)?;
                self.value(shape)?;
            }
        }
        Some(())
    }

    /// Pushes an operand, which is an integer, plus a number.
    fn load(&mut self, source: Source, offset: i64) -> Option<()> {
        let bytes = match source.kind {
            Kind::I32 => 4,
            Kind::I64 => 8,
            Kind::F32 | Kind::F64 | Kind::V128 => return None,
        };
        let bits = u32::from(bytes) * 8;
        self.stack.push(Int { bytes, signed: false });
        let masked = |value: i64| if bits == 32 { u64::from(value as u32) } else { value as u64 };
        let add = match source.read {
            Read::Constant(constant) => {
                self.expression.constant(masked((constant as i64).wrapping_add(offset)));
                return Some(());
            }
            Read::Place(At::Register(register), add) => {
                self.expression.register_value(register, add.wrapping_add(offset));
                self.expression.mask(bits);
                return Some(());
            }
            Read::Place(at @ At::Slot { base, offset }, add) => {
                let big_endian = self.scope.code?.function.values.machine.big_endian;
                let at =
                    if big_endian { At::Slot { base, offset: offset + i32::from(8 - bytes) } } else { at };
                slot(&mut self.expression, at);
                add
            }
            Read::Global(global, add) => {
                let address = self.scope.global(global)?;
                self.expression.append(&address);
                add
            }
        };
        self.expression.load(bytes);
        let sum = masked(add.wrapping_add(offset));
        if sum != 0 {
            self.expression.add(sum);
            self.expression.mask(bits);
        }
        Some(())
    }

    fn op(&mut self, op: &Op) -> Option<()> {
        match *op {
            Op::Load(operand, offset) => self.load(self.source(operand)?, offset)?,
            Op::Constant(value) => {
                let ty = self.generic();
                self.expression.constant(if ty.bytes == 4 { value & 0xffff_ffff } else { value });
                self.stack.push(ty);
            }
            Op::Add(value) => {
                let ty = *self.stack.last()?;
                if value != 0 {
                    self.expression.add(if ty.bytes <= 4 { value & 0xffff_ffff } else { value });
                    self.keep(ty);
                }
            }
            Op::Deref(bytes) => {
                let address = self.stack.pop()?;
                let generic = self.generic();
                if address.bytes > generic.bytes {
                    self.expression.mask(u32::from(generic.bytes) * 8);
                }
                if !matches!(bytes, 1 | 2 | 4 | 8) {
                    return None;
                }
                let base = self.base()?;
                self.expression.append(&base.expression());
                self.expression.op(DW_OP_plus);
                self.expression.load(bytes);
                self.stack.push(Int { bytes: bytes.max(generic.bytes), signed: false });
            }
            Op::Unary(op) => {
                let ty = *self.stack.last()?;
                if op == DW_OP_abs {
                    self.signed(ty);
                }
                self.expression.op(op);
                self.keep(ty);
            }
            Op::Binary(op) => self.binary(op)?,
            Op::Compare(op) => {
                let (left, right) = self.operand_types()?;
                if op != DW_OP_eq && op != DW_OP_ne {
                    self.both_signed(left, right);
                }
                self.expression.op(op);
                self.stack.push(self.generic());
            }
            Op::Dup => {
                self.stack.push(*self.stack.last()?);
                self.expression.op(DW_OP_dup);
            }
            Op::Drop => {
                self.stack.pop()?;
                self.expression.op(DW_OP_drop);
            }
            Op::Pick(index) => {
                let position = self.stack.len().checked_sub(1 + usize::from(index))?;
                self.stack.push(self.stack[position]);
                match index {
                    1 => self.expression.op(DW_OP_over),
                    _ => {
                        self.expression.op(DW_OP_pick);
                        self.expression.bytes.push(index);
                    }
                }
            }
            Op::Swap => {
                let top = self.stack.len().checked_sub(2)?;
                self.stack.swap(top, top + 1);
                self.expression.op(DW_OP_swap);
            }
            Op::Rot => {
                let top = self.stack.len().checked_sub(3)?;
                self.stack[top..].rotate_right(1);
                self.expression.op(DW_OP_rot);
            }
            Op::Convert(to) => self.convert(to)?,
        }
        Some(())
    }

    /// Pops two types.
    fn operand_types(&mut self) -> Option<(Int, Int)> {
        let right = self.stack.pop()?;
        Some((self.stack.pop()?, right))
    }

    fn binary(&mut self, op: DwOp) -> Option<()> {
        let (left, right) = self.operand_types()?;
        let is_shift = matches!(op, DW_OP_shl | DW_OP_shr | DW_OP_shra);
        let ty = if is_shift || left.bytes >= right.bytes { left } else { right };
        match op {
            // A divisor that is 0 ends the evaluation, as in Wasm. Division is that of signed numbers (DWARF 5, 2.5.1.4).
            DW_OP_div => self.both_signed(left, right),
            DW_OP_shra => {
                self.expression.op(DW_OP_swap);
                self.signed(left);
                self.expression.op(DW_OP_swap);
            }
            _ => {}
        }
        self.expression.op(op);
        match op {
            DW_OP_and | DW_OP_or | DW_OP_xor | DW_OP_mod | DW_OP_shr => {}
            _ => self.keep(ty),
        }
        self.stack.push(ty);
        Some(())
    }

    /// Keeps the value on the stack in the range of its type.
    fn keep(&mut self, ty: Int) {
        if ty.bytes <= 4 {
            self.expression.mask(32);
        }
    }

    /// Makes the value on the stack, of a type of 32 bits, a signed one of 64.
    fn signed(&mut self, ty: Int) {
        if ty.bytes <= 4 {
            self.expression.extend_sign(32);
        }
    }

    fn both_signed(&mut self, left: Int, right: Int) {
        self.signed(right);
        if left.bytes <= 4 {
            self.expression.op(DW_OP_swap);
            self.signed(left);
            self.expression.op(DW_OP_swap);
        }
    }

    /// Converts the integer on the stack.
    fn convert(&mut self, to: Int) -> Option<()> {
        let from = self.stack.pop()?;
        let bits = u32::from(to.bytes) * 8;
        if to.bytes < 4 {
            self.expression.mask(bits);
            if to.signed {
                self.expression.extend_sign(bits);
                self.expression.mask(32);
            }
        } else if to.bytes == 4 && from.bytes == 8 {
            self.expression.mask(32);
        } else if to.bytes == 8 && from.bytes <= 4 && from.signed {
            self.expression.extend_sign(32);
        }
        self.stack.push(to);
        Some(())
    }
}
