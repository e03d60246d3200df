//! Host functions: which functions of the runtime implement them in a build, and how calls through tables and
//! references reach them.

use std::collections::{BTreeSet, HashSet};

use wasm_aot_abi::host::{Outcome, Variant};
use wasm_aot_abi::trace;

use crate::facts::Facts;
use crate::program::{FuncId, FuncKind, HostFunction, Program, RuntimeFunc, TypeId};

/// How a build's policy affects host functions.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostVariants {
    /// Whether the user may set environment variables.
    pub user_env: bool,
    /// `--native`.
    pub native: bool,
    /// Whether there are bundles.
    pub bundles: bool,
    /// Whether calls can be traced.
    pub trace: bool,
    /// Whether clocks and random numbers are the same each time.
    pub fixed: bool,
}

/// The host functions of a program.
pub struct Hosts<'p, 'a> {
    program: &'p Program<'a>,
    /// Roots of the signatures of indirect calls that may reach a host function.
    indirect_signatures: HashSet<TypeId>,
    /// The host functions behind tables and references whose convention isn't that of calls through these.
    trampolines: BTreeSet<FuncId>,
    variants: HostVariants,
    uses_directories: bool,
}

impl<'p, 'a> Hosts<'p, 'a> {
    /// `convention_differs`: whether functions of the runtime have another calling convention than compiled
    /// code.
    pub fn new(
        program: &'p Program<'a>,
        facts: &Facts,
        variants: HostVariants,
        convention_differs: bool,
    ) -> Hosts<'p, 'a> {
        let used = program.tables.iter().filter(|(table, _)| facts.table(*table).is_used());
        let elements = used.flat_map(|(_, plan)| plan.functions());
        let functions = facts.referenced().chain(elements);
        let functions: BTreeSet<FuncId> = functions.collect();
        let kind = |func: &FuncId| program.funcs[*func].kind;
        let root = |func: &FuncId| program.types.root(program.funcs[*func].signature);
        // There, calls through tables have a parameter that functions of the runtime don't have.
        let is_library = program.library().is_some();
        let is_host = |func: &&FuncId| matches!(kind(func), FuncKind::Host(_)) && !is_library;
        let indirect_signatures = functions.iter().filter(is_host).map(root).collect();
        let differs = |func: &FuncId| match kind(func) {
            FuncKind::Host(_) if !is_library => convention_differs || facts.has_tail_convention(*func),
            // Its code has other parameters.
            FuncKind::Host(_) | FuncKind::Embedder(_) | FuncKind::Bound(_) => facts.is_reachable(*func),
            _ => false,
        };
        let trampolines = functions.into_iter().filter(differs).collect();
        let bundles = variants.bundles && facts.uses_directories();
        let variants = HostVariants { bundles, ..variants };
        Hosts {
            program,
            indirect_signatures,
            trampolines,
            variants,
            uses_directories: facts.uses_directories(),
        }
    }

    /// Whether functions of this type may be host functions when they are called through a table or a reference.
    pub fn may_have_type(&self, signature: TypeId) -> bool {
        self.indirect_signatures.contains(&self.program.types.root(signature))
    }

    /// The host functions behind tables and references whose convention isn't that of calls through these.
    pub fn trampolines(&self) -> impl Iterator<Item = FuncId> + '_ {
        self.trampolines.iter().copied()
    }

    /// Whether there is a trampoline for this host function.
    pub fn has_trampoline(&self, func: FuncId) -> bool {
        self.trampolines.contains(&func)
    }

    /// Symbol of the runtime's function that implements a host function in this build.
    pub fn symbol(&self, function: &HostFunction) -> String {
        let prefix = function.prefix(|variant| self.applies(variant));
        format!("{prefix}{}", function.symbol)
    }

    /// Symbol of a function of the runtime that is bound to constants, in this build.
    pub fn bound_symbol(&self, function: RuntimeFunc) -> String {
        function.symbol(|variant| self.applies(variant))
    }

    fn applies(&self, variant: Variant) -> bool {
        match variant {
            Variant::NativeEnv => self.variants.native,
            Variant::UserEnv => self.variants.user_env,
            Variant::Bundle => self.variants.bundles,
            Variant::NoDirectories => !self.uses_directories,
            Variant::Fixed => self.variants.fixed,
            Variant::Server => self.program.is_server(),
        }
    }

    /// What the runtime shows of calls of a host function: its name and the kinds of its parameters, encoded
    /// as in `wasm_aot_abi::trace`.
    pub fn trace_text(&self, func: FuncId) -> String {
        match self.program.funcs[func].kind {
            FuncKind::Host(function) => {
                let number = if function.outcome == Outcome::Number { trace::NUMBER } else { "" };
                format!("{} {number}{}", function.name, function.parameters)
            }
            FuncKind::Bound(bound) => self.program.canonical.bound[bound].trace.clone().unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// Whether calls of the function can be traced.
    pub fn is_traced(&self, func: FuncId) -> bool {
        match self.program.funcs[func].kind {
            FuncKind::Host(_) => true,
            FuncKind::Bound(bound) => self.program.canonical.bound[bound].trace.is_some(),
            _ => false,
        }
    }
}
