//! Indirect calls that can lead to one or two functions only: those through a table that nothing writes, with a signature that
//! so few of its elements have. Such a call compares the index, and calls directly.
//!
//! That nothing writes a table is what `layout` relies on, too, when it makes constant arrays of tables: no reachable operator does
//! (`table.set`, `grow`, `fill`, `copy`, `init`, by whatever name a module imports the table), no segment that is copied while the
//! program runs, and no initial element that isn't known before. Embedders of libraries and the runtime have no way to.

use std::collections::HashMap;

use super::reach::Reach;
use crate::program::{FuncId, Program, TableId, TypeId, Value};

/// The most elements among which an indirect call chooses by comparing.
const MOST: usize = 2;

/// An element that an indirect call may lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    pub index: u64,
    /// A function of a module.
    pub func: FuncId,
}

/// The elements that indirect calls may lead to, where they are few.
#[derive(Default)]
pub struct Targets(HashMap<(TableId, TypeId), Vec<Element>>);

impl Targets {
    pub fn of(program: &Program<'_>, reach: &Reach) -> Targets {
        let mut targets = HashMap::new();
        for (table, plan) in &program.tables {
            let facts = &reach.tables[table];
            let is_known = !facts.written && plan.sparse().is_none();
            // A segment that is copied late has such elements, and writes the table.
            if facts.called.is_empty() || !is_known || plan.dense().any(|value| value == Value::Late) {
                continue;
            }
            let number = |func: FuncId| program.types.range(program.funcs[func].signature).start;
            let element = |(index, value)| match value {
                Value::Func(func) => Some((number(func), Element { index, func })),
                _ => None,
            };
            let mut elements: Vec<(u32, Element)> = (0..).zip(plan.dense()).filter_map(element).collect();
            elements.sort_by_key(|(number, target)| (*number, target.index));
            for signature in &facts.called {
                // The numbers of a type and its subtypes are a range.
                let range = program.types.range(*signature);
                let place = |bound: u32| elements.partition_point(|(number, _)| *number < bound);
                let found = &elements[place(range.start)..place(range.end)];
                let are_few = (1..=MOST).contains(&found.len());
                if are_few && found.iter().all(|(_, target)| program.wasm(target.func).is_some()) {
                    let found = found.iter().map(|(_, target)| *target).collect();
                    targets.insert((table, *signature), found);
                }
            }
        }
        Targets(targets)
    }

    /// All elements that a call through the table with this signature may lead to; none if they aren't known, or are many.
    pub fn get(&self, table: TableId, signature: TypeId) -> &[Element] {
        self.0.get(&(table, signature)).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Facts;
    use super::*;
    use crate::parse::{self, TableIndex, TypeIndex};
    use crate::program::{Builder, Call, Main, Results};

    /// The elements that calls with type 0 and with type 1 through the first table may lead to: indices and functions.
    fn targets(text: &str) -> [Vec<(u64, u32)>; 2] {
        let types = "(type (func)) (type (func (param i32))) (func $a) (func $b (param i32))";
        let calls =
            "(call_indirect (type 0) (i32.const 0)) (call_indirect (type 1) (i32.const 0) (i32.const 0))";
        let wasm = wat::parse_str(format!(r#"(module {types} {text} (func (export "f") {calls}))"#)).unwrap();
        let module = parse::parse(&wasm, parse::features::SUPPORTED).unwrap();
        let mut builder = Builder::new(false);
        let id = builder.instantiate(&module).unwrap();
        let func = *builder.instance(id).funcs.values().last().unwrap();
        let call = Call { func, arguments: Vec::new(), results: Results::Dropped, post_return: None };
        let program = builder.finish(Main::Command(vec![id], vec![call]), None).unwrap();
        let facts = Facts::of(&program);
        let instance = &program.instances[id];
        let table = instance.tables[TableIndex::from_u32(0)];
        [0, 1].map(|ty| {
            let found = facts.targets(table, instance.types[TypeIndex::from_u32(ty)]);
            found.iter().map(|target| (target.index, target.func.as_u32())).collect()
        })
    }

    #[test]
    fn few_elements_are_known() {
        let table = "(table 6 funcref) (elem (i32.const 1) $a $b) (elem (i32.const 4) $b)";
        assert_eq!(targets(table), [vec![(1, 0)], vec![(2, 1), (4, 1)]]);
    }

    #[test]
    fn many_elements_are_not() {
        let table = "(table 6 funcref) (elem (i32.const 0) $a $b $b $b)";
        assert_eq!(targets(table), [vec![(0, 0)], vec![]]);
    }

    #[test]
    fn elements_that_fill_a_table_count() {
        let table = "(table 3 funcref (ref.func $a)) (elem (i32.const 1) $b) (elem declare func $a)";
        assert_eq!(targets(table), [vec![(0, 0), (2, 0)], vec![(1, 1)]]);
    }

    #[test]
    fn a_table_that_is_written_is_not_known() {
        let table = "(table 4 funcref) (elem (i32.const 1) $a $b)";
        for written in [
            "(table.set (i32.const 0) (ref.null func))",
            "(drop (table.grow (ref.null func) (i32.const 1)))",
            "(table.fill (i32.const 0) (ref.null func) (i32.const 1))",
            "(table.copy (i32.const 0) (i32.const 1) (i32.const 1))",
            "(table.init 1 (i32.const 0) (i32.const 0) (i32.const 0))",
        ] {
            let text = format!("{table} (elem func $a) (func $w {written}) (start $w)");
            assert_eq!(targets(&text), [vec![], vec![]], "{written}");
        }
    }

    /// An import that the program doesn't provide may be any function.
    #[test]
    fn only_functions_of_modules_are_called_directly() {
        let text = r#"(module (type $t (func (param i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (type $t)))
            (table 1 funcref) (elem (i32.const 0) $exit)
            (func (export "f") (call_indirect (type $t) (i32.const 0) (i32.const 0))))"#;
        let wasm = wat::parse_str(text).unwrap();
        let module = parse::parse(&wasm, parse::features::SUPPORTED).unwrap();
        let mut builder = Builder::new(false);
        let id = builder.instantiate(&module).unwrap();
        let func = FuncId::from_u32(1);
        let call = Call { func, arguments: Vec::new(), results: Results::Dropped, post_return: None };
        let program = builder.finish(Main::Command(vec![id], vec![call]), None).unwrap();
        let instance = &program.instances[id];
        let found = Facts::of(&program)
            .targets(instance.tables[TableIndex::from_u32(0)], instance.types[TypeIndex::from_u32(0)])
            .to_vec();
        assert_eq!(found, []);
    }
}
