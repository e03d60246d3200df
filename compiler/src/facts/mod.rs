//! Facts about a program: which functions can be called, what is written, which functions have the tail-call
//! convention. The program itself never changes; after a transformation of bodies, facts are computed again from the
//! new summaries of the bodies.

mod conventions;
mod flags;
mod forward;
mod host;
mod inline;
mod reach;
mod targets;
pub mod threads;

use cranelift_entity::EntitySet;
use wasm_aot_abi::wasi2::ResourceKind;
use wasmparser::{ValType, WasmFeatures};

pub use inline::Inlining;
pub use reach::{GlobalFacts, MemoryFacts, Summaries, TableFacts};
pub use targets::Element;

use crate::program::{FuncId, GlobalId, MemoryId, Program, RuntimeFunc, TableId, TypeId};
use conventions::Conventions;
use forward::Forwards;
use host::HostFacts;
use reach::Reach;
use targets::Targets;

/// The facts about a program.
pub struct Facts {
    reach: Reach,
    conventions: Conventions,
    has_vectors: bool,
    host: HostFacts,
    idle_flags: EntitySet<GlobalId>,
    forwards: Forwards,
    targets: Targets,
}

impl Facts {
    /// The facts about a program whose bodies are those of its modules.
    pub fn of(program: &Program<'_>) -> Facts {
        Facts::with_summaries(program, &|func| program.summary(func))
    }

    /// The facts about a program whose bodies have these summaries.
    pub fn with_summaries(program: &Program<'_>, summaries: &Summaries<'_>) -> Facts {
        let mut reach = Reach::of(program, summaries, &|func| func);
        let idle_flags = flags::idle(program, &reach, summaries);
        let forwards = Forwards::of(program, &reach, summaries, &idle_flags);
        if !forwards.is_empty() {
            reach = Reach::of(program, summaries, &|func| forwards.resolve(func));
        }
        Facts {
            has_vectors: has_vectors(program, &reach, summaries),
            host: HostFacts::of(program, &reach, summaries),
            conventions: Conventions::of(program, &reach, summaries, &forwards),
            targets: Targets::of(program, &reach),
            idle_flags,
            forwards,
            reach,
        }
    }

    /// Whether the function can be called.
    pub fn is_reachable(&self, func: FuncId) -> bool {
        self.reach.reachable.contains(func)
    }

    /// Whether something else may lead to the function than direct calls in functions of modules: the runtime, or a reference.
    pub fn is_rooted(&self, func: FuncId) -> bool {
        self.reach.rooted.contains(func)
    }

    /// The functions that can be called, ascending.
    pub fn reachable(&self) -> impl Iterator<Item = FuncId> + '_ {
        self.reach.reachable.iter()
    }

    /// The functions whose references can be seen: they need a `FuncRef`.
    pub fn referenced(&self) -> impl Iterator<Item = FuncId> + '_ {
        self.reach.referenced.iter()
    }

    /// The functions that can be called and aren't the runtime's, in the order of their code.
    pub fn compiled_functions(&self, program: &Program<'_>) -> Vec<FuncId> {
        self.reachable().filter(|func| program.is_compiled(*func)).collect()
    }

    /// The functions that the runtime calls: allocators and destructors of components.
    pub fn entered(&self) -> impl Iterator<Item = FuncId> + '_ {
        self.reach.entered.iter()
    }

    /// Those that it calls with their parameters and results in memory.
    pub fn spilled(&self) -> impl Iterator<Item = FuncId> + '_ {
        self.reach.spilled.iter()
    }

    pub fn global(&self, global: GlobalId) -> GlobalFacts {
        self.reach.globals[global]
    }

    pub fn table(&self, table: TableId) -> &TableFacts {
        &self.reach.tables[table]
    }

    pub fn memory(&self, memory: MemoryId) -> MemoryFacts {
        self.reach.memories[memory]
    }

    /// Whether the program has objects: a garbage-collected heap, which exceptions are in, too.
    pub fn uses_gc(&self) -> bool {
        self.reach.uses_gc
    }

    /// Whether the function has the tail-call convention.
    pub fn has_tail_convention(&self, func: FuncId) -> bool {
        self.conventions.tail.contains(func)
    }

    /// Whether functions of this type have the tail-call convention when they are called through a table or a
    /// reference.
    pub fn signature_has_tail_convention(&self, program: &Program<'_>, signature: TypeId) -> bool {
        self.conventions.tail_signatures.contains(program.types.root(signature))
    }

    /// Whether any function that can be called takes, computes or stores vectors.
    pub fn has_vectors(&self) -> bool {
        self.has_vectors
    }

    /// Whether the global is a flag of a component instance that is always 1 when it is looked at.
    pub fn is_idle_flag(&self, global: GlobalId) -> bool {
        self.idle_flags.contains(global)
    }

    /// What a direct call of the function calls: the function itself, unless all that it does is to call another one.
    pub fn called(&self, func: FuncId) -> FuncId {
        self.forwards.resolve(func)
    }

    /// All elements that an indirect call through the table with this signature may lead to, if they are few and known.
    pub fn targets(&self, table: TableId, signature: TypeId) -> &[Element] {
        self.targets.get(table, signature)
    }

    /// Whether a function of the runtime can only trap, as no resource exists that it could be called with.
    pub fn is_vain(&self, function: RuntimeFunc) -> bool {
        self.host.is_vain(function)
    }

    /// Whether the program uses directories at all. If not, it can't tell whether it has any.
    pub fn uses_directories(&self) -> bool {
        self.host.uses_directories
    }

    /// Whether the host gives resources of this kind to the components of the program.
    pub fn has_resource(&self, kind: ResourceKind) -> bool {
        self.host.has_resource(kind)
    }

    /// Whether the program can ask for anything of the network while it runs.
    pub fn uses_network(&self) -> bool {
        self.host.uses_network()
    }
}

fn has_vectors(program: &Program<'_>, reach: &Reach, summaries: &Summaries<'_>) -> bool {
    let operators = WasmFeatures::SIMD.union(WasmFeatures::RELAXED_SIMD);
    let mut compiled = reach.reachable.iter().filter(|func| program.is_compiled(*func));
    compiled.any(|func| {
        let ty = program.signature(program.funcs[func].signature);
        ty.params().iter().chain(ty.results()).any(|ty| *ty == ValType::V128)
            || summaries(func).is_some_and(|summary| summary.features.intersects(operators))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{self, GlobalIndex, MemoryIndex, Summary, TableIndex};
    use crate::program::{Builder, Instance, Main, Results};

    /// Function 0 starts, 1 writes and grows, 2 is in a table, 3 is never called.
    const MODULE: &str = r#"(module
        (memory 1)
        (table 1 funcref)
        (elem (i32.const 0) 2)
        (global (mut i32) (i32.const 0))
        (global (mut i64) (i64.const 0))
        (func (export "_start") (call 1))
        (func (global.set 0 (memory.grow (i32.const 1))) (call_indirect (i32.const 0)))
        (func (return_call 1))
        (func (global.set 1 (i64.const 1)))
    )"#;

    fn with_program(check: impl FnOnce(&Program<'_>, &Instance<'_>)) {
        let wasm = wat::parse_str(MODULE).unwrap();
        let module = parse::parse(&wasm, parse::features::SUPPORTED).unwrap();
        let mut builder = Builder::new(false);
        let instance = builder.instantiate(&module).unwrap();
        let call = crate::program::Call {
            func: FuncId::from_u32(0),
            arguments: Vec::new(),
            results: Results::Dropped,
            post_return: None,
        };
        let program = builder.finish(Main::Command(vec![instance], vec![call]), None).unwrap();
        check(&program, &program.instances[instance]);
    }

    fn reachable(facts: &Facts) -> Vec<u32> {
        facts.reachable().map(|func| func.as_u32()).collect()
    }

    #[test]
    fn what_is_reached_and_written() {
        with_program(|program, instance| {
            let facts = Facts::of(program);
            assert_eq!(reachable(&facts), [0, 1, 2]);
            assert!(!facts.global(instance.globals[GlobalIndex::from_u32(0)]).is_constant());
            assert!(facts.global(instance.globals[GlobalIndex::from_u32(1)]).is_constant());
            assert!(facts.memory(instance.memories[MemoryIndex::from_u32(0)]).grows);
            let table = facts.table(instance.tables[TableIndex::from_u32(0)]);
            assert!(!table.read && !table.written && table.called.len() == 1);
            let tail: Vec<bool> =
                (0..4).map(|func| facts.has_tail_convention(FuncId::from_u32(func))).collect();
            assert_eq!(tail, [false, true, true, false]);
            assert!(!facts.uses_gc() && !facts.has_vectors() && !facts.uses_directories());
        });
    }

    /// As after a transformation that makes function 0 do nothing.
    #[test]
    fn facts_follow_from_the_summaries_that_are_given() {
        with_program(|program, instance| {
            let nothing = Summary::default();
            let summaries = |func: FuncId| match func.as_u32() {
                0 => Some(&nothing),
                _ => program.summary(func),
            };
            let facts = Facts::with_summaries(program, &summaries);
            assert_eq!(reachable(&facts), [0]);
            assert!(facts.global(instance.globals[GlobalIndex::from_u32(0)]).is_constant());
            assert!(!facts.memory(instance.memories[MemoryIndex::from_u32(0)]).grows);
            assert_eq!(reachable(&Facts::of(program)), [0, 1, 2]);
        });
    }
}
