//! Native DWARF expressions, as they are written. Of a value of 32 bits on the stack, the upper half is zero.

use gimli::constants::{
    DW_OP_addr, DW_OP_and, DW_OP_bit_piece, DW_OP_breg0, DW_OP_bregx, DW_OP_call_frame_cfa, DW_OP_const1u,
    DW_OP_const2u, DW_OP_const4u, DW_OP_constu, DW_OP_deref, DW_OP_deref_size, DW_OP_dup,
    DW_OP_implicit_value, DW_OP_lit0, DW_OP_minus, DW_OP_mul, DW_OP_ne, DW_OP_piece, DW_OP_plus,
    DW_OP_plus_uconst, DW_OP_reg0, DW_OP_regx, DW_OP_shl, DW_OP_shra, DwOp,
};

use crate::layout::Symbol;

/// A native DWARF expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expression {
    pub bytes: Vec<u8>,
    /// The addresses in it, of 8 bytes each, which are 0 in `bytes`: offset, symbol and addend.
    pub addresses: Vec<(u32, Symbol, i64)>,
}

impl Expression {
    pub fn op(&mut self, op: DwOp) {
        self.bytes.push(op.0);
    }

    pub fn unsigned(&mut self, mut value: u64) {
        while value > 0x7f {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    fn signed(&mut self, mut value: i64) {
        loop {
            let byte = value as u8 & 0x7f;
            value >>= 7;
            if value == i64::from(byte >> 6).wrapping_neg() {
                return self.bytes.push(byte);
            }
            self.bytes.push(byte | 0x80);
        }
    }

    pub fn constant(&mut self, value: u64) {
        match value {
            0..32 => self.bytes.push(DW_OP_lit0.0 + value as u8),
            32..0x100 => {
                self.op(DW_OP_const1u);
                self.bytes.push(value as u8);
            }
            0x100..0x1_0000 => {
                self.op(DW_OP_const2u);
                self.bytes.extend((value as u16).to_le_bytes());
            }
            _ => {
                self.op(DW_OP_constu);
                self.unsigned(value);
            }
        }
    }

    /// The address of a symbol.
    pub fn address(&mut self, symbol: Symbol, addend: i64) {
        self.op(DW_OP_addr);
        self.addresses.push((self.bytes.len() as u32, symbol, addend));
        self.bytes.extend([0; 8]);
    }

    /// A register as a location.
    pub fn register(&mut self, register: u16) {
        match register {
            0..32 => self.bytes.push(DW_OP_reg0.0 + register as u8),
            _ => {
                self.op(DW_OP_regx);
                self.unsigned(u64::from(register));
            }
        }
    }

    /// The contents of a register, plus an offset.
    pub fn register_value(&mut self, register: u16, offset: i64) {
        match register {
            0..32 => self.bytes.push(DW_OP_breg0.0 + register as u8),
            _ => {
                self.op(DW_OP_bregx);
                self.unsigned(u64::from(register));
            }
        }
        self.signed(offset);
    }

    pub fn frame_address(&mut self, offset: i64) {
        self.op(DW_OP_call_frame_cfa);
        if offset != 0 {
            self.constant(offset.unsigned_abs());
            self.op(if offset < 0 { DW_OP_minus } else { DW_OP_plus });
        }
    }

    /// Replaces an address by what is there, of at most 8 bytes.
    pub fn load(&mut self, bytes: u8) {
        if bytes == 8 {
            return self.op(DW_OP_deref);
        }
        self.op(DW_OP_deref_size);
        self.bytes.push(bytes);
    }

    /// Adds a number that isn't 0.
    pub fn add(&mut self, value: u64) {
        self.op(DW_OP_plus_uconst);
        self.unsigned(value);
    }

    /// Keeps the lower bits of a value.
    pub fn mask(&mut self, bits: u32) {
        match bits {
            64.. => return,
            32 => {
                self.op(DW_OP_const4u);
                self.bytes.extend([0xff; 4]);
            }
            bits => self.constant((1 << bits) - 1),
        }
        self.op(DW_OP_and);
    }

    /// Extends the sign of a value of so many bits to 64.
    pub fn extend_sign(&mut self, bits: u32) {
        if bits < 64 {
            let shift = u64::from(64 - bits);
            self.constant(shift);
            self.op(DW_OP_shl);
            self.constant(shift);
            self.op(DW_OP_shra);
        }
    }

    /// Adds the result of `other`, unless the value is 0.
    pub fn add_unless_zero(&mut self, other: &Expression) {
        self.op(DW_OP_dup);
        self.op(DW_OP_lit0);
        self.op(DW_OP_ne);
        self.append(other);
        self.op(DW_OP_mul);
        self.op(DW_OP_plus);
    }

    pub fn implicit(&mut self, bytes: &[u8]) {
        self.op(DW_OP_implicit_value);
        self.unsigned(bytes.len() as u64);
        self.bytes.extend(bytes);
    }

    pub fn piece(&mut self, bits: u64, offset: Option<u64>) {
        match offset {
            None => {
                self.op(DW_OP_piece);
                self.unsigned(bits / 8);
            }
            Some(offset) => {
                self.op(DW_OP_bit_piece);
                self.unsigned(bits);
                self.unsigned(offset);
            }
        }
    }

    pub fn append(&mut self, other: &Expression) {
        let start = self.bytes.len() as u32;
        self.bytes.extend(&other.bytes);
        self.addresses.extend(
            other.addresses.iter().map(|(offset, symbol, addend)| (start + offset, *symbol, *addend)),
        );
    }
}
