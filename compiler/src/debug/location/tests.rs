//! Native expressions compute what those for Wasm do, on made-up registers, stack and memory.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use gimli::constants::{
    DW_OP_abs, DW_OP_addr, DW_OP_and, DW_OP_const4u, DW_OP_consts, DW_OP_deref, DW_OP_deref_size, DW_OP_div,
    DW_OP_drop, DW_OP_dup, DW_OP_eq, DW_OP_fbreg, DW_OP_ge, DW_OP_gt, DW_OP_le, DW_OP_lt, DW_OP_minus,
    DW_OP_mod, DW_OP_mul, DW_OP_ne, DW_OP_neg, DW_OP_or, DW_OP_over, DW_OP_plus, DW_OP_plus_uconst,
    DW_OP_rot, DW_OP_shl, DW_OP_shr, DW_OP_shra, DW_OP_stack_value, DW_OP_swap, DW_OP_xor, DwOp,
};
use gimli::{Encoding, EndianSlice, Evaluation, EvaluationResult, Format, LittleEndian, Location, Register};

use super::scope::{Scope, Shape};
use super::timeline::{Read, Source};
use super::translate;
use super::wasm::Wasm;
use crate::codegen::{At, CompiledFunction, Kind, Machine, Values};
use crate::debug::address::{Bodies, Code};
use crate::debug::input::Reader;
use crate::facts::Facts;
use crate::layout::{HostVariants, Layout, MemoryOptions, Options, Symbol};
use crate::parse::{self, DefinedIndex};
use crate::program::{Builder, Entity, InstanceId, Main};

const BASE: u64 = 0x1000_0000;

/// What is in the local 0, and in the registers: the lower half of register 3 is the local's value.
const LOCAL: u32 = 0x8765_4321;
const REGISTER: u64 = 0xdead_beef_0000_0000 | LOCAL as u64;

/// What is in memory: each byte depends on its address.
fn byte(address: u64) -> u8 {
    (address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
}

fn load(address: u64, bytes: u8) -> u64 {
    (0..u64::from(bytes)).rev().fold(0, |value, i| value << 8 | u64::from(byte(address.wrapping_add(i))))
}

/// Runs a check in the scope of a function, with a unit of DWARF 4 for 32-bit Wasm.
fn with_scope<R>(check: impl for<'a> FnOnce(&Scope<'_, '_, 'a>, gimli::UnitRef<'_, Reader<'a>>) -> R) {
    let text = r#"(module (memory 1) (func (export "f") (param i32)))"#;
    let wasm = wat::parse_str(text).unwrap();
    let module = parse::parse(&wasm, parse::features::SUPPORTED).unwrap();
    let mut builder = Builder::new(false);
    let instance: InstanceId = builder.instantiate(&module).unwrap();
    let Some(Entity::Func(func)) = builder.instance(instance).export("f") else { panic!("no function") };
    let program = builder.finish(Main::None, None).unwrap();
    let facts = Facts::of(&program);
    let options = Options {
        memory: MemoryOptions { guard: true, base: Some(BASE) },
        fuel: None,
        stack_size: 1 << 20,
        host: HostVariants::default(),
        host_convention_differs: false,
    };
    let layout = Layout::new(&program, &facts, options);
    let bodies = Bodies::of(&module);
    let function = CompiledFunction {
        symbol: Symbol::Func(func),
        name: String::new(),
        code: vec![0; 100],
        alignment: 1,
        line: None,
        relocations: Vec::new(),
        traps: Vec::new(),
        call_sites: Vec::new(),
        saved_registers: Vec::new(),
        prologue: Default::default(),
        stack_maps: Vec::new(),
        sites: Vec::new(),
        inlined: Vec::new(),
        places: Vec::new(),
        locations: vec![(10, module.code_start as u32 + 10), (20, module.code_start as u32 + 12)],
        values: Values { machine: Machine { stack_pointer: 7, big_endian: false }, ..Values::default() },
    };
    let code = Code::new(&function, &bodies, DefinedIndex::from_u32(0));
    // A unit whose entry has no attributes: the abbreviation 1 is a compile unit.
    let abbreviations = [1, 0x11, 0, 0, 0, 0];
    let information = [8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 1];
    let section = |id: gimli::SectionId| {
        let bytes: &[u8] = match id {
            gimli::SectionId::DebugAbbrev => &abbreviations,
            gimli::SectionId::DebugInfo => &information,
            _ => &[],
        };
        Ok::<_, gimli::Error>(EndianSlice::new(bytes, LittleEndian))
    };
    let dwarf = gimli::Dwarf::load(section).unwrap();
    let unit = dwarf.unit(dwarf.units().next().unwrap().unwrap()).unwrap();
    // The local 0 is the frame base.
    let frame_base = [0xed, 0, 0, DW_OP_stack_value.0];
    let frame_base =
        gimli::AttributeValue::Exprloc(gimli::Expression(EndianSlice::new(&frame_base, LittleEndian)));
    let scope = Scope::new(&layout, instance, &bodies, Some(&code), Some(frame_base));
    _ = check(&scope, unit.unit_ref(&dwarf));
}

/// What an expression says: an address or a value; none if it can't be evaluated.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Address(u64),
    Value(u64),
}

fn evaluate(bytes: &[u8], address_size: u8) -> Option<Said> {
    let encoding = Encoding { format: Format::Dwarf32, version: 4, address_size };
    let base = if address_size == 4 { BASE } else { 0 };
    let mut evaluation = Evaluation::new(EndianSlice::new(bytes, LittleEndian), encoding);
    let mut result = evaluation.evaluate().ok()?;
    loop {
        result = match result {
            EvaluationResult::Complete => break,
            EvaluationResult::RequiresRegister { register: Register(3), .. } => {
                evaluation.resume_with_register(gimli::Value::Generic(REGISTER)).ok()?
            }
            EvaluationResult::RequiresRegister { register: Register(6), .. } => {
                evaluation.resume_with_register(gimli::Value::Generic(0x7ff0)).ok()?
            }
            EvaluationResult::RequiresMemory { address, size, .. } => {
                evaluation.resume_with_memory(gimli::Value::Generic(load(base + address, size))).ok()?
            }
            EvaluationResult::RequiresRelocatedAddress(address) => {
                evaluation.resume_with_relocated_address(address).ok()?
            }
            other => panic!("{other:?}"),
        };
    }
    match evaluation.as_result() {
        [piece] => match piece.location {
            Location::Address { address } => Some(Said::Address(base + address)),
            Location::Value { value } => {
                let mask = if address_size == 4 { 0xffff_ffff } else { u64::MAX };
                Some(Said::Value(value.to_u64(u64::MAX).ok()? & mask))
            }
            ref other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn read<'a>(
    scope: &Scope<'_, '_, 'a>,
    unit: gimli::UnitRef<'_, Reader<'a>>,
    bytes: &'a [u8],
) -> Option<Wasm> {
    Wasm::read(scope, unit, gimli::Expression(EndianSlice::new(bytes, LittleEndian)))
}

/// Places of the local: in a register with rubbish in its upper half, and with a constant more than it.
const SOURCES: [Read; 3] =
    [Read::Constant(LOCAL as u64), Read::Place(At::Register(3), 0), Read::Place(At::Register(3), -16)];

fn value_of(read: Read) -> u32 {
    match read {
        Read::Place(_, addend) => LOCAL.wrapping_add(addend as u32),
        _ => LOCAL,
    }
}

/// Makes numbers that look random.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) % u64::from(limit)) as u32
    }
}

/// An expression twice: with the operand in it, and with the operand's value instead.
fn expression(numbers: &mut Numbers, value: u32) -> (Vec<u8>, Vec<u8>) {
    const BINARY: [DwOp; 17] = [
        DW_OP_and,
        DW_OP_or,
        DW_OP_xor,
        DW_OP_plus,
        DW_OP_minus,
        DW_OP_mul,
        DW_OP_div,
        DW_OP_mod,
        DW_OP_shl,
        DW_OP_shr,
        DW_OP_shra,
        DW_OP_eq,
        DW_OP_ne,
        DW_OP_lt,
        DW_OP_le,
        DW_OP_gt,
        DW_OP_ge,
    ];
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let mut height = 0;
    for _ in 0..1 + numbers.below(12) {
        let constant = match numbers.below(3) {
            0 => numbers.below(64),
            1 => numbers.below(u32::MAX),
            _ => u32::MAX - numbers.below(100),
        };
        let constant: Vec<u8> = std::iter::once(DW_OP_const4u.0).chain(constant.to_le_bytes()).collect();
        let operand: Vec<u8> = std::iter::once(DW_OP_const4u.0).chain(value.to_le_bytes()).collect();
        let both: Vec<u8> = match numbers.below(10) {
            0 | 1 => constant,
            2 if height == 0 => constant,
            2 => vec![[DW_OP_deref.0, DW_OP_abs.0, DW_OP_neg.0][numbers.below(3) as usize]],
            3 if height > 0 => vec![DW_OP_plus_uconst.0, 0x85, 0x80, 0x80, 0x80, numbers.below(16) as u8],
            4 if height > 0 => vec![DW_OP_deref_size.0, 1 << numbers.below(3)],
            5..=7 if height > 1 => vec![BINARY[numbers.below(17) as usize].0],
            8 if height > 2 => vec![DW_OP_rot.0],
            9 if height > 1 => vec![[DW_OP_swap.0, DW_OP_over.0][numbers.below(2) as usize]],
            8 if height > 0 => vec![DW_OP_dup.0],
            _ => {
                with.extend([0xed, 0, 0]);
                without.extend(operand);
                height += 1;
                continue;
            }
        };
        height += match DwOp(both[0]) {
            DW_OP_const4u | DW_OP_over | DW_OP_dup => 1,
            op if BINARY.contains(&op) => -1,
            _ => 0,
        };
        with.extend(&both);
        without.extend(&both);
    }
    while height > 1 {
        with.push(DW_OP_drop.0);
        without.push(DW_OP_drop.0);
        height -= 1;
    }
    if numbers.below(2) == 0 {
        with.push(DW_OP_stack_value.0);
        without.push(DW_OP_stack_value.0);
    }
    (with, without)
}

#[test]
fn native_expressions_compute_the_same() {
    let mut numbers = Numbers(1);
    let mut compared = 0;
    with_scope(|scope, unit| {
        for round in 0..6000 {
            let source = Source { kind: Kind::I32, read: SOURCES[round % SOURCES.len()] };
            let (with, without) = expression(&mut numbers, value_of(source.read));
            let expected = evaluate(&without, 4);
            let with: &'static [u8] = with.leak();
            let wasm = read(scope, unit, with).expect("all operations are known");
            let sources: Vec<Source> = wasm.operands().iter().map(|_| source).collect();
            // A value of the local as it is would be the register itself.
            let shape = Shape { bytes: Some(8), ..Shape::default() };
            let native = translate::native(&wasm, scope, &sources, shape).expect("it can be expressed");
            assert_eq!(evaluate(&native.bytes, 8), expected, "{with:02x?}: {native:02x?}");
            compared += usize::from(expected.is_some());
        }
    });
    assert!(compared > 5000, "{compared} had a result");
}

#[test]
fn variables_are_where_they_are() {
    let source = |read| Source { kind: Kind::I32, read };
    let register = source(Read::Place(At::Register(3), 0));
    let at_8 = source(Read::Place(At::Slot { base: Some(6), offset: -8 }, 0));
    let native = |bytes: &'static [u8], source: Source, shape: Shape| {
        let mut result = None;
        with_scope(|scope, unit| {
            let wasm = read(scope, unit, bytes)?;
            let sources: Vec<Source> = wasm.operands().iter().map(|_| source).collect();
            result = translate::native(&wasm, scope, &sources, shape);
            Some(())
        });
        result.map(|expression| expression.bytes)
    };
    let plain = Shape { pointer: false, bytes: Some(4) };
    let pointer = Shape { pointer: true, bytes: Some(4) };
    let local: &[u8] = &[0xed, 0, 0, 0x9f];
    assert_eq!(native(local, register, plain), Some(vec![0x53]));
    assert_eq!(native(local, at_8, plain), Some(vec![0x76, 0x78]));
    // A structure that is passed by its address.
    let address = native(&[0xed, 0, 0], register, plain).unwrap();
    assert_eq!(evaluate(&address, 8), Some(Said::Address(BASE + u64::from(LOCAL))));
    // Eight bytes of a local of four.
    let wide = native(local, register, Shape { pointer: false, bytes: Some(8) }).unwrap();
    assert_eq!(evaluate(&wide, 8), Some(Said::Value(LOCAL.into())));
    // Pointers: in a local, in the frame, and null.
    let native_pointer = |value: u64| Some(Said::Value(if value == 0 { 0 } else { BASE + value }));
    assert_eq!(evaluate(&native(local, register, pointer).unwrap(), 8), native_pointer(LOCAL.into()));
    let stored = load(BASE + u64::from(LOCAL) + 12, 4);
    let fbreg: &[u8] = &[DW_OP_fbreg.0, 12];
    assert_eq!(evaluate(&native(fbreg, register, pointer).unwrap(), 8), native_pointer(stored));
    assert_eq!(evaluate(&native(&[0x30, 0x9f], register, pointer).unwrap(), 8), native_pointer(0));
    // A pointer doesn't fit in the pieces of one that is smaller.
    assert_eq!(native(&[0xed, 0, 0, 0x9f, 0x93, 4], register, pointer), None);
    assert_eq!(native(&[0xed, 0, 0, 0x9f, 0x93, 4], register, plain), Some(vec![0x53, 0x93, 4]));
    // A variable of the program, and one that a linker has removed.
    let variable = native(&[DW_OP_addr.0, 0, 1, 0, 0], register, plain).unwrap();
    assert_eq!(evaluate(&variable, 8), Some(Said::Address(BASE + 0x100)));
    assert_eq!(native(&[DW_OP_addr.0, 0xff, 0xff, 0xff, 0xff], register, plain), None);
    // Registers, and unknown operations.
    assert_eq!(native(&[0x50], register, plain), None);
    assert_eq!(native(&[0xed, 7, 0], register, plain), None);
}

#[test]
fn damaged_expressions_have_no_place() {
    let mut numbers = Numbers(2);
    with_scope(|scope, unit| {
        for _ in 0..20_000 {
            let length = numbers.below(24);
            let bytes: Vec<u8> = (0..length).map(|_| numbers.below(256) as u8).collect();
            let Some(wasm) = read(scope, unit, bytes.leak()) else { continue };
            let source = Source { kind: Kind::I32, read: Read::Place(At::Register(3), 0) };
            let sources: Vec<Source> = wasm.operands().iter().map(|_| source).collect();
            _ = translate::native(&wasm, scope, &sources, Shape::default());
            _ = translate::member(&wasm, scope);
        }
        let long = [DW_OP_consts.0, 1].repeat(100_000);
        assert!(read(scope, unit, long.leak()).is_none());
    });
}

#[test]
fn work_is_limited() {
    with_scope(|scope, unit| {
        let expression = EndianSlice::new(&[0xed, 0, 0, 0x9f][..], LittleEndian);
        let location = gimli::AttributeValue::Exprloc(gimli::Expression(expression));
        for _ in 0..1_000_000 {
            assert_eq!(super::place(scope, unit, &location, Shape::default()), None);
        }
        assert!(scope.timelines.work(1).is_none());
    });
}
