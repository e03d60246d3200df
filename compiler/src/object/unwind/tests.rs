//! Tests of what is derived from the code of functions as Cranelift writes them: prologue, body, epilogues.

use gimli::Register;
use gimli::write::CallFrameInstruction::{
    self as Rule, Cfa, CfaOffset, CfaRegister, Offset, RememberState, Restore, RestoreState,
};
use object::SectionKind;
use object::write::{Object, SymbolId, SymbolSection};
use target_lexicon::Architecture;
use wasm_aot_abi::exception::SavedRegister;

use super::Function;
use super::table::machine;
use crate::codegen::Prologue;

fn symbol() -> SymbolId {
    let mut object =
        Object::new(object::BinaryFormat::Elf, object::Architecture::X86_64, object::Endianness::Little);
    let section = object.add_section(Vec::new(), b".text".to_vec(), SectionKind::Text);
    let symbol = object.section_symbol(section);
    assert_eq!(object.symbol(symbol).section, SymbolSection::Section(section));
    symbol
}

/// The rules of a function, of which the instructions are given in groups.
fn rules(architecture: &str, code: &[&[u8]], prologue: Prologue, saved: &[(u8, i32)]) -> Vec<(u32, Rule)> {
    let architecture: Architecture = architecture.parse().unwrap();
    let saved: Vec<_> = saved.iter().map(|&(place, word)| SavedRegister { place, word }).collect();
    let code = code.concat();
    let function =
        Function { symbol: symbol(), code: &code, prologue: &prologue, saved: &saved, is_outermost: false };
    machine(architecture).unwrap().rules(&function)
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

const fn register(number: u16) -> Register {
    Register(number)
}

const ENTER: &[u8] = &[0x55, 0x48, 0x89, 0xe5];
const LEAVE: &[u8] = &[0x48, 0x89, 0xec, 0x5d];

fn prologue_x86_64() -> Prologue {
    Prologue { push: 1, frame_pointer: 4, saves: Vec::new(), caller_stack: 16, allocations: Vec::new() }
}

#[test]
fn x86_64() {
    let (rsp, rbp, rbx) = (register(7), register(6), register(3));
    let prologue = Prologue { saves: vec![12], ..prologue_x86_64() };
    // A saved register; a return, code behind it, and a jump to another function.
    let save = [0x48, 0x83, 0xec, 0x10, 0x48, 0x89, 0x1c, 0x24];
    let code = [ENTER, &save, &[0x90], LEAVE, &[0xc3, 0x90], LEAVE, &[0xe9, 0, 0, 0, 0]];
    let expected = [
        (1, CfaOffset(16)),
        (1, Offset(rbp, -16)),
        (4, CfaRegister(rbp)),
        (12, Offset(rbx, -32)),
        (17, RememberState),
        (17, Cfa(rsp, 8)),
        (17, Restore(rbp)),
        (17, Restore(rbx)),
        (18, RestoreState),
        (23, Cfa(rsp, 8)),
        (23, Restore(rbp)),
        (23, Restore(rbx)),
    ];
    assert_eq!(rules("x86_64", &code, prologue, &[(3, -2)]), expected);
    // Thunks have no frame.
    assert_eq!(rules("x86_64", &[&[0xc3]], Prologue::default(), &[]), []);
}

/// For the parameters of a tail call, the frame moves down by 16 bytes, and up again.
#[test]
fn x86_64_tail_calls() {
    let (rsp, rbp) = (register(7), register(6));
    let move_down = [
        &[0x48, 0x83, 0xec, 0x10, 0x48, 0x89, 0xe5][..],
        &[0x4c, 0x8b, 0x5c, 0x24, 0x10, 0x4c, 0x89, 0x1c, 0x24],
        &[0x4c, 0x8b, 0x5c, 0x24, 0x18, 0x4c, 0x89, 0x5c, 0x24, 0x08],
    ];
    let prologue = Prologue { frame_pointer: 30, caller_stack: 32, ..prologue_x86_64() };
    let move_up =
        [0x4c, 0x8b, 0x1c, 0x24, 0x4c, 0x89, 0x5c, 0x24, 0x10, 0x48, 0x83, 0xc4, 0x10, 0x41, 0xff, 0xe2];
    let code = [ENTER, &move_down.concat(), LEAVE, &move_up, &[0x90]];
    let expected = [
        (1, CfaOffset(16)),
        (1, Offset(rbp, -16)),
        (4, CfaRegister(rbp)),
        (11, CfaOffset(32)),
        (30, CfaOffset(16)),
        (34, RememberState),
        (34, Cfa(rsp, 8)),
        (34, Restore(rbp)),
        (50, RestoreState),
    ];
    assert_eq!(rules("x86_64", &code, prologue, &[]), expected);
}

/// Constants may look like epilogues, one in another.
#[test]
fn constants() {
    let constant =
        [0x48, 0x89, 0xec, 0x5d, 0x48, 0x8b, 0x04, 0x24, 0x48, 0x89, 0x44, 0x24, 0, 0x48, 0x81, 0xc4];
    let code = [ENTER, &constant, LEAVE, &[0xe9], LEAVE, &[0xc3], LEAVE];
    let rules = rules("x86_64", &code, prologue_x86_64(), &[]);
    assert!(rules.is_sorted_by_key(|(offset, _)| *offset), "{rules:?}");
}

#[test]
fn aarch64() {
    let (sp, fp, lr, x19, d8) = (register(31), register(29), register(30), register(19), register(72));
    // stp x29, x30, [sp, #-16]!; mov x29, sp; str x19, [sp, #-16]!; str d8, [sp, #-16]!; nop
    let enter = words(&[0xa9bf_7bfd, 0x9100_03fd, 0xf81f_0ff3, 0xfc1f_0fe8, 0xd503_201f]);
    // ldp x29, x30, [sp], #16; add sp, sp, #16; ret; nop; ldp x29, x30, [sp], #16; b
    let leave = words(&[0xa8c1_7bfd, 0x9100_43ff, 0xd65f_03c0, 0xd503_201f, 0xa8c1_7bfd, 0x1400_0000]);
    let prologue = Prologue {
        push: 4,
        frame_pointer: 8,
        saves: vec![12, 16],
        caller_stack: 16,
        allocations: vec![(16, 32)],
    };
    let restored =
        |at| [(at, Cfa(sp, 0)), (at, Restore(fp)), (at, Restore(lr)), (at, Restore(x19)), (at, Restore(d8))];
    let expected = [
        &[
            (4, CfaOffset(16)),
            (4, Offset(fp, -16)),
            (4, Offset(lr, -8)),
            (8, CfaRegister(fp)),
            (12, Offset(x19, -32)),
            (16, Offset(d8, -48)),
            (24, RememberState),
        ][..],
        &restored(24),
        &[(32, RestoreState)],
        &restored(40),
    ];
    assert_eq!(rules("aarch64", &[&enter, &leave], prologue, &[(19, -2), (40, -4)]), expected.concat());
}

#[test]
fn riscv64() {
    let (sp, fp, ra, fs2) = (register(2), register(8), register(1), register(50));
    // addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); mv s0, sp; addi sp, sp, -16; fsd fs2, 8(sp), all but the last compressed.
    let enter = [0x41, 0x11, 0x06, 0xe4, 0x22, 0xe0, 0x0a, 0x84, 0x41, 0x11, 0x27, 0x34, 0x21, 0x01];
    // ld ra, 8(sp); ld s0, 0(sp); addi sp, sp, 16; ret; nop, all of them.
    let leave = [0xa2, 0x60, 0x02, 0x64, 0x41, 0x61, 0x82, 0x80, 0x01, 0x00];
    let prologue =
        Prologue { push: 6, frame_pointer: 8, saves: vec![14], caller_stack: 16, allocations: Vec::new() };
    let expected = [
        (2, CfaOffset(16)),
        (6, Offset(fp, -16)),
        (6, Offset(ra, -8)),
        (8, CfaRegister(fp)),
        (14, Offset(fs2, -24)),
        (18, RememberState),
        (18, Cfa(sp, 16)),
        (18, Restore(fp)),
        (20, CfaOffset(0)),
        (20, Restore(ra)),
        (20, Restore(fs2)),
        (22, RestoreState),
    ];
    assert_eq!(rules("riscv64", &[&enter, &leave], prologue, &[(32 + 18, -1)]), expected);
}

#[test]
fn s390x() {
    let (r14, r15, f8, f9) = (register(14), register(15), register(24), register(28));
    // stmg %r14, %r15, 112(%r15); lgr %r1, %r15; aghi %r15, -176; std %f8, 160(%r15); std %f9, 168(%r15)
    let enter = [
        &[0xeb, 0xef, 0xf0, 0x70, 0x00, 0x24, 0xb9, 0x04, 0x00, 0x1f, 0xa7, 0xfb, 0xff, 0x50][..],
        &[0x60, 0x80, 0xf0, 0xa0, 0x60, 0x90, 0xf0, 0xa8],
    ];
    // lmg %r14, %r15, 288(%r15); br %r14; nop; aghi %r15, 160; lmg %r14, %r14, 128(%r15); jg
    let leave = [
        &[0xeb, 0xef, 0xf1, 0x20, 0x00, 0x04, 0x07, 0xfe, 0x07, 0x00][..],
        &[0xa7, 0xfb, 0x00, 0xa0, 0xeb, 0xee, 0xf0, 0x80, 0x00, 0x04, 0xc0, 0xf4, 0, 0, 0, 0],
    ];
    let prologue = Prologue {
        push: 0,
        frame_pointer: 0,
        saves: vec![6, 6, 18, 22],
        caller_stack: 160,
        allocations: vec![(14, 176)],
    };
    let saved = [(14, 14), (15, 15), (32 + 8, -2), (32 + 9, -1)];
    let restored = |at| [r14, r15, f8, f9].map(|register| (at, Restore(register)));
    let expected = [
        &[
            (6, Offset(r14, -48)),
            (6, Offset(r15, -40)),
            (14, CfaOffset(336)),
            (18, Offset(f8, -176)),
            (22, Offset(f9, -168)),
            (28, RememberState),
            (28, CfaOffset(160)),
        ][..],
        &restored(28),
        &[(30, RestoreState), (36, CfaOffset(176))],
        &restored(42),
    ];
    let code = [&enter.concat()[..], &leave.concat()];
    assert_eq!(rules("s390x", &code, prologue, &saved), expected.concat());
}
