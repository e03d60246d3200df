//! Which locals and operands the DWARF of a module names, in which functions: code generation keeps track of these only.

use std::collections::{BTreeSet, HashMap};

use gimli::{AttributeValue, DW_AT_high_pc, DW_AT_low_pc, DW_TAG_subprogram, Operation, UnitRef};

use crate::debug::input::{Input, Reader, is_tombstone, lists};
use crate::parse::DefinedIndex;
use crate::translate::Wanted;

/// The most operands of a function that are tracked.
const MOST_OPERANDS: u32 = 64;

/// What is named, by function. What can't be read names nothing.
pub fn wanted(input: &Input<'_>) -> HashMap<DefinedIndex, Wanted> {
    let lists = [".debug_loc", ".debug_loclists"].map(|name| input.sections.section(name).len());
    let mut found = Found { input, functions: HashMap::new(), entries: lists.iter().sum() };
    let mut units = input.dwarf.units();
    while let Ok(Some(header)) = units.next() {
        if let Ok(unit) = input.dwarf.unit(header) {
            // What has been found until an error counts.
            _ = found.unit(unit.unit_ref(&input.dwarf));
        }
    }
    let wanted = |(function, named): (_, Named)| {
        let Named { locals, operands, globals } = named;
        (function, Wanted { locals: locals.into_iter().collect(), operands, globals })
    };
    found.functions.into_iter().map(wanted).collect()
}

/// What is named in a function.
#[derive(Default)]
struct Named {
    locals: BTreeSet<u32>,
    operands: u32,
    globals: bool,
}

struct Found<'i, 'a> {
    input: &'i Input<'a>,
    functions: HashMap<DefinedIndex, Named>,
    /// How many entries of location lists are still looked at. Lists that overlap could have more than there are bytes.
    entries: usize,
}

impl<'a> Found<'_, 'a> {
    fn unit(&mut self, unit: UnitRef<'_, Reader<'a>>) -> gimli::Result<()> {
        let mut entries = unit.entries_raw(None)?;
        // The functions within each other that enclose the entry, with their depths.
        let mut enclosing: Vec<(isize, Option<DefinedIndex>)> = Vec::new();
        while !entries.is_empty() {
            let depth = entries.next_depth();
            let Some(abbreviation) = entries.read_abbreviation()? else { continue };
            while enclosing.last().is_some_and(|(outer, _)| *outer >= depth) {
                enclosing.pop();
            }
            let is_function = abbreviation.tag() == DW_TAG_subprogram;
            let mut expressions = Vec::new();
            let mut low = None;
            for specification in abbreviation.attributes() {
                let attribute = entries.read_attribute(*specification)?;
                match attribute.value() {
                    AttributeValue::Exprloc(expression) => expressions.push(expression),
                    value if is_function && attribute.name() == DW_AT_low_pc => {
                        low = unit.attr_address(value)?.filter(|low| !is_tombstone(*low));
                    }
                    _ if attribute.name() == DW_AT_high_pc => {}
                    value => self.list(unit, value),
                }
            }
            if is_function {
                let function = low.and_then(|low| self.input.bodies.find(low));
                enclosing.push((depth, function.map(|(function, _)| function)));
            }
            if let Some((_, Some(function))) = enclosing.last() {
                for expression in expressions {
                    self.expression(unit, *function, expression);
                }
            }
        }
        Ok(())
    }

    /// What the expressions of a location list name; nothing if it isn't one.
    fn list(&mut self, unit: UnitRef<'_, Reader<'a>>, value: AttributeValue<Reader<'a>>) {
        let is_list = matches!(
            value,
            AttributeValue::LocationListsRef(_)
                | AttributeValue::DebugLocListsIndex(_)
                | AttributeValue::SecOffset(_)
        );
        if !is_list {
            return;
        }
        let count = lists::places(unit, value, self.entries);
        let left = self.entries.checked_sub(count);
        self.entries = left.unwrap_or(0);
        let (Some(_), Ok(Some(mut list))) = (left, unit.attr_locations(value)) else { return };
        while let Ok(Some(entry)) = list.next() {
            if let Some((function, _)) = self.input.bodies.find(entry.range.begin) {
                self.expression(unit, function, entry.data);
            }
        }
    }

    fn expression(
        &mut self,
        unit: UnitRef<'_, Reader<'a>>,
        function: DefinedIndex,
        expression: gimli::Expression<Reader<'a>>,
    ) {
        let mut operations = expression.operations(unit.encoding());
        while let Ok(Some(operation)) = operations.next() {
            match operation {
                Operation::WasmLocal { index } => {
                    self.functions.entry(function).or_default().locals.insert(index);
                }
                Operation::WasmGlobal { .. } => self.functions.entry(function).or_default().globals = true,
                Operation::WasmStack { index } if index < MOST_OPERANDS => {
                    let operands = &mut self.functions.entry(function).or_default().operands;
                    *operands = (*operands).max(index + 1);
                }
                Operation::EntryValue { expression } => {
                    self.expression(unit, function, gimli::Expression(expression));
                }
                _ => {}
            }
        }
    }
}
