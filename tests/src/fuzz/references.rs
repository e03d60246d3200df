//! Typed function references. wasm-smith makes them only together with all of garbage collection. So the
//! types are made here, of functions and nothing else, and modules that still need a collector are told by
//! their operators.

use wasm_smith::{Config, InstructionKind, InstructionKinds};
use wasmparser::{BinaryReaderError, ConstExpr, ElementItems, Operator, Parser, Payload, TableInit};

use super::random::Random;
use super::sections::{self, HEADER, id, leb};

/// Bytes of the binary format (specification, "Types").
const FUNC: u8 = 0x60;
const REC: u8 = 0x4e;
const REF_NULL: u8 = 0x63;
const FUNCREF: u8 = 0x70;
const EXTERNREF: u8 = 0x6f;
const EXNREF: u8 = 0x69;
const V128: u8 = 0x7b;

/// Makes wasm-smith use typed references, in a module whose types are made here.
pub fn enable(config: &mut Config, random: &mut Random) {
    let count = 2 + random.below(7);
    config.module_shape = Some(shape(count, config, random));
    config.gc_enabled = true;
    config.min_types = count;
    config.max_types = count;
    // What a reference can be called with must be on the stack, so that is rare among all instructions.
    if random.below(4) != 0 {
        use InstructionKind::{Control, NumericInt, Parametric, Reference, Table, Variable};
        let kinds = [Control, NumericInt, Parametric, Reference, Table, Variable];
        config.allowed_instructions = InstructionKinds::new(&kinds);
    }
    config.disallow_traps = random.below(2) == 0;
    config.min_element_segments = 3;
}

/// A module that consists of types only.
fn shape(count: usize, config: &Config, random: &mut Random) -> Vec<u8> {
    let mut types = sections::split(HEADER);
    let mut made = 0;
    while made < count {
        let group = 1 + random.below((count - made).min(3));
        let known = (made + group) as u32;
        let mut entry = vec![REC, group as u8];
        (0..group).for_each(|_| entry.extend(function_type(known, config, random)));
        sections::append(&mut types, id::TYPE, &entry);
        made += group;
    }
    sections::join(&types, 1)
}

/// A type of functions with few parameters and results: what takes many is rarely called.
fn function_type(types: u32, config: &Config, random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![FUNC];
    for most in [2, 3] {
        let values = random.below(most + 1) * random.below(2);
        bytes.extend(leb(values as u32, 1));
        (0..values).for_each(|_| bytes.extend(value_type(types, config, random)));
    }
    bytes
}

/// A type of values: every third a reference to a function of one of the first types. All are nullable,
/// because wasm-smith can't make a default of another one.
fn value_type(types: u32, config: &Config, random: &mut Random) -> Vec<u8> {
    if random.below(3) == 0 {
        return [vec![REF_NULL], leb(random.below(types as usize) as u32, 1)].concat();
    }
    let mut choices = vec![0x7f, 0x7e, FUNCREF, EXTERNREF];
    if config.allow_floats {
        choices.extend([0x7d, 0x7c]);
    }
    if config.simd_enabled {
        choices.push(V128);
    }
    if config.exceptions_enabled {
        choices.push(EXNREF);
    }
    vec![*random.choose(&choices)]
}

/// Whether the module has operators that only make sense with a collector.
pub fn need_a_collector(wasm: &[u8]) -> bool {
    let found = || -> Result<bool, BinaryReaderError> {
        let mut found = false;
        let mut constant = |expr: ConstExpr<'_>| {
            found |= any_collected(expr.get_operators_reader().into_iter())?;
            Ok::<_, BinaryReaderError>(())
        };
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::GlobalSection(globals) => {
                    globals.into_iter().try_for_each(|global| constant(global?.init_expr))?;
                }
                Payload::TableSection(tables) => {
                    for table in tables {
                        if let TableInit::Expr(expr) = table?.init {
                            constant(expr)?;
                        }
                    }
                }
                Payload::ElementSection(segments) => {
                    for segment in segments {
                        if let ElementItems::Expressions(_, items) = segment?.items {
                            items.into_iter().try_for_each(|item| constant(item?))?;
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(body),
                _ => {}
            }
        }
        for body in bodies {
            found |= any_collected(body.get_operators_reader()?.into_iter())?;
        }
        Ok(found)
    };
    found().expect("wasm-smith's modules are valid")
}

fn any_collected<'a>(
    operators: impl Iterator<Item = Result<Operator<'a>, BinaryReaderError>>,
) -> Result<bool, BinaryReaderError> {
    for operator in operators {
        if is_collected(&operator?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the operator belongs to garbage collection according to wasmparser.
pub fn is_collected(operator: &Operator<'_>) -> bool {
    macro_rules! of_proposal {
        (gc) => {
            true
        };
        ($other:ident) => {
            false
        };
    }
    macro_rules! match_operator {
        ($(@$proposal:ident $op:ident $({ $($payload:tt)* })? => $visit:ident ($($ann:tt)*))*) => {
            match operator {
                $(Operator::$op { .. } => of_proposal!($proposal),)*
                _ => false,
            }
        };
    }
    wasmparser::for_each_operator!(match_operator)
}
