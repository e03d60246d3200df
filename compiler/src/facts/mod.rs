//! What is found out about a program: which functions can be called, what is written, which functions have the calling
//! convention of tail calls. The program itself never changes; after a transformation of bodies, facts are computed
//! again from the summaries that the bodies have then.

mod conventions;
mod reach;
pub mod threads;

use wasmparser::{ValType, WasmFeatures};

pub use reach::{GlobalFacts, MemoryFacts, Summaries, TableFacts};

use crate::program::{FuncId, FuncKind, GlobalId, MemoryId, Program, TableId, TypeId};
use conventions::Conventions;
use reach::Reach;

/// What is true of a program.
pub struct Facts {
    reach: Reach,
    conventions: Conventions,
    has_vectors: bool,
    uses_directories: bool,
}

impl Facts {
    /// The facts of a program whose bodies are those of its modules.
    pub fn of(program: &Program<'_>) -> Facts {
        Facts::with_summaries(program, &|func| program.summary(func))
    }

    /// The facts of a program whose bodies have these summaries.
    pub fn with_summaries(program: &Program<'_>, summaries: &Summaries<'_>) -> Facts {
        let reach = Reach::of(program, summaries);
        let conventions = Conventions::of(program, &reach, summaries);
        Facts {
            has_vectors: has_vectors(program, &reach, summaries),
            uses_directories: uses_directories(program, &reach),
            reach,
            conventions,
        }
    }

    /// Whether the function can be called.
    pub fn is_reachable(&self, func: FuncId) -> bool {
        self.reach.reachable.contains(func)
    }

    /// The functions that can be called, ascending.
    pub fn reachable(&self) -> impl Iterator<Item = FuncId> + '_ {
        self.reach.reachable.iter()
    }

    /// The functions whose references can be seen: they need a `FuncRef`.
    pub fn referenced(&self) -> impl Iterator<Item = FuncId> + '_ {
        self.reach.referenced.iter()
    }

    /// The functions that can be called and aren't of the host, in the order of their code.
    pub fn compiled_functions(&self, program: &Program<'_>) -> Vec<FuncId> {
        self.reachable().filter(|func| !matches!(program.funcs[*func].kind, FuncKind::Host(_))).collect()
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

    /// Whether the program has objects: a heap with a collector, and exceptions are in it.
    pub fn uses_gc(&self) -> bool {
        self.reach.uses_gc
    }

    /// Whether the function has the calling convention of tail calls.
    pub fn has_tail_convention(&self, func: FuncId) -> bool {
        self.conventions.tail.contains(func)
    }

    /// Whether functions of this type have the calling convention of tail calls when they are called through a table or
    /// a reference.
    pub fn signature_has_tail_convention(&self, program: &Program<'_>, signature: TypeId) -> bool {
        self.conventions.tail_signatures.contains(program.types.root(signature))
    }

    /// Whether a function that can be called takes, computes or keeps vectors.
    pub fn has_vectors(&self) -> bool {
        self.has_vectors
    }

    /// Whether the program does anything with directories. If not, it can't tell whether it has any.
    pub fn uses_directories(&self) -> bool {
        self.uses_directories
    }
}

fn has_vectors(program: &Program<'_>, reach: &Reach, summaries: &Summaries<'_>) -> bool {
    let operators = WasmFeatures::SIMD.union(WasmFeatures::RELAXED_SIMD);
    let compiled =
        reach.reachable.iter().filter(|func| !matches!(program.funcs[*func].kind, FuncKind::Host(_)));
    compiled.into_iter().any(|func| {
        let ty = program.signature(program.funcs[func].signature);
        ty.params().iter().chain(ty.results()).any(|ty| *ty == ValType::V128)
            || summaries(func).is_some_and(|summary| summary.features.intersects(operators))
    })
}

fn uses_directories(program: &Program<'_>, reach: &Reach) -> bool {
    let prefixes = ["path_", "fd_prestat", "fd_readdir"];
    let uses = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix));
    reach.reachable.iter().any(|func| match program.funcs[func].kind {
        FuncKind::Host(host) => uses(host.name),
        _ => false,
    })
}
