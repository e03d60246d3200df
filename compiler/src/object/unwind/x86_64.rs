//! The rules of x86-64 (System V ABI, "DWARF Definition").

use gimli::write::CallFrameInstruction as Rule;
use gimli::{Register, X86_64};

use super::Function;
use super::rules::{FRAME_BYTES, Machine, Numbers, Rules, ends};

const RSP: Register = X86_64::RSP;
const RBP: Register = X86_64::RBP;

pub const MACHINE: Machine = Machine {
    instruction_bytes: 1,
    return_address: X86_64::RA,
    at_entry: &[Rule::Cfa(RSP, 8), Rule::Offset(X86_64::RA, -8)],
    // The ABI's order isn't that of instructions.
    numbers: Numbers {
        integer: |register| {
            [0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15][usize::from(register % 16)]
        },
        float: |register| X86_64::XMM0.0 + u16::from(register),
    },
    frame_bytes: FRAME_BYTES,
    has_frame_pointer: true,
    add_rules,
};

/// `mov rbp, rsp`.
const SET_FRAME_POINTER: &[u8] = &[0x48, 0x89, 0xe5];
/// `mov rsp, rbp; pop rbp`.
const LEAVE: &[u8] = &[0x48, 0x89, 0xec, 0x5d];

fn add_rules(function: &Function<'_>, rules: &mut Rules) {
    let (code, prologue) = (function.code, function.prologue);
    rules.frame(prologue.push, prologue, RBP);
    let mut sets = ends(&code[..prologue.frame_pointer as usize], prologue.push, SET_FRAME_POINTER);
    if let Some(set) = sets.next() {
        rules.push(set, Rule::CfaRegister(RBP));
    }
    // The frame is moved down for the parameters of tail calls: until what it holds is there, it is where it was.
    let moved = prologue.caller_stack as i32 - FRAME_BYTES;
    if moved > 0
        && let Some(set) = sets.last()
    {
        rules.push(set, Rule::CfaOffset(FRAME_BYTES + moved));
        rules.push(prologue.frame_pointer, Rule::CfaOffset(FRAME_BYTES));
    }
    rules.saves(prologue);
    rules.epilogues(code, LEAVE, exit_bytes, |start| [(start, &[Rule::Cfa(RSP, 8), Rule::Restore(RBP)])]);
}

/// Size of the instructions with which a function is left once its frame has gone, in bytes: a return, or a jump to
/// another function, before which the return address may be moved up and the stack pointer with it. None if it isn't
/// left.
fn exit_bytes(code: &[u8]) -> Option<u32> {
    let moved = match code {
        // mov REGISTER, [rsp]; mov [rsp + DISTANCE], REGISTER; add rsp, DISTANCE
        [0x48 | 0x4c, 0x8b, _, 0x24, 0x48 | 0x4c, 0x89, register, 0x24, ..] => {
            let store = if register & 0xc0 == 0x40 { 5 } else { 8 };
            let add = match code.get(4 + store..)? {
                [0x48, 0x83, 0xc4, ..] => 4,
                [0x48, 0x81, 0xc4, ..] => 7,
                _ => return None,
            };
            4 + store + add
        }
        _ => 0,
    };
    let exit = match code.get(moved..)? {
        // ret; ret BYTES
        [0xc3, ..] if moved == 0 => 1,
        [0xc2, ..] if moved == 0 => 3,
        // jmp DISTANCE; jmp REGISTER
        [0xe9, ..] => 5,
        [0xff, 0xe0..=0xe7, ..] => 2,
        [0x41, 0xff, 0xe0..=0xe7, ..] => 3,
        _ => return None,
    };
    (moved + exit <= code.len()).then_some((moved + exit) as u32)
}
