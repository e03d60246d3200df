//! A valid module for each seed, by wasm-smith: it may use everything that wasm-aot translates, exports
//! everything, has no imports, and is sure to terminate.
//!
//! wasm-smith makes every function and loop use up fuel, which a global holds. What a module does
//! would be over when its fuel is, so each gets two more exports: [`REFUEL`], a function that
//! fills the global up again, and [`FUEL`], the global, whose value says how far a call came.

use arbitrary::Unstructured;
use wasm_smith::{Config, InstructionKind, InstructionKinds, MemoryOffsetChoices, Module};
use wasmparser::{Operator, Parser, Payload};

use super::prospects::prospects;
use super::random::Random;
use super::sections::{self, Section, id};
use super::{loops, objects, references, rewrite};

pub const REFUEL: &str = "wasm-aot-refuel";
pub const FUEL: &str = "wasm-aot-fuel";

/// The maximum size of a memory in bytes.
const MEMORY_BYTES: u64 = 16 << 16;

/// The kinds of modules: each has a module for every seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All features but garbage collection.
    Plain,
    /// Modules that also allocate objects.
    Collected,
    /// Loops over memories: not wasm-smith's.
    Loops,
}

/// How many modules with objects there are to choose from.
const CANDIDATES: usize = 6;

/// The module of a seed.
pub fn module(kind: Kind, seed: u64) -> Vec<u8> {
    match kind {
        Kind::Plain => {
            let mut random = Random::new(1, seed);
            loop {
                if let Some(wasm) = candidate(kind, &mut random) {
                    return wasm;
                }
            }
        }
        Kind::Collected => {
            let mut random = Random::new(4, seed);
            let mut candidates = Vec::new();
            while candidates.len() < CANDIDATES {
                let wasm = candidate(kind, &mut random);
                candidates.extend(wasm.and_then(|wasm| Some((prospects(&wasm)?, wasm))));
            }
            candidates.into_iter().max_by_key(|(prospects, _)| *prospects).expect("there are some").1
        }
        Kind::Loops => loops::module(&mut Random::new(5, seed)),
    }
}

/// A module, but now and then wasm-smith is not content with the bytes it gets.
fn candidate(kind: Kind, random: &mut Random) -> Option<Vec<u8>> {
    let mut config = config(random);
    let bounds = match kind {
        Kind::Collected => Some(objects::enable(&mut config, random)),
        Kind::Plain if random.below(3) == 0 => {
            references::enable(&mut config, random);
            None
        }
        _ => None,
    };
    // A collection walks the stack, which may be as deep as there is fuel: under stress that is the square.
    let fuel = match kind {
        Kind::Collected => *random.choose(&[500, 1_000, 5_000]),
        _ => *random.choose(&[500, 5_000, 50_000]),
    };
    let size = 16384 << random.below(4);
    let bytes = random.bytes(size);
    let mut module = Module::new(config, &mut Unstructured::new(&bytes)).ok()?;
    let global = module.ensure_termination(fuel).expect("every function is a list of instructions");
    let wasm = rewrite::operators(&module.to_bytes(), bounds);
    let fitting = !may_wait(&wasm) && references::need_a_collector(&wasm) == (kind == Kind::Collected);
    fitting.then(|| with_exports(&wasm, global, fuel))
}

/// Whether it may wait on a shared memory, where no one would wake it.
fn may_wait(wasm: &[u8]) -> bool {
    let (mut shared, mut waits) = (false, false);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("wasm-smith's modules are valid") {
            Payload::MemorySection(memories) => {
                shared |= memories.into_iter().any(|memory| memory.is_ok_and(|memory| memory.shared));
            }
            Payload::CodeSectionEntry(body) => {
                let operators = body.get_operators_reader().expect("wasm-smith's modules are valid");
                waits |= operators.into_iter().any(|op| {
                    matches!(
                        op,
                        Ok(Operator::MemoryAtomicWait32 { .. } | Operator::MemoryAtomicWait64 { .. })
                    )
                });
            }
            _ => {}
        }
    }
    shared && waits
}

/// A module of any shape and with any feature, for tests of the front end.
pub fn any_module(seed: u64) -> Vec<u8> {
    let mut random = Random::new(2, seed);
    loop {
        let bytes = random.bytes(2048);
        let config = Config { max_instructions: 60, max_funcs: 10, max_type_size: 40, ..Config::default() };
        if let Ok(module) = Module::new(config, &mut Unstructured::new(&bytes)) {
            return module.to_bytes();
        }
    }
}

fn config(random: &mut Random) -> Config {
    use InstructionKind::{Control, Memory, Numeric, Parametric, Reference, Table, Variable, Vector};
    // wasm-smith tosses a coin for each thing above the minimum.
    let mut config = Config {
        allowed_instructions: InstructionKinds::new(&[
            Control, Memory, Numeric, Parametric, Reference, Table, Variable, Vector,
        ]),
        canonicalize_nans: true,
        max_imports: 0,
        max_exports: 0,
        memory_max_size_required: true,
        table_max_size_required: true,
        max_memory32_bytes: MEMORY_BYTES,
        max_memory64_bytes: MEMORY_BYTES.into(),
        max_table_elements: *random.choose(&[8, 100, 2000]),
        min_memories: u32::from(random.below(8) != 0),
        max_memories: *random.choose(&[1, 1, 3]),
        min_tables: random.below(3) as u32,
        max_tables: 3,
        min_types: 2 + random.below(6),
        max_types: 10,
        min_funcs: 1 + random.below(10),
        max_funcs: 20,
        min_globals: random.below(8),
        max_globals: 10,
        max_instructions: *random.choose(&[30, 100, 400, 1000]),
        max_type_size: 1000,
        max_data_segments: 5,
        min_element_segments: random.below(3),
        max_element_segments: 5,
        memory_offset_choices: MemoryOffsetChoices(80, 15, 5),
        // Traps end most calls early, so most modules avoid them.
        disallow_traps: random.below(3) != 0,
        allow_floats: random.below(4) != 0,
        extended_const_enabled: random.below(2) == 0,
        ..Config::default()
    };
    config.exceptions_enabled = random.below(2) == 0;
    config.gc_enabled = false;
    config.compact_imports_enabled = false;
    config.memory64_enabled = random.below(3) == 0;
    config.custom_page_sizes_enabled = random.below(3) == 0;
    // Half of the modules without vectors, so that these don't crowd out the rest.
    config.simd_enabled = random.below(2) == 0;
    // Both sides give the deterministic profile's results.
    config.relaxed_simd_enabled = config.simd_enabled;
    config.tail_call_enabled = random.below(2) == 0;
    config.threads_enabled = random.below(3) == 0;
    config.wide_arithmetic_enabled = random.below(2) == 0;
    config
}

/// The module with exports of everything that is compared, and those about fuel.
fn with_exports(wasm: &[u8], global: u32, fuel: u32) -> Vec<u8> {
    let mut sections = sections::split(wasm);
    for (section, kind) in [(id::FUNCTION, 0), (id::MEMORY, 2), (id::GLOBAL, 3)] {
        for index in 0..sections::count(&sections, section) {
            if (section, index) != (id::GLOBAL, global) {
                export(&mut sections, &format!("{kind} {index}"), kind, index);
            }
        }
    }
    // An entry of the type section may be a group of types.
    let ty = type_count(wasm);
    sections::append(&mut sections, id::TYPE, &[0x60, 0, 0]);
    // Without imports, the functions are those of the function section.
    let function = sections::append(&mut sections, id::FUNCTION, &sections::leb(ty, 1));
    let mut body = vec![0, 0x41];
    // i32.const takes a signed number: one more byte keeps its sign bit clear.
    body.extend(sections::leb(fuel, 4));
    body.push(0x24);
    body.extend(sections::leb(global, 1));
    body.push(0x0b);
    sections::append(&mut sections, id::CODE, &[sections::leb(body.len() as u32, 1), body].concat());
    export(&mut sections, REFUEL, 0, function);
    export(&mut sections, FUEL, 3, global);
    sections::join(&sections, 1)
}

fn type_count(wasm: &[u8]) -> u32 {
    let mut count = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::TypeSection(groups) = payload.expect("wasm-smith's modules are valid") {
            count += groups.into_iter().flatten().map(|group| group.types().len() as u32).sum::<u32>();
        }
    }
    count
}

/// Exports an item of a kind: 0 is a function, 2 a memory, 3 a global.
fn export(sections: &mut Vec<Section>, name: &str, kind: u8, index: u32) {
    let entry = [&sections::leb(name.len() as u32, 1), name.as_bytes(), &[kind], &sections::leb(index, 1)];
    sections::append(sections, id::EXPORT, &entry.concat());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_valid_and_always_the_same() {
        let kinds = [Kind::Plain, Kind::Collected, Kind::Loops];
        for (kind, seed) in (0..60).map(|seed| (kinds[seed as usize % 3], seed)) {
            let wasm = module(kind, seed);
            assert_eq!(wasm, module(kind, seed));
            let parsed = wasm_aot::parse::parse(&wasm, wasm_aot::parse::features::SUPPORTED).unwrap();
            assert!(parsed.export(REFUEL).is_some() && parsed.export(FUEL).is_some());
        }
    }
}
