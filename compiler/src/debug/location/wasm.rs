//! A DWARF expression for Wasm, decoded. What no compiler writes, such as branches, isn't known.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use gimli::constants::{
    DW_OP_abs, DW_OP_and, DW_OP_div, DW_OP_eq, DW_OP_ge, DW_OP_gt, DW_OP_le, DW_OP_lt, DW_OP_minus,
    DW_OP_mod, DW_OP_mul, DW_OP_ne, DW_OP_neg, DW_OP_not, DW_OP_or, DW_OP_plus, DW_OP_shl, DW_OP_shr,
    DW_OP_shra, DW_OP_xor, DwOp,
};
use gimli::{AttributeValue, DW_AT_byte_size, DW_AT_encoding, DwAte, Operation, UnitOffset, UnitRef};

use super::scope::Scope;
use super::timeline::Operand;
use crate::debug::input::{Reader, is_tombstone};
use crate::translate::Subject;

/// The most operations of an expression. Compilers write some dozens.
const MOST_OPERATIONS: usize = 256;

/// The most bytes of a value in an expression. Compilers write those of a vector.
const MOST_BYTES: usize = 64;

/// An integer type of a value on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int {
    pub bytes: u8,
    pub signed: bool,
}

/// An operation.
#[derive(Clone, Debug)]
pub enum Op {
    /// Pushes an operand plus a number.
    Load(Operand, i64),
    Constant(u64),
    Add(u64),
    /// Replaces an address in the linear memory by what is there.
    Deref(u8),
    Unary(DwOp),
    Binary(DwOp),
    Compare(DwOp),
    Dup,
    Drop,
    Pick(u8),
    Swap,
    Rot,
    Convert(Int),
}

/// What a piece of a variable is.
#[derive(Clone, Debug)]
pub enum Piece {
    /// It isn't anywhere.
    Nothing,
    /// In the linear memory, at the address that this computes.
    Memory(Vec<Op>),
    /// What this computes.
    Value(Vec<Op>),
    Bytes(Vec<u8>),
}

/// The size of a piece in bits, and its offset in what it is from, if it has one.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    pub bits: u64,
    pub offset: Option<u64>,
}

/// A decoded expression.
pub struct Wasm {
    /// Each with its size and offset in bits, if there are several.
    pub pieces: Vec<(Piece, Option<Extent>)>,
    operands: Vec<Operand>,
    /// Bytes of an address.
    pub address: u8,
    /// Whether the base of the memory takes the address of the state, which is the last operand.
    pub state: bool,
}

impl Wasm {
    /// Decodes an expression; none if it has anything that isn't known.
    pub fn read<'a>(
        scope: &Scope<'_, '_, 'a>,
        unit: UnitRef<'_, Reader<'a>>,
        expression: gimli::Expression<Reader<'a>>,
    ) -> Option<Wasm> {
        let address = unit.encoding().address_size;
        let mut wasm = Wasm { pieces: Vec::new(), operands: Vec::new(), address, state: false };
        let mut ops = Vec::new();
        let mut piece = None;
        let mut operations = expression.operations(unit.encoding());
        let mut count = 0;
        while let Some(operation) = operations.next().ok()? {
            count += 1;
            if count > MOST_OPERATIONS {
                return None;
            }
            match operation {
                Operation::Piece { size_in_bits, bit_offset } => {
                    let known = piece.take().unwrap_or_else(|| Piece::of(std::mem::take(&mut ops)));
                    wasm.pieces.push((known, Some(Extent { bits: size_in_bits, offset: bit_offset })));
                }
                // Nothing but a piece's end follows.
                _ if piece.is_some() => return None,
                Operation::StackValue => piece = Some(Piece::Value(std::mem::take(&mut ops))),
                Operation::ImplicitValue { data } if ops.is_empty() && data.len() <= MOST_BYTES => {
                    piece = Some(Piece::Bytes(data.slice().to_vec()));
                }
                operation => wasm.decode(scope, unit, operation, &mut ops)?,
            }
        }
        if piece.is_some() || !ops.is_empty() {
            if !wasm.pieces.is_empty() {
                return None;
            }
            wasm.pieces.push((piece.unwrap_or_else(|| Piece::of(ops)), None));
        }
        if scope.needs_state() && wasm.pieces.iter().any(|(piece, _)| piece.uses_memory()) {
            wasm.operands.push(Operand::Value(Subject::State));
            wasm.state = true;
        }
        (!wasm.pieces.is_empty()).then_some(wasm)
    }

    fn decode<'a>(
        &mut self,
        scope: &Scope<'_, '_, 'a>,
        unit: UnitRef<'_, Reader<'a>>,
        operation: Operation<Reader<'a>>,
        ops: &mut Vec<Op>,
    ) -> Option<()> {
        if let Operation::FrameOffset { offset } = operation {
            let operand = self.frame_base(scope, unit)?;
            ops.push(self.load(operand, offset));
            return Some(());
        }
        if let Some(operand) = operand(unit, &operation) {
            ops.push(self.load(operand, 0));
            return Some(());
        }
        let op = match operation {
            // A variable that a linker has removed.
            Operation::Address { address } if is_tombstone(address) => return None,
            Operation::Address { address } => Op::Constant(address),
            Operation::AddressIndex { index } => {
                Op::Constant(unit.address(index).ok().filter(|address| !is_tombstone(*address))?)
            }
            Operation::ConstantIndex { index } => Op::Constant(unit.address(index).ok()?),
            Operation::UnsignedConstant { value } => Op::Constant(value),
            Operation::SignedConstant { value } => Op::Constant(value as u64),
            Operation::PlusConstant { value } => match ops.pop() {
                Some(Op::Load(operand, offset)) => Op::Load(operand, offset.wrapping_add(value as i64)),
                Some(Op::Constant(constant)) => Op::Constant(constant.wrapping_add(value)),
                Some(other) => {
                    ops.push(other);
                    Op::Add(value)
                }
                None => return None,
            },
            Operation::Deref { base_type: UnitOffset(0), size, space: false } => Op::Deref(size),
            Operation::Deref { base_type, size, space: false } => {
                ops.push(Op::Deref(size));
                Op::Convert(int(unit, base_type)?)
            }
            Operation::Convert { base_type } => Op::Convert(match base_type {
                UnitOffset(0) => Int { bytes: self.address, signed: false },
                base_type => int(unit, base_type)?,
            }),
            Operation::Drop => Op::Drop,
            Operation::Pick { index: 0 } => Op::Dup,
            Operation::Pick { index } => Op::Pick(index),
            Operation::Swap => Op::Swap,
            Operation::Rot => Op::Rot,
            Operation::Abs => Op::Unary(DW_OP_abs),
            Operation::Neg => Op::Unary(DW_OP_neg),
            Operation::Not => Op::Unary(DW_OP_not),
            Operation::And => Op::Binary(DW_OP_and),
            Operation::Or => Op::Binary(DW_OP_or),
            Operation::Xor => Op::Binary(DW_OP_xor),
            Operation::Plus => Op::Binary(DW_OP_plus),
            Operation::Minus => Op::Binary(DW_OP_minus),
            Operation::Mul => Op::Binary(DW_OP_mul),
            Operation::Div => Op::Binary(DW_OP_div),
            Operation::Mod => Op::Binary(DW_OP_mod),
            Operation::Shl => Op::Binary(DW_OP_shl),
            Operation::Shr => Op::Binary(DW_OP_shr),
            Operation::Shra => Op::Binary(DW_OP_shra),
            Operation::Eq => Op::Compare(DW_OP_eq),
            Operation::Ne => Op::Compare(DW_OP_ne),
            Operation::Lt => Op::Compare(DW_OP_lt),
            Operation::Le => Op::Compare(DW_OP_le),
            Operation::Gt => Op::Compare(DW_OP_gt),
            Operation::Ge => Op::Compare(DW_OP_ge),
            Operation::Nop => return Some(()),
            _ => return None,
        };
        ops.push(op);
        Some(())
    }

    fn load(&mut self, operand: Operand, offset: i64) -> Op {
        if !self.operands.contains(&operand) {
            self.operands.push(operand);
        }
        Op::Load(operand, offset)
    }

    /// What the frame base of the function is: a local, an operand or a global.
    fn frame_base<'a>(&self, scope: &Scope<'_, '_, 'a>, unit: UnitRef<'_, Reader<'a>>) -> Option<Operand> {
        let Some(AttributeValue::Exprloc(expression)) = scope.frame_base else { return None };
        let mut operations = expression.operations(unit.encoding());
        let operand = operand(unit, &operations.next().ok()??)?;
        match (operations.next().ok()?, operations.next().ok()?) {
            (None | Some(Operation::StackValue), None) => Some(operand),
            _ => None,
        }
    }

    /// What it reads, each once.
    pub fn operands(&self) -> &[Operand] {
        &self.operands
    }
}

impl Piece {
    /// That at the address which these operations compute.
    fn of(ops: Vec<Op>) -> Piece {
        if ops.is_empty() { Piece::Nothing } else { Piece::Memory(ops) }
    }

    /// Whether its place may take the address of the memory: its value may be a pointer.
    fn uses_memory(&self) -> bool {
        !matches!(self, Piece::Nothing)
    }
}

/// The operand that an operation pushes.
fn operand<'a>(unit: UnitRef<'_, Reader<'a>>, operation: &Operation<Reader<'a>>) -> Option<Operand> {
    match operation {
        Operation::WasmLocal { index } => Some(Operand::Value(Subject::Local(*index))),
        Operation::WasmStack { index } => Some(Operand::Value(Subject::Operand(*index))),
        Operation::WasmGlobal { index } => Some(Operand::Global(*index)),
        Operation::EntryValue { expression } => {
            let mut operations = gimli::Expression(*expression).operations(unit.encoding());
            let first = operations.next().ok()??;
            match (first, operations.next().ok()?) {
                (Operation::WasmLocal { index }, None | Some(Operation::StackValue)) => {
                    Some(Operand::Value(Subject::Entry(index)))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// A base type, if it is an integer.
fn int(unit: UnitRef<'_, Reader<'_>>, offset: UnitOffset) -> Option<Int> {
    let entry = unit.entry(offset).ok()?;
    let bytes = entry.attr(DW_AT_byte_size)?.udata_value()?;
    let AttributeValue::Encoding(encoding) = entry.attr_value(DW_AT_encoding)? else { return None };
    let signed = match encoding {
        DwAte(0x05 | 0x06 | 0x0d) => true,
        DwAte(0x01 | 0x02 | 0x07 | 0x08 | 0x10) => false,
        _ => return None,
    };
    matches!(bytes, 1 | 2 | 4 | 8).then_some(Int { bytes: bytes as u8, signed })
}
