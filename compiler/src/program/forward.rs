//! Forwarders: functions that do nothing but call an element of a table with their own parameters. The tools that make
//! components put such functions between modules that need each other's exports, and fill the table when both are there.
//! In a closed world, where nothing else writes the table, the element is known, and takes the place of the forwarder.

use std::collections::{HashMap, HashSet};

use cranelift_entity::EntitySet;
use wasmparser::{Operator, WasmFeatures};

use super::canonical::Constant;
use super::entity::{FuncId, TableId};
use super::model::{FuncKind, InitStep, Instance, Program};
use super::value::Value;
use crate::parse::{DefinedIndex, TableIndex, TypeIndex};

impl Program<'_> {
    /// Puts the functions that forwarders call in their places, in the index spaces of all instances. `is_fixed`: whether
    /// the initial elements of a table are what it always holds.
    pub(super) fn resolve_forwarders(&mut self, is_fixed: impl Fn(TableId) -> bool) {
        let funcs = self.funcs.keys();
        let targets = funcs.filter_map(|func| Some((func, self.forwarded(func, &is_fixed)?))).collect();
        let targets = follow(&targets);
        if targets.is_empty() {
            return;
        }
        let resolve = |func: FuncId| targets.get(&func).copied().unwrap_or(func);
        for instance in self.instances.values_mut() {
            for func in instance.funcs.values_mut() {
                *func = resolve(*func);
            }
        }
        for func in &mut self.canonical.locked {
            *func = resolve(*func);
        }
        for options in self.canonical.options.values_mut() {
            options.realloc = options.realloc.map(resolve);
        }
        for resource in self.canonical.resources.values_mut() {
            resource.destructor = resource.destructor.map(resolve);
        }
    }

    /// The function that a forwarder calls.
    fn forwarded(&self, func: FuncId, is_fixed: &impl Fn(TableId) -> bool) -> Option<FuncId> {
        let FuncKind::Wasm(id, defined) = self.funcs[func].kind else { return None };
        let instance = &self.instances[id];
        let (table, ty, index) = forwarder(instance, defined)?;
        let (table, ty) = (instance.tables[table], instance.types[ty]);
        if !is_fixed(table) || ty != self.funcs[func].signature {
            return None;
        }
        match self.tables[table].dense().nth(index as usize)? {
            Value::Func(target) if self.funcs[target].signature == ty => Some(target),
            _ => None,
        }
    }
}

/// The table, the type and the index with which a forwarder calls.
fn forwarder(instance: &Instance<'_>, defined: DefinedIndex) -> Option<(TableIndex, TypeIndex, u32)> {
    let function = &instance.module.defined[defined];
    let params = {
        let index = instance.module.imported_functions + defined.as_u32() as usize;
        instance.module.function_type(crate::parse::FuncIndex::from_u32(index as u32)).params().len() as u32
    };
    // Longer ones are something else.
    if function.summary.operators != params + 3 || function.summary.indirect_calls.len() != 1 {
        return None;
    }
    let mut operators = function.body.get_operators_reader().ok()?;
    for param in 0..params {
        let Operator::LocalGet { local_index } = operators.read().ok()? else { return None };
        if local_index != param {
            return None;
        }
    }
    let Operator::I32Const { value } = operators.read().ok()? else { return None };
    match operators.read().ok()? {
        Operator::CallIndirect { type_index, table_index } => {
            Some((TableIndex::from_u32(table_index), TypeIndex::from_u32(type_index), value as u32))
        }
        _ => None,
    }
}

/// Functions that stand for others, with what they lead to: that may stand for another one. Those in a circle, which
/// never ends at run time, lead to themselves.
pub fn follow(targets: &HashMap<FuncId, FuncId>) -> HashMap<FuncId, FuncId> {
    let mut ends = HashMap::with_capacity(targets.len());
    let mut chain = Vec::new();
    for start in targets.keys() {
        let mut at = *start;
        let mut met = HashSet::new();
        let end = loop {
            if let Some(end) = ends.get(&at) {
                break Some(*end);
            }
            let Some(next) = targets.get(&at) else { break Some(at) };
            if !met.insert(at) {
                break None;
            }
            chain.push(at);
            at = *next;
        };
        ends.extend(chain.drain(..).map(|func| (func, end.unwrap_or(func))));
    }
    ends
}

/// What runs when the instances so far are instantiated, before the next one is: what of the program's state is still as it
/// was initialised.
#[derive(Default)]
pub(super) struct Ran {
    starts: Vec<FuncId>,
    /// Tables that are filled then.
    filled: HashSet<TableId>,
}

/// The tables that code which has run may have used.
pub(super) enum Touched {
    These(HashSet<TableId>),
    All,
}

impl Touched {
    pub fn contains(&self, table: TableId) -> bool {
        match self {
            Touched::These(tables) => tables.contains(&table),
            Touched::All => true,
        }
    }
}

impl Ran {
    /// Notes what runs when the instance is instantiated.
    pub fn note(&mut self, instance: &Instance<'_>) {
        self.starts.extend(instance.module.start.map(|start| instance.funcs[start]));
        self.filled.extend(instance.init.iter().filter_map(|step| match *step {
            InitStep::Elements { table, .. } | InitStep::SparseTable(table) => Some(table),
            InitStep::Table(index) => Some(instance.tables[index]),
            _ => None,
        }));
    }

    /// Notes that a function runs.
    pub fn note_start(&mut self, func: FuncId) {
        self.starts.push(func);
    }

    /// Whether nothing has run.
    pub fn nothing(&self) -> bool {
        self.starts.is_empty()
    }

    /// The tables that what has run may have used.
    pub fn touched(&self, program: &Program<'_>) -> Touched {
        let mut tables = self.filled.clone();
        let mut seen = EntitySet::<FuncId>::new();
        let mut pending = self.starts.clone();
        while let Some(func) = pending.pop() {
            if !seen.insert(func) {
                continue;
            }
            if let Some(bound) = program.bound(func) {
                let called = |constant: &_| program.canonical.called(*constant);
                pending.extend(bound.constants.iter().flat_map(called));
                if bound.constants.contains(&Constant::Tables) {
                    pending.extend(program.canonical.resources.values().filter_map(|ty| ty.destructor));
                }
            }
            let Some((instance, _)) = program.wasm(func) else { continue };
            let Some(summary) = program.summary(func) else { continue };
            // These call references, which may come from anywhere.
            let references = WasmFeatures::FUNCTION_REFERENCES.union(WasmFeatures::GC);
            if summary.features.intersects(references) {
                return Touched::All;
            }
            let called = summary.indirect_calls.iter().map(|(table, _)| table);
            for index in called.chain(&summary.tables_read).chain(&summary.tables_written) {
                let table = instance.tables[*index];
                if self.filled.contains(&table) {
                    // Its elements aren't known.
                    return Touched::All;
                }
                if tables.insert(table) {
                    pending.extend(program.tables[table].functions());
                }
            }
            let funcs = summary.calls.iter().chain(&summary.references);
            pending.extend(funcs.map(|func| instance.funcs[*func]));
        }
        Touched::These(tables)
    }
}

#[cfg(test)]
mod tests {
    use crate::parse::{self, Module, features::SUPPORTED};
    use crate::program::{Builder, Entity, FuncId};

    /// As the tools make it: forwarders, a user of them, and what fills the table.
    const SHIM: &str = r#"(module
        (type $t (func (param i32 i64) (result i32)))
        (table (export "table") 2 funcref)
        (func (export "0") (type $t) local.get 0 local.get 1 i32.const 0 call_indirect (type $t))
        (func (export "1") (type $t) local.get 0 local.get 1 i32.const 1 call_indirect (type $t))
        (func (export "changed") (type $t) local.get 0 i64.const 1 i32.const 1 call_indirect (type $t)))"#;
    const FIXUP: &str = r#"(module
        (type $t (func (param i32 i64) (result i32)))
        (import "" "table" (table 2 funcref))
        (import "" "f" (func $f (type $t)))
        (elem (i32.const 0) func $f $f))"#;
    const TARGET: &str = r#"(module (func (export "f") (param i32 i64) (result i32) i32.const 7))"#;

    fn module(text: &str) -> Module<'static> {
        let wasm: &'static [u8] = wat::parse_str(text).unwrap().leak();
        parse::parse(wasm, SUPPORTED).unwrap()
    }

    /// Instantiates the shim, its user, the target and the fix-up module, and returns what the user's imports are, and the
    /// target.
    fn resolve(user: &str) -> (Vec<FuncId>, FuncId) {
        let modules = [SHIM, user, TARGET, FIXUP].map(module);
        let [shim, user, target, fixup] = &modules;
        let mut builder = Builder::new(false);
        let shim = builder.instantiate_with(shim, &[]).unwrap();
        let export = |builder: &Builder<'_>, name: &str| builder.instance(shim).export(name).unwrap();
        let imports = user.imports.iter().map(|import| export(&builder, import.name)).collect::<Vec<_>>();
        let user = builder.instantiate_with(user, &imports).unwrap();
        let target = builder.instantiate_with(target, &[]).unwrap();
        let target = builder.instance(target).export("f").unwrap();
        builder.instantiate_with(fixup, &[export(&builder, "table"), target]).unwrap();
        builder.resolve_forwarders();
        let Entity::Func(target) = target else { panic!("a function") };
        (builder.instance(user).funcs.values().take(imports.len()).copied().collect(), target)
    }

    const TYPE: &str = "(func (param i32 i64) (result i32))";

    #[test]
    fn forwarders_are_replaced_by_what_they_call() {
        let user =
            format!(r#"(module (import "" "0" {TYPE}) (import "" "1" {TYPE}) (import "" "changed" {TYPE}))"#);
        let (imports, target) = resolve(&user);
        assert_eq!(imports[..2], [target, target]);
        assert_ne!(imports[2], target);
    }

    #[test]
    fn a_table_that_is_written_is_not_known() {
        let user = format!(
            r#"(module (import "" "0" {TYPE}) (import "" "table" (table 2 funcref))
                (func (table.set (i32.const 0) (ref.null func))))"#
        );
        let modules = [SHIM, &user, TARGET, FIXUP].map(module);
        let [shim, user, target, fixup] = &modules;
        let mut builder = Builder::new(false);
        let shim = builder.instantiate_with(shim, &[]).unwrap();
        let [zero, table] = ["0", "table"].map(|name| builder.instance(shim).export(name).unwrap());
        let user = builder.instantiate_with(user, &[zero, table]).unwrap();
        let target = builder.instantiate_with(target, &[]).unwrap();
        let target = builder.instance(target).export("f").unwrap();
        builder.instantiate_with(fixup, &[table, target]).unwrap();
        builder.resolve_forwarders();
        assert_eq!(Entity::Func(*builder.instance(user).funcs.values().next().unwrap()), zero);
    }

    /// What a later module puts into a table comes after what an earlier one can only put there at run time.
    #[test]
    fn segments_are_applied_in_order() {
        let table = r#"(module (table (export "t") 1 anyref))"#;
        let late = r#"(module (type $s (struct)) (import "" "t" (table 1 anyref))
            (elem (i32.const 0) anyref (struct.new $s)))"#;
        let known = r#"(module (import "" "t" (table 1 anyref)) (elem (i32.const 0) anyref (ref.null any)))"#;
        let steps = |between: &str| {
            let modules = [table, between, known].map(module);
            let [table, between, known] = &modules;
            let mut builder = Builder::new(false);
            let table = builder.instantiate_with(table, &[]).unwrap();
            let table = builder.instance(table).export("t").unwrap();
            builder.instantiate_with(between, &[table]).unwrap();
            let known = builder.instantiate_with(known, &[table]).unwrap();
            builder.instance(known).init.len()
        };
        assert_eq!(steps(known), 0);
        assert_eq!(steps(late), 1);
    }

    #[test]
    fn chains_are_followed_and_circles_left() {
        let func = FuncId::from_u32;
        let targets =
            [(1, 2), (2, 3), (3, 9), (4, 5), (5, 4), (6, 4)].map(|(from, to)| (func(from), func(to)));
        let ends = super::follow(&targets.into_iter().collect());
        let end = |number| ends[&func(number)];
        assert_eq!([end(1), end(2), end(3)], [func(9); 3]);
        assert!(targets.iter().skip(3).all(|(from, _)| ends[from] != func(9)));
        let mut long: Vec<_> = (0..100_000).map(|number| (func(number), func(number + 1))).collect();
        long.push((func(100_000), func(0)));
        assert_eq!(super::follow(&long.into_iter().collect()).len(), 100_001);
    }

    /// A start function that calls through a table sees it as it is then.
    #[test]
    fn what_runs_before_sees_the_table_empty() {
        let runs = |call: &str| {
            let user = format!(
                r#"(module (import "" "0" (func $f (param i32 i64) (result i32))) (func $s {call}) (start $s))"#
            );
            let (imports, target) = resolve(&user);
            imports[0] == target
        };
        assert!(runs(""));
        assert!(!runs("(drop (call $f (i32.const 0) (i64.const 0)))"));
    }
}
