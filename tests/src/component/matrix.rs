//! Every type of the component model as a parameter and as a result: a `.wast` file for each case of a table.
//!
//! A file has two components. In the first, one component calls the other; in the second, the callee is alone, and is
//! called from outside. Cases with strings have a file for each pair of encodings.

use super::abi::{Encoding, Type, Value};
use super::pair::Function;
use super::text::{Types, constant};

/// A `.wast` file.
#[derive(Clone)]
pub struct Made {
    pub name: String,
    pub text: String,
}

type Typed = (Type, Value);

fn int(signed: bool, width: u32, value: i128) -> Typed {
    (Type::Integer(signed, width), Value::Integer(value))
}

fn u8(value: u8) -> Typed {
    int(false, 1, value.into())
}

fn u32(value: u32) -> Typed {
    int(false, 4, value.into())
}

fn u64(value: u64) -> Typed {
    int(false, 8, value.into())
}

fn f32(number: f32) -> Typed {
    (Type::F32, Value::F32(number))
}

fn f64(number: f64) -> Typed {
    (Type::F64, Value::F64(number))
}

fn char(value: char) -> Typed {
    (Type::Char, Value::Char(value))
}

fn bool(value: bool) -> Typed {
    (Type::Bool, Value::Bool(value))
}

fn string(text: &'static str) -> Typed {
    (Type::String, Value::String(text))
}

/// A list of values of the type of the first, which isn't part of it.
fn list<const N: usize>(of: Typed, values: [Typed; N]) -> Typed {
    assert!(values.iter().all(|(ty, _)| *ty == of.0), "the elements have one type");
    (Type::List(Box::new(of.0)), Value::List(values.map(|(_, value)| value).into()))
}

fn record<const N: usize>(fields: [Typed; N]) -> Typed {
    let (types, values) = fields.into_iter().unzip();
    (Type::Record(types), Value::Fields(values))
}

fn tuple<const N: usize>(fields: [Typed; N]) -> Typed {
    let (types, values) = fields.into_iter().unzip();
    (Type::Tuple(types), Value::Fields(values))
}

/// One case of a variant, with its payload.
fn case<const N: usize>(cases: [Option<Typed>; N], case: u32) -> Typed {
    let payload = cases[case as usize].as_ref().map(|(_, value)| Box::new(value.clone()));
    let types = cases.into_iter().map(|case| case.map(|(ty, _)| ty)).collect();
    (Type::Variant(types), Value::Case(case, payload))
}

fn enumeration(count: u32, case: u32) -> Typed {
    (Type::Enum(count), Value::Case(case, None))
}

fn some((ty, value): Typed) -> Typed {
    (Type::Option(Box::new(ty)), Value::Case(1, Some(Box::new(value))))
}

fn none((ty, _): Typed) -> Typed {
    (Type::Option(Box::new(ty)), Value::Case(0, None))
}

fn result(ok: Option<Typed>, error: Option<Typed>, case: u32) -> Typed {
    let payload = if case == 0 { &ok } else { &error };
    let payload = payload.as_ref().map(|(_, value)| Box::new(value.clone()));
    let ty = |typed: Option<Typed>| typed.map(|(ty, _)| Box::new(ty));
    (Type::Result(ty(ok), ty(error)), Value::Case(case, payload))
}

fn flags(count: u32, bits: u64) -> Typed {
    (Type::Flags(count), Value::Flags(bits))
}

/// The first flat values of a function, so that those after them are the last that fit, or the first that don't.
fn filler<const N: usize>() -> [Typed; N] {
    std::array::from_fn(|index| u32(index as u32 + 100))
}

/// Characters of one to four bytes, of Latin 1 and beyond.
const MIXED: &str = "aé\u{ff}\u{100}日😀\0z";
const LATIN: &str = "naïve ÿ";

/// Name, parameters and result.
type Case = (&'static str, Vec<Typed>, Option<Typed>);

fn pair() -> Typed {
    record([string("left"), u8(7)])
}

/// A variant with this case.
fn shape(which: u32) -> Typed {
    case([None, Some(u8(200)), Some(f32(1.5)), Some(u64(u64::MAX - 1)), Some(string("text"))], which)
}

/// A variant with payloads of all core types in one place, and of several lengths.
fn joined(which: u32) -> Typed {
    case(
        [
            Some(f32(-0.0)),
            Some(u32(u32::MAX)),
            Some(f64(f64::MIN_POSITIVE)),
            Some(tuple([f32(2.5), char('😀')])),
            Some(tuple([f32(3.5), f32(4.5), int(true, 1, -1)])),
        ],
        which,
    )
}

fn scalars_and_strings() -> Vec<Case> {
    vec![
        ("nothing", vec![], None),
        ("bool", vec![bool(true), bool(false)], Some(bool(true))),
        ("u8", vec![u8(0), u8(255)], Some(u8(254))),
        ("s8", vec![int(true, 1, -128), int(true, 1, 127)], Some(int(true, 1, -1))),
        ("u16", vec![int(false, 2, 0xffff), int(false, 2, 1)], Some(int(false, 2, 0xfffe))),
        ("s16", vec![int(true, 2, -0x8000), int(true, 2, 0x7fff)], Some(int(true, 2, -2))),
        ("u32", vec![u32(u32::MAX), u32(0)], Some(u32(1 << 31))),
        ("s32", vec![int(true, 4, i32::MIN.into()), int(true, 4, i32::MAX.into())], Some(int(true, 4, -3))),
        ("u64", vec![u64(u64::MAX), u64(1)], Some(u64(1 << 63))),
        ("s64", vec![int(true, 8, i64::MIN.into()), int(true, 8, i64::MAX.into())], Some(int(true, 8, -4))),
        ("f32", vec![f32(-0.0), f32(f32::NAN), f32(f32::INFINITY)], Some(f32(f32::MIN_POSITIVE / 2.0))),
        ("f64", vec![f64(-0.0), f64(f64::NAN), f64(f64::NEG_INFINITY)], Some(f64(f64::MAX))),
        ("char", vec![char('\0'), char('\u{d7ff}'), char('\u{e000}')], Some(char('\u{10ffff}'))),
        ("string", vec![string(MIXED), string(""), string(LATIN)], Some(string("日本語 text"))),
        ("string-latin", vec![string("plain"), string(LATIN)], Some(string(LATIN))),
        (
            "string-late",
            vec![string("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa日")],
            Some(string("ééééééééééé😀")),
        ),
        ("string-empty", vec![string("")], Some(string(""))),
    ]
}

fn lists() -> Vec<Case> {
    vec![
        ("list-u8", vec![list(u8(0), [u8(1), u8(2), u8(255)])], Some(list(u8(0), [u8(9)]))),
        ("list-empty", vec![list(u64(0), []), list(string(""), [])], Some(list(u64(0), []))),
        ("list-u64", vec![u8(1), list(u64(0), [u64(1), u64(u64::MAX)])], Some(list(u64(0), [u64(5)]))),
        (
            "list-bool",
            vec![list(bool(true), [bool(true), bool(false)])],
            Some(list(bool(true), [bool(false)])),
        ),
        (
            "list-char",
            vec![list(char('a'), [char('a'), char('😀')])],
            Some(list(char('a'), [char('\u{ffff}')])),
        ),
        (
            "list-string",
            vec![list(string(""), [string(MIXED), string(""), string(LATIN)])],
            Some(list(string(""), [string("日"), string("b")])),
        ),
        (
            "list-list",
            vec![list(list(u8(0), []), [list(u8(0), [u8(1)]), list(u8(0), []), list(u8(0), [u8(2), u8(3)])])],
            Some(list(list(u8(0), []), [list(u8(0), [])])),
        ),
        (
            "list-record",
            vec![list(pair(), [pair(), record([string("right"), u8(8)])])],
            Some(list(record([u8(0), u64(0)]), [record([u8(1), u64(2)]), record([u8(3), u64(4)])])),
        ),
        (
            "list-variant",
            vec![list(shape(0), [shape(0), shape(1), shape(2), shape(3), shape(4)])],
            Some(list(joined(0), [joined(0), joined(1), joined(2), joined(3), joined(4)])),
        ),
    ]
}

fn records_and_variants() -> Vec<Case> {
    vec![
        ("record", vec![record([u8(1), u64(2), bool(true), f32(0.5), string("in a record")])], Some(pair())),
        (
            "record-nested",
            vec![record([u8(1), record([u64(2), record([u8(3)])]), tuple([bool(true), int(true, 2, -5)])])],
            Some(record([record([u8(1)])])),
        ),
        ("tuple", vec![tuple([u8(1), f64(2.0)]), tuple([char('x')])], Some(tuple([u8(3), u8(4)]))),
        ("variant-none", vec![shape(0)], Some(shape(0))),
        ("variant-u8", vec![shape(1)], Some(shape(1))),
        ("variant-f32", vec![shape(2)], Some(shape(2))),
        ("variant-u64", vec![shape(3)], Some(shape(3))),
        ("variant-string", vec![shape(4)], Some(shape(4))),
        ("joined-f32", vec![joined(0)], Some(joined(0))),
        ("joined-u32", vec![joined(1)], Some(joined(1))),
        ("joined-f64", vec![joined(2)], Some(joined(2))),
        ("joined-two", vec![joined(3)], Some(joined(3))),
        ("joined-three", vec![joined(4)], Some(joined(4))),
        (
            "joined-32",
            vec![case([Some(f32(1.0)), Some(u32(5))], 0), case([Some(f32(1.0)), Some(int(true, 1, -5))], 1)],
            Some(case([Some(f32(-2.0)), Some(u32(5))], 0)),
        ),
    ]
}

fn others_and_spilled() -> Vec<Case> {
    vec![
        ("enum", vec![enumeration(3, 2), enumeration(256, 255)], Some(enumeration(3, 1))),
        (
            "enum-wide",
            vec![enumeration(257, 256), list(enumeration(300, 0), [enumeration(300, 299)])],
            Some(enumeration(257, 255)),
        ),
        (
            "option",
            vec![some(u8(1)), none(u8(1)), some(none(string(""))), some(some(string("x")))],
            Some(some(u64(3))),
        ),
        ("option-none", vec![none(string(""))], Some(none(f64(0.0)))),
        (
            "result",
            vec![
                result(None, None, 0),
                result(None, None, 1),
                result(Some(u8(1)), None, 0),
                result(None, Some(string("")), 0),
                result(Some(f32(1.0)), Some(f64(2.0)), 1),
            ],
            Some(result(Some(string("fine")), Some(u8(1)), 0)),
        ),
        (
            "result-error",
            vec![result(Some(list(u8(0), [])), Some(string("wrong")), 1)],
            Some(result(None, None, 1)),
        ),
        (
            "flags",
            vec![flags(1, 1), flags(8, 0x81), flags(9, 0x101), flags(16, 0x8001)],
            Some(flags(8, 0x42)),
        ),
        (
            "flags-wide",
            vec![flags(17, 0x1_0001), flags(32, 0x8000_0001), flags(32, 0)],
            Some(flags(32, 0xffff_fffe)),
        ),
        (
            "flags-memory",
            vec![list(
                record([flags(3, 0), flags(12, 0), flags(20, 0)]),
                [record([flags(3, 5), flags(12, 0x801), flags(20, 0x8_0001)])],
            )],
            Some(list(flags(9, 0), [flags(9, 0x100), flags(9, 0xff)])),
        ),
        ("flat-16", [filler::<14>().to_vec(), vec![string("the last that fits")]].concat(), Some(u8(1))),
        ("spilled-17", [filler::<15>().to_vec(), vec![string("one too many")]].concat(), Some(u8(1))),
        (
            "spilled-mixed",
            [
                filler::<12>().to_vec(),
                vec![u8(1), u64(2), shape(4), list(string(""), [string(MIXED)]), bool(true)],
            ]
            .concat(),
            Some(record([u64(1), shape(4), list(pair(), [pair()]), char('!')])),
        ),
    ]
}

/// All files.
pub fn files() -> Vec<Made> {
    [scalars_and_strings(), lists(), records_and_variants(), others_and_spilled()]
        .into_iter()
        .flatten()
        .flat_map(|(name, parameters, result)| {
            let function = Function { parameters, result };
            let types = Types::new(&function);
            let signature = types.signature() + &types.exported();
            let encodings: &[Encoding] =
                if signature.contains("string") { &Encoding::ALL } else { &[Encoding::Utf8] };
            let pairs =
                encodings.iter().flat_map(|caller| encodings.iter().map(move |callee| (*caller, *callee)));
            let made = pairs.map(|(caller, callee)| made(name, &function, &types, caller, callee));
            made.collect::<Vec<_>>()
        })
        .collect()
}

fn made(name: &str, function: &Function, types: &Types, caller: Encoding, callee: Encoding) -> Made {
    let pair = function.pair(caller, callee, types);
    let mut text = format!("{pair}\n(assert_return (invoke \"run\"))\n");
    // From outside, the caller's encoding is none of the component's.
    if caller == callee {
        let arguments: String =
            function.parameters.iter().map(|(ty, value)| format!(" {}", constant(ty, value))).collect();
        let result = function.result.as_ref().map(|(ty, value)| format!(" {}", constant(ty, value)));
        text += &format!(
            "(component {})\n(assert_return (invoke \"f\"{arguments}){})\n",
            function.callee(callee, types),
            result.unwrap_or_default()
        );
    }
    Made { name: format!("matrix/{name} {} {}", caller.name(), callee.name()), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_are_valid() {
        for Made { name, text } in files() {
            let buffer = wast::parser::ParseBuffer::new(&text).unwrap();
            let script =
                wast::parser::parse::<wast::Wast<'_>>(&buffer).unwrap_or_else(|e| panic!("{name}: {e}"));
            for directive in script.directives {
                if let wast::WastDirective::Module(mut component) = directive {
                    let bytes = component.encode().unwrap_or_else(|e| panic!("{name}: {e}"));
                    if let Err(error) = wasmparser::validate(&bytes) {
                        panic!("{name}: {error}");
                    }
                }
            }
        }
    }
}
