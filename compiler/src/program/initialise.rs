//! What instantiation does to tables and memories: as much as possible happens at compile time, the rest is
//! left as steps for the program.
//!
//! A segment is applied at compile time if its target belongs to this instance, or to an earlier one and nothing that runs
//! before can change or see it; if it is in bounds; and if every earlier segment of its kind was applied at compile
//! time as well.

use super::entity::TableId;
use super::evaluate;
use super::forward::Ran;
use super::model::{InitStep, Instance, Program};
use super::value::Value;
use crate::parse::{ConstExpr, FuncIndex, SegmentKind};

/// Initialises the tables and memories of a new instance, not yet part of the program. `ran`: what runs before, if that is
/// known.
pub fn initialise<'a>(program: &mut Program<'a>, instance: &mut Instance<'a>, ran: Option<&Ran>) {
    let module = instance.module;
    let imported = |is: fn(crate::parse::Item) -> bool| module.imports.iter().filter(|i| is(i.item)).count();
    let own_tables = imported(|item| matches!(item, crate::parse::Item::Table(_))) as u32;
    let own_memories = imported(|item| matches!(item, crate::parse::Item::Memory(_))) as u32;
    let late = late_values(program, instance);
    // No segment of this instance changes it: what it puts into a table at compile time nothing has touched.
    let touched = ran.filter(|_| !module.elements.is_empty()).map(|ran| ran.touched(program));
    let own: Vec<TableId> = instance.tables.values().skip(own_tables as usize).copied().collect();
    let mut steps = Vec::new();
    let mut values_late = false;
    for (segment, elements) in &module.elements {
        let SegmentKind::Active { target, offset } = &elements.kind else { continue };
        let table = instance.tables[*target];
        let offset = constant(program, instance, offset).as_offset();
        let plan = &program.tables[table];
        let fits = offset.saturating_add(elements.items.len() as u64) <= plan.size();
        let values = element_values(program, instance, &elements.items);
        values_late |= plan.fill == Value::Late || values.contains(&Value::Late);
        let is_unseen = || {
            let is_dense = program.tables[table].sparse().is_none();
            target.as_u32() >= own_tables
                || is_dense && touched.as_ref().is_some_and(|touched| !touched.contains(table))
        };
        if steps.is_empty() && fits && !values_late && is_unseen() {
            program.tables[table].set(offset, &values);
        } else {
            steps.push(InitStep::Elements { segment, table, offset });
        }
    }
    let mut dynamic_data = false;
    for (segment, data) in &module.data {
        let SegmentKind::Active { target, offset } = &data.kind else { continue };
        let memory = instance.memories[*target];
        let offset = constant(program, instance, offset).as_offset();
        let fits = offset.saturating_add(data.bytes.len() as u64) <= program.memories[memory].initial_bytes();
        let is_unseen = target.as_u32() >= own_memories || ran.is_some_and(Ran::nothing);
        if !dynamic_data && fits && is_unseen {
            program.memories[memory].contents.push((offset, data.bytes));
        } else {
            dynamic_data = true;
            steps.push(InitStep::Data { segment, memory, offset });
        }
    }
    steps.extend(module.start.map(|start: FuncIndex| InitStep::Start(instance.funcs[start])));
    // Tables with late values are filled by another step.
    let sparse = own.into_iter().filter(|table| program.tables[*table].is_filled_at_start());
    let sparse = sparse.map(InitStep::SparseTable);
    instance.init = sparse.chain(late).chain(steps).collect();
}

/// Steps that evaluate what isn't known at compile time: globals first, then tables, then segments.
fn late_values(program: &Program<'_>, instance: &Instance<'_>) -> Vec<InitStep> {
    let module = instance.module;
    let late = |init: &ConstExpr| constant(program, instance, init) == Value::Late;
    let globals = module.globals.iter().filter(|(_, global)| global.init.as_ref().is_some_and(late));
    let tables = module.tables.iter().filter(|(_, table)| table.init.as_ref().is_some_and(late));
    let segments = module.elements.iter().filter(|(_, segment)| segment.items.iter().any(late));
    let globals = globals.map(|(index, _)| InitStep::Global(index));
    let tables = tables.map(|(index, _)| InitStep::Table(index));
    globals.chain(tables).chain(segments.map(|(index, _)| InitStep::Values(index))).collect()
}

/// The values of an element segment.
pub fn element_values(program: &Program<'_>, instance: &Instance<'_>, items: &[ConstExpr]) -> Vec<Value> {
    items.iter().map(|item| constant(program, instance, item)).collect()
}

fn constant(program: &Program<'_>, instance: &Instance<'_>, expr: &ConstExpr) -> Value {
    evaluate::evaluate(expr, &program.globals, &instance.globals, &instance.funcs)
}
