//! Adapters between two components that only call the callee with their own parameters, and return its results: those
//! whose parameters and results need no conversion, when the flags that they look at are idle. Callers call the callee
//! instead.
//!
//! An adapter also turns an exception of the callee into a trap. So nothing is forwarded in a program that has exceptions.

use std::collections::HashMap;

use cranelift_entity::EntitySet;
use wasmparser::{Operator, TryTable};

use super::reach::{Reach, Summaries};
use crate::parse::{DefinedIndex, FuncIndex, GlobalIndex};
use crate::program::{FuncId, FuncKind, GlobalId, Instance, Program, TypeId, follow};

/// The functions that direct calls call in the place of others.
#[derive(Default)]
pub struct Forwards(HashMap<FuncId, FuncId>);

impl Forwards {
    pub fn of(
        program: &Program<'_>,
        reach: &Reach,
        summaries: &Summaries<'_>,
        idle_flags: &EntitySet<GlobalId>,
    ) -> Forwards {
        let adapters = &program.canonical.adapters;
        let throws = |func: FuncId| match program.funcs[func].kind {
            FuncKind::Wasm(id, _) => {
                !adapters.contains(&id) && summaries(func).is_some_and(|summary| summary.has_exceptions())
            }
            _ => false,
        };
        if adapters.is_empty() || reach.reachable.iter().any(throws) {
            return Forwards::default();
        }
        let callee = |func: FuncId| {
            let FuncKind::Wasm(id, defined) = program.funcs[func].kind else { return None };
            if !adapters.contains(&id) {
                return None;
            }
            let adapter = Adapter::new(program, &program.instances[id], idle_flags);
            let callee = adapter.callee(program.funcs[func].signature, defined)?;
            Some((func, callee))
        };
        Forwards(follow(&reach.reachable.iter().filter_map(callee).collect()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a direct call of the function calls.
    pub fn resolve(&self, func: FuncId) -> FuncId {
        self.0.get(&func).copied().unwrap_or(func)
    }
}

/// A value of an adapter, as far as it matters where it comes from.
#[derive(Clone, Copy, PartialEq)]
enum Origin {
    Parameter(u32),
    /// A result of the callee.
    Result(u32),
    /// An idle flag: 1.
    Flag,
    Other,
}

/// An adapter whose body is followed.
struct Adapter<'p, 'a> {
    program: &'p Program<'a>,
    instance: &'p Instance<'a>,
    idle_flags: &'p EntitySet<GlobalId>,
    stack: Vec<Origin>,
    /// What locals that have been set hold; parameters aren't set.
    locals: HashMap<u32, Origin>,
    callee: Option<FuncId>,
}

impl<'p, 'a> Adapter<'p, 'a> {
    fn new(
        program: &'p Program<'a>,
        instance: &'p Instance<'a>,
        idle_flags: &'p EntitySet<GlobalId>,
    ) -> Adapter<'p, 'a> {
        Adapter { program, instance, idle_flags, stack: Vec::new(), locals: HashMap::new(), callee: None }
    }

    /// The Wasm function of the same signature that is all that the adapter calls, if it does nothing else.
    fn callee(mut self, signature: TypeId, defined: DefinedIndex) -> Option<FuncId> {
        let (parameters, results) = {
            let ty = self.program.signature(signature);
            (ty.params().len() as u32, ty.results().len() as u32)
        };
        self.locals.extend((0..parameters).map(|index| (index, Origin::Parameter(index))));
        let mut operators = self.instance.module.defined[defined].body.get_operators_reader().ok()?;
        // The number of blocks whose ends are to be reached.
        let mut skipped = 0_u32;
        while !operators.eof() {
            let operator = operators.read().ok()?;
            skipped = match (skipped, &operator) {
                (0, _) => self.follow(&operator, signature)?,
                (depth, Operator::End) => depth - 1,
                (
                    depth,
                    Operator::Block { .. }
                    | Operator::Loop { .. }
                    | Operator::If { .. }
                    | Operator::TryTable { .. },
                ) => depth + 1,
                (depth, _) => depth,
            };
        }
        let returned = (0..results).map(Origin::Result);
        self.callee.filter(|_| self.stack.iter().copied().eq(returned))
    }

    /// Follows an operator, and returns how many blocks it leaves; none if it does anything that can't be left out.
    fn follow(&mut self, operator: &Operator<'_>, signature: TypeId) -> Option<u32> {
        match operator {
            Operator::Block { .. } | Operator::End => {}
            // A handler of what isn't thrown.
            Operator::TryTable { try_table: TryTable { .. } } => {}
            Operator::Br { relative_depth } => return Some(relative_depth + 1),
            Operator::BrIf { relative_depth } => {
                return (self.stack.pop()? == Origin::Flag).then_some(relative_depth + 1);
            }
            Operator::I32Const { .. } => self.stack.push(Origin::Other),
            Operator::GlobalGet { global_index } => {
                self.flag(*global_index)?;
                self.stack.push(Origin::Flag);
            }
            Operator::GlobalSet { global_index } => {
                self.flag(*global_index)?;
                self.stack.pop()?;
            }
            Operator::LocalGet { local_index } => {
                self.stack.push(self.locals.get(local_index).copied().unwrap_or(Origin::Other));
            }
            Operator::LocalSet { local_index } => {
                let value = self.stack.pop()?;
                self.locals.insert(*local_index, value);
            }
            Operator::LocalTee { local_index } => {
                self.locals.insert(*local_index, *self.stack.last()?);
            }
            Operator::Call { function_index } => {
                self.call(FuncIndex::from_u32(*function_index), signature)?
            }
            _ => return None,
        }
        Some(0)
    }

    /// Follows the access to a global that is an idle flag.
    fn flag(&self, index: u32) -> Option<()> {
        self.idle_flags.contains(self.instance.globals[GlobalIndex::from_u32(index)]).then_some(())
    }

    /// Follows the only call: its arguments are the parameters.
    fn call(&mut self, callee: FuncIndex, signature: TypeId) -> Option<()> {
        let callee = self.instance.funcs[callee];
        let (program, ty) = (self.program, self.program.signature(signature));
        let same = program.wasm(callee).is_some() && program.funcs[callee].signature == signature;
        let parameters = (0..ty.params().len() as u32).map(Origin::Parameter);
        if self.callee.is_some() || !same || !self.stack.iter().copied().eq(parameters) {
            return None;
        }
        self.callee = Some(callee);
        self.stack = (0..ty.results().len() as u32).map(Origin::Result).collect();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Facts;
    use crate::parse::{self, Module};
    use crate::program::{Builder, Call, Entity, FuncId, Main, Results};

    /// Its allocator calls what can't be known.
    const CALLEE: &str = r#"(module
        (type $any (func))
        (func (export "f") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call_ref $any (ref.null $any)) (i32.const 8)))"#;

    /// What the front end makes of a call without conversions, with this in the place of its arguments, its callee and
    /// what becomes of the result.
    fn adapter(arguments: &str, callee: &str, result: &str) -> String {
        format!(
            r#"(module
            (import "flags" "caller" (global $caller (mut i32)))
            (import "flags" "callee" (global $callee (mut i32)))
            (import "callee" "f" (func $f (param i32 i32) (result i32)))
            (import "realloc" "" (func $realloc (param i32 i32 i32 i32) (result i32)))
            (func (export "adapter") (param i32 i32) (result i32) (local i32 i32 i32)
                (block $done (result i32)
                    (block $exception
                        (try_table (result i32) (catch_all $exception)
                            (block (br_if 0 (local.tee 2 (global.get $caller))) unreachable)
                            (local.set 3 (global.get $callee))
                            (global.set $callee (i32.const 0))
                            {arguments}
                            (global.set $callee (local.get 3))
                            call {callee}
                            (local.set 4)
                            (global.set $caller (i32.const 0))
                            {result}
                            (global.set $caller (local.get 2)))
                        (br $done))
                    unreachable))
            (func (export "allocates")
                (drop (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))"#
        )
    }

    const ARGUMENTS: &str = "(local.get 0) (local.get 1)";

    const CALLER: &str = r#"(module
        (import "" "adapter" (func $f (param i32 i32) (result i32)))
        (import "" "allocates" (func $allocates))
        (func (export "run") (drop (call $f (i32.const 1) (i32.const 2)))))"#;

    fn module(text: &str) -> Module<'static> {
        let wasm: &'static [u8] = wat::parse_str(text).unwrap().leak();
        parse::parse(wasm, parse::features::SUPPORTED).unwrap()
    }

    /// Whether calls of the adapter are calls of the callee; and whether the adapter is needed then.
    fn forwards(adapter: &str, caller: &str) -> (bool, bool) {
        let modules = [CALLEE, adapter, caller].map(module);
        let [callee, adapter, caller] = &modules;
        let mut builder = Builder::new(false);
        let flags = [builder.add_component(), builder.add_component()];
        let flags = flags.map(|component| Entity::Global(builder.may_leave(component)));
        let export = |builder: &Builder<'_>, instance, name: &str| {
            let Some(Entity::Func(func)) = builder.instance(instance).export(name) else {
                panic!("no {name}")
            };
            func
        };
        let callee = builder.instantiate_with(callee, &[]).unwrap();
        let [callee, realloc] = ["f", "realloc"].map(|name| export(&builder, callee, name));
        let imports = [flags[0], flags[1], Entity::Func(callee), Entity::Func(realloc)];
        let adapter = builder.instantiate_with(adapter, &imports).unwrap();
        builder.add_adapter(adapter);
        let [adapter, allocates] = ["adapter", "allocates"].map(|name| export(&builder, adapter, name));
        let caller = builder.instantiate_with(caller, &[adapter, allocates].map(Entity::Func)).unwrap();
        let func: FuncId = export(&builder, caller, "run");
        let call = Call { func, arguments: Vec::new(), results: Results::Dropped, post_return: None };
        let program = builder.finish(Main::Command(vec![caller], vec![call]), None).unwrap();
        let facts = Facts::of(&program);
        (facts.called(adapter) == callee, facts.is_reachable(adapter))
    }

    #[test]
    fn what_only_calls_is_replaced() {
        let same = adapter(ARGUMENTS, "$f", "(local.get 4)");
        assert_eq!(forwards(&same, CALLER), (true, false));
    }

    #[test]
    fn conversions_and_other_calls_are_kept() {
        let kept = [
            adapter("(local.get 1) (local.get 0)", "$f", "(local.get 4)"),
            adapter("(local.get 0) (local.get 2)", "$f", "(local.get 4)"),
            adapter("(local.get 0) (i32.and (local.get 1) (i32.const 255))", "$f", "(local.get 4)"),
            adapter(ARGUMENTS, "$f", "(local.get 0)"),
            adapter(ARGUMENTS, "$f", "(i32.ne (local.get 4) (i32.const 0))"),
            adapter(ARGUMENTS, "$f", "(local.get 4) (local.get 0) (local.get 1) (call $f) (local.set 0)"),
        ];
        for adapter in kept {
            assert_eq!(forwards(&adapter, CALLER), (false, true), "{adapter}");
        }
    }

    #[test]
    fn flags_that_may_be_looked_at_are_kept() {
        let same = adapter(ARGUMENTS, "$f", "(local.get 4)");
        let allocates = CALLER.replace("(drop (call", "(call $allocates) (drop (call");
        assert_eq!(forwards(&same, &allocates), (false, true));
    }

    #[test]
    fn exceptions_end_at_the_adapter() {
        let same = adapter(ARGUMENTS, "$f", "(local.get 4)");
        let catches = CALLER.replace("(func (export", "(tag $e) (func $g (throw $e)) (func (export");
        assert_eq!(forwards(&same, &catches), (true, false), "nothing calls what throws");
        let catches = catches.replace("(drop (call", "(call $g) (drop (call");
        assert_eq!(forwards(&same, &catches), (false, true));
    }
}
