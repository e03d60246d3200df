//! The DWARF of a module to native DWARF, once for each of its instances that has code.
//!
//! Three passes over its units, the first and the last in parallel. `survey` reads what the entries are and where their
//! code went. `marks` chooses those that are kept. `unit` writes them, in their order, with native addresses.

mod attribute;
mod calls;
mod context;
mod die;
mod inlined;
mod lines;
mod made;
mod marks;
mod ranges;
mod survey;
mod types;
mod unit;
mod writer;

use std::collections::{HashMap, HashSet, hash_map};

use gimli::UnitRef;
use rayon::prelude::*;

use super::address::Codes;
use super::input::{Input, Reader};
use super::sections::{Lengths, Name, Sections};
use crate::codegen::CompiledFunction;
use crate::parse::DefinedIndex;
pub use context::{Context, has_hidden_strings};
use lines::Row;
use marks::{Marks, Surveyed};
use survey::Class;

/// Adds the native DWARF of an instance to `sections`. `functions` are its compiled functions, in the order of the code.
/// `strings`: where the module's strings are, if another instance of it has been added. Returns those of the functions that it
/// describes.
///
/// # Errors
/// If the module's DWARF can't be read: the reason is for a warning.
pub fn convert<'a>(
    context: &Context<'_, '_, 'a>,
    input: &Input<'a>,
    functions: &[(DefinedIndex, &CompiledFunction)],
    strings: &mut Option<Lengths>,
    sections: &mut Sections,
) -> Result<HashSet<DefinedIndex>, String> {
    let unreadable = |error: gimli::Error| format!("it can't be read: {error}");
    let codes = Codes::new(functions, context.bodies);
    let mut read = Vec::new();
    let mut headers = input.dwarf.units();
    while let Some(header) = headers.next().map_err(unreadable)? {
        read.push(input.dwarf.unit(header).map_err(unreadable)?);
    }
    let units: Vec<UnitRef<'_, Reader<'a>>> = read.iter().map(|unit| unit.unit_ref(&input.dwarf)).collect();
    let surveys = units.par_iter().map(|unit| {
        let rows = lines::rows(*unit, context.bodies);
        let gimli::UnitSectionOffset(start) = unit.header.offset();
        Ok((Surveyed { start: start as u32, survey: survey::survey(*unit, context.bodies, &codes)? }, rows))
    });
    let surveys: Vec<(Surveyed, Vec<Row>)> = surveys.collect::<gimli::Result<_>>().map_err(unreadable)?;
    let (mut surveyed, rows): (Vec<Surveyed>, Vec<Vec<Row>>) = surveys.into_iter().unzip();
    let owned = share(functions, &mut surveyed, &rows, &codes);
    let marks = Marks::new(surveyed);
    let written = (0..units.len()).into_par_iter().map(|number| {
        let functions = &owned[number];
        if functions.is_empty() && !marks.is_kept(number as u32, 0) {
            return Ok(None);
        }
        let unit = unit::Unit {
            number: number as u32,
            unit: units[number],
            units: &units,
            rows: &rows[number],
            functions,
        };
        unit::write(context, &codes, &marks, &unit).map(Some)
    });
    let written: Vec<Option<unit::Written>> = written.collect::<gimli::Result<_>>().map_err(unreadable)?;
    join(written, context, strings, sections)?;
    Ok(owned.into_iter().flatten().collect())
}

/// Decides which unit describes each function: the first one that has an entry for it, else the first whose line table does.
/// Returns the functions of each unit, in the order of the code.
fn share(
    functions: &[(DefinedIndex, &CompiledFunction)],
    units: &mut [Surveyed],
    rows: &[Vec<Row>],
    codes: &Codes<'_>,
) -> Vec<Vec<DefinedIndex>> {
    let mut owners: HashMap<DefinedIndex, usize> = HashMap::new();
    for (number, unit) in units.iter_mut().enumerate() {
        for entry in &mut unit.survey.entries {
            let Class::Function(index) = entry.class else { continue };
            match owners.entry(index) {
                hash_map::Entry::Vacant(place) => _ = place.insert(number),
                hash_map::Entry::Occupied(_) => entry.class = Class::Dead,
            }
        }
    }
    let mut owned = vec![Vec::new(); units.len()];
    for (index, _) in functions {
        let Some(code) = codes.get(*index) else { continue };
        let has_rows = |rows: &Vec<Row>| !lines::of_function(rows, code.body).is_empty();
        let owner = owners.get(index).copied().or_else(|| rows.iter().position(has_rows));
        if let Some(owner) = owner {
            owned[owner].push(*index);
        }
    }
    owned
}

/// Puts units one behind the other, and completes what refers from one to another.
fn join(
    written: Vec<Option<unit::Written>>,
    context: &Context<'_, '_, '_>,
    strings: &mut Option<Lengths>,
    sections: &mut Sections,
) -> Result<(), String> {
    let strings = strings.get_or_insert_with(|| add_strings(context, sections));
    let mut places = Vec::with_capacity(written.len());
    let mut far = Vec::new();
    sections.reserve(written.iter().flatten().map(|unit| &unit.sections));
    for unit in written {
        let Some(unit) = unit else {
            places.push((0, Vec::new()));
            continue;
        };
        let base = sections.get(Name::Info).len();
        sections.append(unit.sections, strings)?;
        far.extend(unit.far.into_iter().map(|(at, unit, index)| (base + at, unit, index)));
        places.push((base, unit.offsets));
    }
    for (at, unit, index) in far {
        let (base, offsets) = &places[unit as usize];
        let offset = base + offsets.get(index as usize).copied().unwrap_or(0);
        let info = sections.get(Name::Info);
        info.references.push((at, Name::Info));
        info.patch(at, offset);
    }
    Ok(())
}

/// Adds the strings of the module; returns where they are.
fn add_strings(context: &Context<'_, '_, '_>, sections: &mut Sections) -> Lengths {
    let before = sections.lengths();
    for name in [Name::Str, Name::LineStr] {
        let text = context.sections.section(name.text());
        sections.get(name).bytes.extend_from_slice(text);
        // The last one may lack its end.
        if text.last().is_some_and(|byte| *byte != 0) {
            sections.get(name).u8(0);
        }
    }
    before
}
