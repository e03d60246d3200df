//! The state of a program that has run, in terms of its entities, and how it is put into a program that hasn't.

use std::ops::Range;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use wasmparser::{RefType, ValType};

use super::snapshot::{MemoryContents, Snapshot};
use super::value::Values;
use crate::layout::{Layout, TableLayout};
use crate::parse::{DataIndex, ElementIndex, SegmentKind};
use crate::program::{GlobalId, InitStep, InstanceId, MemoryPlan, Program, TableId, TypeId, Value};

/// Runs of zeroes of at least this many bytes aren't part of the initial contents of a memory.
const GAP: usize = 64;

/// A state. What isn't in it is as it was.
pub struct State {
    /// Those of the program that has run.
    entities: Entities,
    /// What the memories refer to.
    bytes: Vec<u8>,
    globals: Vec<(GlobalId, Value)>,
    tables: Vec<(TableId, Vec<Value>)>,
    dropped: Dropped,
    memories: Vec<Memory>,
}

/// The passive segments that have been dropped.
#[derive(Default)]
struct Dropped {
    data: Vec<(InstanceId, DataIndex)>,
    elements: Vec<(InstanceId, ElementIndex)>,
}

/// What a memory has.
struct Memory {
    /// Its size in bytes.
    size: u64,
    /// What isn't zero: offsets, and places in `State::bytes`.
    parts: Vec<(u64, Range<usize>)>,
}

impl State {
    /// What a snapshot of the program with this layout means.
    ///
    /// # Errors
    /// Name what can't be kept, or say that the snapshot isn't one of this program.
    pub fn new(snapshot: Snapshot, layout: &Layout<'_, '_>) -> Result<State> {
        let program = layout.program;
        if let Some((number, is_open)) = snapshot.descriptor {
            let what = match (number, is_open) {
                (0..=2, _) => "no longer is the standard stream that it was",
                (_, true) => "is still open",
                (_, false) => "was closed, which was a directory that was granted",
            };
            bail!("the file descriptor {number} {what}");
        }
        check_late(program)?;
        let values = Values::new(program, &snapshot.functions)?;
        let globals = globals(&snapshot.globals, layout, &values)?;
        let tables = tables(&snapshot.tables, layout, &values)?;
        let dropped = dropped(&snapshot.lengths, layout)?;
        ensure!(snapshot.memories.len() == program.memories.len(), "it has another number of memories");
        let memories = program.memories.values().zip(&snapshot.memories);
        let memories = memories.map(|(plan, contents)| memory(plan, contents, &snapshot.bytes));
        let memories = memories.collect::<Result<_>>()?;
        let entities = Entities::of(program);
        Ok(State { entities, globals, tables, dropped, memories, bytes: snapshot.bytes })
    }

    /// Makes it the initial state of the program: one with the same entities, in which nothing has run. Then nothing is left
    /// to be done when it is instantiated, but to put elements into sparse tables.
    ///
    /// # Errors
    /// If the program has other entities: a reference would be one to another function.
    pub fn put_into<'a>(&'a self, program: &mut Program<'a>) -> Result<()> {
        ensure!(Entities::of(program) == self.entities, "--preinit: the program isn't the one that has run");
        for (global, value) in &self.globals {
            program.globals[*global].init = *value;
        }
        for (table, elements) in &self.tables {
            program.tables[*table].replace(elements);
        }
        for (plan, Memory { size, parts }) in program.memories.values_mut().zip(&self.memories) {
            plan.ty.initial = size / plan.page_size();
            plan.contents = parts.iter().map(|(at, range)| (*at, &self.bytes[range.clone()])).collect();
        }
        for instance in program.instances.values_mut() {
            instance.init.clear();
        }
        for (instance, segment) in &self.dropped.data {
            program.instances[*instance].dropped_data.insert(*segment);
        }
        for (instance, segment) in &self.dropped.elements {
            program.instances[*instance].dropped_elements.insert(*segment);
        }
        // Any instance will do: they are instantiated before anything is called.
        let sparse = |table: &TableId| program.tables[*table].is_filled_at_start();
        let fill: Vec<InitStep> = program.tables.keys().filter(sparse).map(InitStep::SparseTable).collect();
        if let Some(first) = program.instances.values_mut().next() {
            first.init = fill;
        }
        Ok(())
    }
}

/// The types of all entities of a program, by their numbers.
#[derive(PartialEq, Eq)]
struct Entities {
    functions: Vec<TypeId>,
    globals: Vec<ValType>,
    tables: Vec<RefType>,
    memories: usize,
    instances: usize,
}

impl Entities {
    fn of(program: &Program<'_>) -> Entities {
        Entities {
            functions: program.funcs.values().map(|func| func.signature).collect(),
            globals: program.globals.values().map(|global| global.ty.content_type).collect(),
            tables: program.tables.values().map(|table| table.ty.element_type).collect(),
            memories: program.memories.len(),
            instances: program.instances.len(),
        }
    }
}

/// Refuses values that are objects, which are allocated when the program is instantiated.
fn check_late(program: &Program<'_>) -> Result<()> {
    for instance in program.instances.values() {
        for step in &instance.init {
            if let InitStep::Values(segment) = step {
                bail!("the element segment {} has objects", segment.as_u32());
            }
        }
    }
    Ok(())
}

/// The values of the globals that code of the program writes.
fn globals(bytes: &[u8], layout: &Layout<'_, '_>, values: &Values<'_, '_>) -> Result<Vec<(GlobalId, Value)>> {
    // Code that has run refers to none of them.
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    ensure!(bytes.len() as i64 == i64::from(layout.globals_bytes()), "it has other globals");
    let program = layout.program;
    let written = program.globals.iter().filter(|(id, _)| !layout.facts.global(*id).is_constant());
    written
        .map(|(id, plan)| {
            let start = layout.global_offset(id) as usize;
            let place = &bytes[start..start + plan.bytes() as usize];
            let value = values.global(plan.ty.content_type, place);
            let value = value.map_err(|error| anyhow!("{} {error}", name_of_global(program, id)));
            Ok((id, value?))
        })
        .collect()
}

/// The elements of the tables that code of the program writes.
fn tables(
    tables: &[(u64, Vec<u64>)],
    layout: &Layout<'_, '_>,
    values: &Values<'_, '_>,
) -> Result<Vec<(TableId, Vec<Value>)>> {
    let program = layout.program;
    let mut all = Vec::new();
    for (number, elements) in tables {
        let table = u32::try_from(*number).map(TableId::from_u32).context("there is no such table")?;
        let plan = program.tables.get(table).context("there is no such table")?;
        ensure!(layout.table(table) == TableLayout::References, "a table has no references");
        let size = elements.len() as u64;
        ensure!((plan.size()..=plan.maximum()).contains(&size), "a table has {size} elements");
        let decode = |(index, bits): (usize, &u64)| {
            let value = values.reference(plan.ty.element_type, *bits);
            value.map_err(|error| anyhow!("element {index} of {} {error}", name_of_table(program, table)))
        };
        all.push((table, elements.iter().enumerate().map(decode).collect::<Result<_>>()?));
    }
    Ok(all)
}

/// The passive segments that have been dropped.
fn dropped(lengths: &[u64], layout: &Layout<'_, '_>) -> Result<Dropped> {
    let segments = &layout.segments;
    let mut dropped = Dropped::default();
    // Code that has run drops none.
    if lengths.is_empty() {
        return Ok(dropped);
    }
    ensure!(lengths.len() == segments.lengths.len(), "it has other segments");
    let is_dropped = |offset: Option<i32>| {
        let Some(slot) = offset.map(|offset| offset as usize / 8) else { return Ok(false) };
        let (before, now) = (segments.lengths[slot], lengths[slot]);
        ensure!(now == before || now == 0, "a segment has another length");
        Ok(now != before)
    };
    for (id, instance) in &layout.program.instances {
        let passive =
            instance.module.data.iter().filter(|(_, data)| matches!(data.kind, SegmentKind::Passive));
        for (index, _) in passive {
            if is_dropped(segments.data_length(id, index))? {
                dropped.data.push((id, index));
            }
        }
        let all = instance.module.elements.iter();
        for (index, _) in all.filter(|(_, elements)| matches!(elements.kind, SegmentKind::Passive)) {
            if is_dropped(segments.element_length(id, index))? {
                dropped.elements.push((id, index));
            }
        }
    }
    Ok(dropped)
}

/// The size of a memory and the parts that aren't zero.
fn memory(plan: &MemoryPlan<'_>, contents: &MemoryContents, bytes: &[u8]) -> Result<Memory> {
    let size = contents.size;
    let possible = plan.initial_bytes()..=plan.maximum_bytes();
    ensure!(size.is_multiple_of(plan.page_size()) && possible.contains(&size), "a memory has {size} bytes");
    let mut parts = Vec::new();
    for (offset, run) in &contents.runs {
        let at = |place: usize| offset + (place - run.start) as u64;
        let mut start = None;
        let mut end = run.start;
        for place in run.clone().filter(|place| bytes[*place] != 0) {
            match start {
                Some(first) if place - end >= GAP => {
                    parts.push((at(first), first..end));
                    start = Some(place);
                }
                None => start = Some(place),
                Some(_) => {}
            }
            end = place + 1;
        }
        parts.extend(start.map(|first| (at(first), first..end)));
    }
    Ok(Memory { size, parts })
}

/// A global, for diagnostics.
fn name_of_global(program: &Program<'_>, global: GlobalId) -> String {
    let index = |instance: &crate::program::Instance<'_>| {
        instance.globals.iter().find(|(_, id)| **id == global).map(|(index, _)| index.as_u32())
    };
    let index = program.instances.values().find_map(index);
    index.map_or_else(|| "a global".to_owned(), |index| format!("global {index}"))
}

/// A table, for diagnostics.
fn name_of_table(program: &Program<'_>, table: TableId) -> String {
    let index = |instance: &crate::program::Instance<'_>| {
        instance.tables.iter().find(|(_, id)| **id == table).map(|(index, _)| index.as_u32())
    };
    let index = program.instances.values().find_map(index);
    index.map_or_else(|| "a table".to_owned(), |index| format!("table {index}"))
}
