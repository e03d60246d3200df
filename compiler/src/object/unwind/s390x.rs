//! The rules of s390x (ELF ABI s390x supplement, "DWARF Definition"). There is no frame pointer: the CFA is a distance from
//! the stack pointer, which each function moves once, in its prologue. While that touches the pages of a large frame in a
//! loop, the distance isn't known.

use gimli::Register;
use gimli::write::CallFrameInstruction as Rule;

use super::Function;
use super::rules::{Machine, Numbers, Rules};

const SP: Register = Register(15);

/// The CFA is so many bytes above the stack pointer of the caller: its area for the registers that callees save.
const AREA_BYTES: i32 = 160;

pub const MACHINE: Machine = Machine {
    instruction_bytes: 2,
    return_address: Register(14),
    at_entry: &[Rule::Cfa(SP, AREA_BYTES), Rule::ValOffset(SP, -AREA_BYTES)],
    // Floating-point registers are numbered by pairs, the even ones of each half first.
    numbers: Numbers {
        integer: |register| register.into(),
        float: |register| {
            let (half, index) = (u16::from(register / 8), u16::from(register % 8));
            16 + 8 * half + index / 2 + 4 * (index % 2)
        },
    },
    frame_bytes: AREA_BYTES,
    has_frame_pointer: false,
    add_rules,
};

fn add_rules(function: &Function<'_>, rules: &mut Rules) {
    let (code, prologue) = (function.code, function.prologue);
    let Some((allocated, bytes)) = prologue.allocations.first() else { return };
    let entry = prologue.caller_stack as i32;
    let body = entry + *bytes as i32;
    // Parameters of tail calls are below the caller's stack pointer, as it is at the call.
    if entry != AREA_BYTES {
        rules.push(0, Rule::CfaOffset(entry));
    }
    // Up to the allocation, the pages of a large frame may have been touched.
    let (mut at, mut distance) = (0, entry);
    while at < *allocated {
        let added = added_to_stack(&code[at as usize..]);
        at += instruction_bytes(&code[at as usize..]);
        if let Some(added) = added {
            distance = if at == *allocated { body } else { distance - added };
            rules.push(at, Rule::CfaOffset(distance));
        }
    }
    rules.saves(prologue);
    rules.sort();
    for exit in (rules.end()..function.bytes()).step_by(2) {
        let bytes = match code[exit as usize..] {
            // br REGISTER; jg DISTANCE
            [0x07, 0xf0..=0xff, ..] => 2,
            [0xc0, 0xf4, ..] => 6,
            _ => continue,
        };
        let (before, loaded) = match code[..exit as usize] {
            // lmg FIRST, LAST, DISTANCE(%r15)
            [ref before @ .., 0xeb, registers, 0xf0..=0xff, _, _, 0x04] => (before, Some(registers & 0xf)),
            ref before => (before, None),
        };
        let added = if loaded == Some(SP.0 as u8) { None } else { added_at_end(before) };
        let freed = [Rule::CfaOffset(added.map_or(AREA_BYTES, |added| body - added))];
        match (loaded, added) {
            (Some(_), Some(_)) => rules.epilogue(&[(before.len() as u32, &freed), (exit, &[])], exit + bytes),
            (Some(_), None) | (None, Some(_)) => rules.epilogue(&[(exit, &freed)], exit + bytes),
            (None, None) => {}
        }
    }
}

/// Size in bytes of the instruction that code begins with (z/Architecture, "Instruction Formats").
fn instruction_bytes(code: &[u8]) -> u32 {
    match code.first().map_or(0, |byte| byte >> 6) {
        0 => 2,
        1 | 2 => 4,
        _ => 6,
    }
}

/// What the first instruction of code adds to the stack pointer, if it does.
fn added_to_stack(code: &[u8]) -> Option<i32> {
    match *code {
        // aghi
        [0xa7, 0xfb, a, b, ..] => Some(i16::from_be_bytes([a, b]).into()),
        // agfi
        [0xc2, 0xf8, a, b, c, d, ..] => Some(i32::from_be_bytes([a, b, c, d])),
        _ => None,
    }
}

/// The same for the last instruction.
fn added_at_end(code: &[u8]) -> Option<i32> {
    [4, 6].into_iter().find_map(|bytes| {
        let last = &code[code.len().checked_sub(bytes)?..];
        added_to_stack(last).filter(|_| instruction_bytes(last) as usize == bytes)
    })
}
