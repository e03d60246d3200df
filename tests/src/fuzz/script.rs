//! What is done with a module: every function is called twice, each time with full fuel and with
//! other arguments, and in the end every global is read. The list exists in two forms: as commands
//! of a program, and as text for the oracle.

use std::fmt::Write as _;

use wasm_aot::parse::{Item, Module, TypeIndex};
use wasm_aot::program::{Builder, Command, Entity, InstanceId, Value};
use wasmparser::{AbstractHeapType, CompositeInnerType, HeapType, ValType};

use super::generate::{FUEL, REFUEL};
use super::random::Random;

/// A step, with the number of the export that it is about.
pub enum Step {
    Instantiate,
    Refuel { export: usize },
    Call { export: usize, params: Vec<ValType>, arguments: Vec<Value>, results: Vec<ValType> },
    GetGlobal { export: usize, ty: ValType },
}

impl Step {
    /// The types of what it yields.
    pub fn results(&self) -> &[ValType] {
        match self {
            Step::Instantiate | Step::Refuel { .. } => &[],
            Step::Call { results, .. } => results,
            Step::GetGlobal { ty, .. } => std::slice::from_ref(ty),
        }
    }

    /// Whether it is a call of one of wasm-smith's functions.
    pub fn is_call(&self) -> bool {
        matches!(self, Step::Call { .. })
    }
}

/// The steps for a module of [`super::generate::module`].
pub fn steps(module: &Module<'_>, seed: u64) -> Vec<Step> {
    let mut random = Random::new(3, seed);
    let named = |name: &str| {
        let export = module.exports.iter().position(|export| export.name == name);
        export.expect("every generated module has it")
    };
    let (refuel, fuel) = (named(REFUEL), named(FUEL));
    let mut steps = vec![Step::Instantiate];
    for (export, item) in module.exports.iter().map(|export| export.item).enumerate() {
        let Item::Func(func) = item else { continue };
        if export == refuel {
            continue;
        }
        let ty = module.function_type(func);
        // There are no other arguments than null.
        if ty.params().iter().any(|ty| matches!(ty, ValType::Ref(ty) if !ty.is_nullable())) {
            continue;
        }
        for _ in 0..2 {
            steps.push(Step::Refuel { export: refuel });
            let params = ty.params().to_vec();
            let arguments = params.iter().map(|ty| value(*ty, &mut random)).collect();
            steps.push(Step::Call { export, params, arguments, results: ty.results().to_vec() });
            // How much work the call did.
            steps.push(Step::GetGlobal { export: fuel, ty: ValType::I32 });
        }
    }
    for (export, item) in module.exports.iter().map(|export| export.item).enumerate() {
        if let Item::Global(index) = item {
            steps.push(Step::GetGlobal { export, ty: module.globals[index].ty.content_type });
        }
    }
    steps
}

/// An argument: often one of the values at which something changes.
fn value(ty: ValType, random: &mut Random) -> Value {
    const INTEGERS: &[i64] =
        &[0, 1, 2, -1, 7, 255, 65535, 65536, i32::MAX as i64, i32::MIN as i64, i64::MAX, i64::MIN];
    const FLOATS: &[f64] = &[
        0.0,
        -0.0,
        1.0,
        -1.5,
        0.5,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        2147483647.0,
        -2147483649.0,
        4294967296.0,
        9.3e18,
        -9.3e18,
        f64::MIN_POSITIVE,
        5e-324,
        f64::MAX,
        16777217.0,
    ];
    let special = random.below(2) == 0;
    let bits = random.next();
    match ty {
        ValType::I32 if special => Value::I32(*random.choose(INTEGERS) as i32),
        ValType::I32 => Value::I32(bits as i32),
        ValType::I64 if special => Value::I64(*random.choose(INTEGERS)),
        ValType::I64 => Value::I64(bits as i64),
        ValType::F32 if special => Value::F32((*random.choose(FLOATS) as f32).to_bits()),
        ValType::F32 => Value::F32(bits as u32),
        ValType::F64 if special => Value::F64(random.choose(FLOATS).to_bits()),
        ValType::F64 => Value::F64(bits),
        ValType::Ref(_) => Value::Null,
        ValType::V128 => {
            let half = |random: &mut Random| value_of_lanes(random).to_le_bytes();
            Value::V128([half(random), half(random)].concat().try_into().expect("two halves"))
        }
    }
}

/// Half a vector: random bits, an integer, floats or equal bytes.
fn value_of_lanes(random: &mut Random) -> u64 {
    let one = |ty: ValType, random: &mut Random| value(ty, random).bits().expect("a number");
    match random.below(4) {
        0 => one(ValType::I64, random),
        1 => one(ValType::F64, random),
        2 => one(ValType::F32, random) | one(ValType::F32, random) << 32,
        _ => (random.next() & 0xff) * 0x0101_0101_0101_0101,
    }
}

/// The steps as commands for an instance of the module.
pub fn commands(steps: &[Step], builder: &Builder<'_>, instance: InstanceId) -> Vec<Command> {
    let instance_of = builder.instance(instance);
    let entity = |export: usize| instance_of.entity(instance_of.module.exports[export].item);
    let call = |export: usize, arguments: &[Value]| match entity(export) {
        Entity::Func(func) => Command::Call(func, arguments.to_vec()),
        _ => unreachable!("the export is a function"),
    };
    let command = |step: &Step| match step {
        Step::Instantiate => Command::Instantiate(instance),
        Step::Refuel { export } => call(*export, &[]),
        Step::Call { export, arguments, .. } => call(*export, arguments),
        Step::GetGlobal { export, .. } => match entity(*export) {
            Entity::Global(global) => Command::GetGlobal(global),
            _ => unreachable!("the export is a global"),
        },
    };
    steps.iter().map(command).collect()
}

/// What the oracle calls a type. Of the types of references it wants the one that all others of its kind
/// are subtypes of.
fn kind(module: &Module<'_>, ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "i32",
        ValType::I64 => "i64",
        ValType::F32 => "f32",
        ValType::F64 => "f64",
        ValType::V128 => "v128",
        ValType::Ref(ty) => match ty.heap_type() {
            HeapType::Abstract { ty, .. } => match ty {
                AbstractHeapType::Func | AbstractHeapType::NoFunc => "funcref",
                AbstractHeapType::Extern | AbstractHeapType::NoExtern => "externref",
                AbstractHeapType::Exn | AbstractHeapType::NoExn => "exnref",
                _ => "anyref",
            },
            HeapType::Concrete(index) | HeapType::Exact(index) => {
                let index = index.as_module_index().expect("types of a module have no others");
                match module.types[TypeIndex::from_u32(index)].composite_type.inner {
                    CompositeInnerType::Func(_) => "funcref",
                    _ => "anyref",
                }
            }
        },
    }
}

/// The steps as text, see `tests/differential/oracle.py`.
pub fn text(module: &Module<'_>, steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Instantiate => text.push_str("instantiate"),
            Step::GetGlobal { export, .. } => _ = write!(text, "get {export}"),
            Step::Refuel { export } => _ = write!(text, "call {export} 0"),
            Step::Call { export, params, arguments, results } => {
                _ = write!(text, "call {export} {}", results.len());
                for (ty, argument) in params.iter().zip(arguments) {
                    let bits = match argument {
                        Value::V128(bytes) => u128::from_le_bytes(*bytes),
                        number => number.bits().expect("no argument is a function").into(),
                    };
                    _ = write!(text, " {}:{bits:x}", kind(module, *ty));
                }
            }
        }
        text.push('\n');
    }
    text
}
