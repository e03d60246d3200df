//! The rules of aarch64 ("DWARF for the Arm 64-bit Architecture").

use gimli::write::CallFrameInstruction as Rule;
use gimli::{AArch64, Register};

use super::Function;
use super::rules::{FRAME_BYTES, Machine, Numbers, Rules, ends};

const FP: Register = AArch64::X29;
const LR: Register = AArch64::X30;
const SP: Register = AArch64::SP;

pub const MACHINE: Machine = Machine {
    instruction_bytes: 4,
    return_address: LR,
    at_entry: &[Rule::Cfa(SP, 0)],
    numbers: Numbers {
        integer: |register| register.into(),
        float: |register| AArch64::V0.0 + u16::from(register),
    },
    frame_bytes: FRAME_BYTES,
    has_frame_pointer: true,
    add_rules,
};

/// `mov x29, sp`.
const SET_FRAME_POINTER: [u8; 4] = 0x9100_03fd_u32.to_le_bytes();
/// `ldp x29, x30, [sp], #16`.
const LEAVE: [u8; 4] = 0xa8c1_7bfd_u32.to_le_bytes();
/// Between that and the jump, a constant may be added to the stack pointer, which takes one instruction for each 16 bits of
/// it.
const MOST_EXIT_INSTRUCTIONS: usize = 4;

fn add_rules(function: &Function<'_>, rules: &mut Rules) {
    let (code, prologue) = (function.code, function.prologue);
    rules.frame(prologue.push, prologue, FP);
    rules.push(prologue.push, Rule::Offset(LR, -8));
    let mut sets = ends(&code[..prologue.frame_pointer as usize], prologue.push, &SET_FRAME_POINTER);
    if let Some(set) = sets.next() {
        rules.push(set, Rule::CfaRegister(FP));
    }
    // The frame is moved down for the parameters of tail calls, and the frame pointer is the caller's meanwhile.
    let before = |(offset, _): &&(u32, u32)| *offset < prologue.frame_pointer;
    if let Some((offset, bytes)) = prologue.allocations.iter().find(before) {
        rules.push(*offset, Rule::Cfa(SP, FRAME_BYTES + *bytes as i32));
        rules.push(prologue.frame_pointer, Rule::Cfa(FP, FRAME_BYTES));
    }
    rules.saves(prologue);
    rules.epilogues(code, &LEAVE, exit_bytes, |start| {
        [(start, &[Rule::Cfa(SP, 0), Rule::Restore(FP), Rule::Restore(LR)])]
    });
}

/// Size of the instructions up to the jump with which a function is left, in bytes; none if it isn't left.
fn exit_bytes(code: &[u8]) -> Option<u32> {
    let (instructions, _) = code.as_chunks::<4>();
    let mut instructions = instructions.iter().take(MOST_EXIT_INSTRUCTIONS);
    let exit = instructions.position(|bytes| is_exit(u32::from_le_bytes(*bytes)))?;
    Some(4 * (exit as u32 + 1))
}

/// Whether an instruction is `ret`, `b` or `br`.
fn is_exit(instruction: u32) -> bool {
    instruction & 0xffff_fc1f == 0xd65f_0000
        || instruction & 0xfc00_0000 == 0x1400_0000
        || instruction & 0xffff_fc1f == 0xd61f_0000
}
