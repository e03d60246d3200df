//! The rules of riscv64 ("RISC-V DWARF Specification"). Only while a frame is moved down for the parameters of tail calls,
//! they aren't exact, for at most four instructions.

use gimli::write::CallFrameInstruction as Rule;
use gimli::{Register, RiscV};

use super::Function;
use super::rules::{FRAME_BYTES, Machine, Numbers, Rules};

const RA: Register = RiscV::RA;
const SP: Register = RiscV::SP;
const FP: Register = RiscV::S0;

pub const MACHINE: Machine = Machine {
    instruction_bytes: 2,
    return_address: RA,
    at_entry: &[Rule::Cfa(SP, 0)],
    numbers: Numbers {
        integer: |register| register.into(),
        float: |register| RiscV::FT0.0 + u16::from(register),
    },
    frame_bytes: FRAME_BYTES,
    has_frame_pointer: true,
    add_rules,
};

/// Instructions with 32 bits, or compressed ones.
struct Encoding {
    /// `mv s0, sp`.
    set_frame_pointer: &'static [u8],
    /// `ld s0, 0(sp)`.
    load: &'static [u8],
    /// `addi sp, sp, 16`.
    add: &'static [u8],
}

const ENCODINGS: [Encoding; 2] = [
    Encoding {
        set_frame_pointer: &[0x13, 0x04, 0x01, 0x00],
        load: &[0x03, 0x34, 0x01, 0x00],
        add: &[0x13, 0x01, 0x01, 0x01],
    },
    Encoding { set_frame_pointer: &[0x0a, 0x84], load: &[0x02, 0x64], add: &[0x41, 0x61] },
];
/// Once the frame has gone, a constant may be added to the stack pointer before the jump.
const MOST_EXIT_INSTRUCTIONS: usize = 8;

fn add_rules(function: &Function<'_>, rules: &mut Rules) {
    let (code, prologue) = (function.code, function.prologue);
    // addi sp, sp, -16
    rules.frame(instruction_bytes(code), prologue, FP);
    rules.push(prologue.push, Rule::Offset(RA, -8));
    let behind = &code[prologue.push as usize..];
    let encoding = ENCODINGS.iter().find(|encoding| behind.starts_with(encoding.set_frame_pointer));
    let Some(encoding) = encoding else { return };
    rules.push(prologue.push + encoding.set_frame_pointer.len() as u32, Rule::CfaRegister(FP));
    rules.saves(prologue);
    let leave = [encoding.load, encoding.add].concat();
    rules.epilogues(code, &leave, exit_bytes, |start| {
        let loaded = start - encoding.add.len() as u32;
        [
            // The frame pointer is the caller's before the stack pointer is.
            (loaded, &[Rule::Cfa(SP, FRAME_BYTES), Rule::Restore(FP)]),
            (start, &[Rule::CfaOffset(0), Rule::Restore(RA)]),
        ]
    });
}

/// Size in bytes of the instruction that code begins with ("Expanded Instruction-Length Encoding").
fn instruction_bytes(code: &[u8]) -> u32 {
    if code.first().is_some_and(|byte| byte & 3 == 3) { 4 } else { 2 }
}

/// Size of the instructions up to the jump with which a function is left, in bytes; none if it isn't left.
fn exit_bytes(code: &[u8]) -> Option<u32> {
    let mut at = 0;
    for _ in 0..MOST_EXIT_INSTRUCTIONS {
        let rest = &code[at..];
        at += instruction_bytes(rest) as usize;
        let is_exit = match *rest {
            // jalr zero, 0(REGISTER); jal zero, DISTANCE
            [a, b, _, _, ..] if a & 3 == 3 => matches!(a, 0x67 | 0x6f) && a & 0x80 == 0 && b & 0x0f == 0,
            // jr REGISTER
            [a, b, ..] if a & 3 != 3 => a & 0x7f == 2 && b & 0xf0 == 0x80 && (a & 0x80 != 0 || b & 0x0f != 0),
            _ => return None,
        };
        if is_exit {
            return Some(at as u32);
        }
    }
    None
}
