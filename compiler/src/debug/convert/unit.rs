//! Writes the native unit of a unit: the entries that are kept, in their order, with what changes in them.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use cranelift_entity::EntityRef as _;
use gimli::*;

use super::attribute;
use super::context::Context;
use super::die::{Abbreviations, Die, Reference};
use super::inlined::Inlined;
use super::lines::{self, Program, Row};
use super::made::MadeTypes;
use super::marks::Marks;
use super::ranges::Lists;
use super::survey::{Class, Entry, NONE};
use super::types::is_pointer;
use super::writer::{Writer, most_output};
use crate::debug::address::{Code, Codes};
use crate::debug::input::{Reader, strings};
use crate::debug::location::{Place, Scope, Shape, Value};
use crate::debug::sections::{Name, Sections};
use crate::layout::Symbol;
use crate::parse::{DefinedIndex, FuncIndex};

/// The most bytes of a module's producer that are kept: each unit has a copy.
const MOST_PRODUCER: usize = 200;

/// A unit that was written.
pub struct Written {
    pub sections: Sections,
    /// The offset of each entry in this unit's part of `.debug_info`; 0 for one that isn't in it.
    pub offsets: Vec<u32>,
    /// References to other units: offset in the part, number of the unit, and index of the entry.
    pub far: Vec<(u32, u32, u32)>,
}

/// A unit to be written.
pub struct Unit<'u, 'a> {
    pub number: u32,
    pub unit: UnitRef<'u, Reader<'a>>,
    /// All units of the module.
    pub units: &'u [UnitRef<'u, Reader<'a>>],
    pub rows: &'u [Row],
    /// The functions whose lines are this unit's, in the order of their code.
    pub functions: &'u [DefinedIndex],
}

/// Writes a unit.
///
/// # Errors
/// If it can't be read.
pub fn write<'a>(
    context: &Context<'_, '_, 'a>,
    codes: &Codes<'_>,
    marks: &Marks,
    unit: &Unit<'_, 'a>,
) -> gimli::Result<Written> {
    let big_endian = context.big_endian;
    let survey = &marks.units[unit.number as usize].survey;
    let mut writer = Writer {
        context,
        codes,
        marks,
        survey,
        number: unit.number,
        unit: unit.unit,
        sections: Sections::new(big_endian),
        lists: Lists::default(),
        abbreviations: Abbreviations::default(),
        die: Die::new(big_endian),
        offsets: vec![0; survey.entries.len()],
        references: Vec::new(),
        has_lines: false,
        scope: None,
        rows: unit.rows,
        inlined: HashMap::new(),
        inlined_calls: None,
        units: unit.units,
        made: MadeTypes::default(),
        names: HashMap::new(),
        names_left: most_output(unit.unit.header.length_including_self()),
        most_places: most_output(unit.unit.header.length_including_self()),
    };
    writer.lines(unit)?;
    let length = writer.header();
    writer.entries(unit.functions)?;
    writer.sections.get(Name::Info).end_length(length);
    Ok(writer.finish())
}

impl<'w, 'p, 'a> Writer<'w, 'p, 'a> {
    /// Writes the line program.
    fn lines(&mut self, unit: &Unit<'_, 'a>) -> gimli::Result<()> {
        if unit.unit.line_program.is_none() {
            return Ok(());
        }
        let bodies = self.context.bodies;
        let mut program = Program::begin(unit.unit, &mut self.sections)?;
        for code in unit.functions.iter().filter_map(|index| self.codes.get(*index)) {
            let rows = lines::of_function(unit.rows, code.body);
            if code.function.inlined.is_empty() {
                program.function(rows, code, bodies);
            } else {
                let has_rows = |index| !lines::of_function(unit.rows, bodies.get(index)).is_empty();
                let inlined = Inlined::of(self.context, has_rows, code.function);
                program.function_with_inlined(rows, unit.rows, code, bodies, &inlined);
            }
        }
        program.end();
        self.has_lines = true;
        Ok(())
    }

    /// DWARF 5, whatever the module's is: lists of places take a quarter of the bytes.
    fn header(&mut self) -> u32 {
        let info = self.sections.get(Name::Info);
        let length = info.begin_length();
        info.u16(5);
        info.u8(DW_UT_compile.0);
        info.u8(8); // Bytes of an address.
        info.offset(Name::Abbrev, 0);
        length
    }

    fn entries(&mut self, functions: &[DefinedIndex]) -> gimli::Result<()> {
        let mut raw = self.unit.entries_raw(None)?;
        let mut read = DebuggingInformationEntry::null();
        // The entries that the current one is in, as far as they are written and have children.
        let mut open: Vec<u32> = Vec::new();
        let mut index = 0;
        while !raw.is_empty() {
            // An entry that isn't kept needn't be decoded.
            let is_kept = index == 0
                || (index as usize) < self.survey.entries.len() && self.marks.is_kept(self.number, index);
            if !is_kept {
                if let Some(abbreviation) = raw.read_abbreviation()? {
                    raw.skip_attributes(abbreviation.attributes())?;
                    index += 1;
                }
                continue;
            }
            if !raw.read_entry(&mut read)? {
                continue;
            }
            self.close(&mut open, index);
            let entry = self.survey.entries[index as usize];
            self.die.clear();
            let mut has_children = self.marks.has_children(self.number, index) || index == 0;
            if let Class::Function(function) = entry.class
                && let Some(code) = self.codes.get(function)
            {
                self.place_inlined(index, code);
            }
            has_children |= self.inlined.contains_key(&index);
            match entry.tag {
                tag if is_pointer(tag) => {
                    self.write_pointer(index);
                    if !has_children {
                        self.sections.get(Name::Info).u8(0);
                    }
                }
                DW_TAG_ptr_to_member_type => {
                    self.write_member_pointer(index);
                    has_children = false;
                }
                tag => {
                    if index == 0 {
                        self.root(&read, functions);
                    } else {
                        self.entry(&entry, index, &read);
                    }
                    self.offsets[index as usize] = self.add(tag, has_children);
                }
            }
            if has_children {
                open.push(index);
            }
            index += 1;
        }
        // All but the unit's own, to which more is added.
        self.close(&mut open, index);
        if !functions.is_empty() {
            self.write_memory();
        }
        self.write_made();
        self.sections.get(Name::Info).u8(0);
        Ok(())
    }

    /// Ends the entries that the one of this index isn't in.
    fn close(&mut self, open: &mut Vec<u32>, index: u32) {
        while let Some(last) = open.last()
            && *last != 0
            && self.survey.entries[*last as usize].end <= index
        {
            let last = *last;
            open.pop();
            if let Some(code) = self.function_of(last).filter(|_| self.inlined.contains_key(&last)) {
                self.write_inlined(last, code);
            }
            self.sections.get(Name::Info).u8(0);
        }
    }

    /// The unit's own entry.
    fn root(&mut self, read: &DebuggingInformationEntry<Reader<'a>>, functions: &[DefinedIndex]) {
        for attribute in read.attrs() {
            match attribute.name() {
                DW_AT_producer => {
                    let producer = strings::short(self.unit, attribute.value()).unwrap_or_default();
                    let producer = &producer[..producer.len().min(MOST_PRODUCER)];
                    let ours = format!("; wasm-aot {}", env!("CARGO_PKG_VERSION"));
                    self.die.string(DW_AT_producer, &[producer, ours.as_bytes()].concat());
                }
                DW_AT_low_pc | DW_AT_high_pc | DW_AT_ranges | DW_AT_stmt_list => {}
                _ => attribute::convert(self, 0, attribute),
            }
        }
        if self.has_lines {
            self.die.section(DW_AT_stmt_list, Name::Line, 0);
        }
        let codes = functions.iter().filter_map(|index| self.codes.get(*index));
        let ranges: Vec<(Symbol, u32)> = codes.map(|code| (code.symbol(), code.bytes())).collect();
        match &ranges[..] {
            [] => {}
            [(symbol, bytes)] => {
                self.die.address(DW_AT_low_pc, *symbol, 0);
                self.die.data4(DW_AT_high_pc, *bytes);
            }
            _ => {
                // What ranges are relative to.
                self.die.constant_address(DW_AT_low_pc, 0);
                let list = self.lists.functions(&mut self.sections, &ranges);
                self.die.section(DW_AT_ranges, Name::RngLists, list);
            }
        }
    }

    fn entry(&mut self, entry: &Entry, index: u32, read: &DebuggingInformationEntry<Reader<'a>>) {
        let is_native = |name| matches!(name, DW_AT_low_pc | DW_AT_high_pc | DW_AT_ranges | DW_AT_frame_base);
        for attribute in read.attrs().iter().filter(|attribute| !is_native(attribute.name())) {
            if attribute.name() != DW_AT_linkage_name || !self.is_main(attribute) {
                attribute::convert(self, index, attribute);
            }
        }
        match entry.class {
            Class::Function(function) => {
                let Some(code) = self.codes.get(function) else { return };
                self.die.address(DW_AT_low_pc, code.symbol(), 0);
                self.die.data4(DW_AT_high_pc, code.bytes());
                let frame_base = crate::debug::location::Expression {
                    bytes: vec![DW_OP_call_frame_cfa.0],
                    addresses: Vec::new(),
                };
                self.die.expression(DW_AT_frame_base, &frame_base);
                if entry.ty != NONE && !self.returns_value(function) {
                    self.die.data1(DW_AT_calling_convention, DW_CC_nocall.0);
                }
            }
            Class::Scope => {
                let Some(code) = self.function_of(index) else { return };
                self.add_ranges(code, self.survey.ranges(index));
            }
            _ => self.place(index, read),
        }
    }

    /// Adds the ranges in the code of a function that the current entry has.
    pub fn add_ranges(&mut self, code: &Code<'_>, ranges: &[Range<u32>]) {
        match ranges {
            [range] => {
                self.die.address(DW_AT_low_pc, code.symbol(), range.start);
                self.die.data4(DW_AT_high_pc, range.end - range.start);
            }
            _ => {
                let list = self.lists.ranges(&mut self.sections, code.symbol(), ranges);
                self.die.section(DW_AT_ranges, Name::RngLists, list);
            }
        }
    }

    /// Whether an attribute is a name that clang gives to `main`, by its parameters. Debuggers should call it `main`.
    fn is_main(&self, attribute: &Attribute<Reader<'a>>) -> bool {
        let name = strings::short(self.unit, attribute.value());
        matches!(name, Some(b"__main_argc_argv" | b"__main_void" | b"__original_main"))
    }

    /// Whether a function returns its value as functions of C do. One that returns a structure gets its address from the
    /// caller.
    fn returns_value(&self, function: DefinedIndex) -> bool {
        let layout = self.context.layout;
        let module = layout.program.instances[self.context.instance].module;
        let index = FuncIndex::new(module.imported_functions + function.index());
        let func = layout.program.instances[self.context.instance].funcs[index];
        module.function_type(index).results().len() == 1 && !layout.facts.has_tail_convention(func)
    }

    /// Where the variable of an entry is.
    fn place(&mut self, index: u32, read: &DebuggingInformationEntry<Reader<'a>>) {
        let Some(location) = read.attr_value(DW_AT_location) else { return };
        if self.sections.get(Name::LocLists).bytes.len() > self.most_places {
            return;
        }
        let scope = self.scope(index);
        let ty = self.variable_type(index);
        let shape = Shape {
            pointer: self.is_variable(index)
                && ty.is_some_and(|ty| matches!(self.pointer(ty), Some(super::types::Pointer::Data))),
            bytes: ty.and_then(|ty| self.type_size(ty)),
        };
        match crate::debug::location::place(&scope, self.unit, &location, shape) {
            None => {}
            Some(Place::Everywhere(expression)) => self.die.expression(DW_AT_location, &expression),
            Some(Place::List(places)) => {
                let Some(code) = self.function_of(index) else { return };
                let list = self.lists.places(&mut self.sections, code.symbol(), &places);
                self.die.section(DW_AT_location, Name::LocLists, list);
            }
        }
    }

    /// What expressions of an entry refer to: that of the function that it is in.
    fn scope(&mut self, index: u32) -> Rc<Scope<'w, 'p, 'a>> {
        let function = self.function_entry(index).map(|(entry, _)| entry);
        if let Some((last, scope)) = &self.scope
            && *last == function
        {
            return Rc::clone(scope);
        }
        let context = self.context;
        let code = self.function_of(index);
        let frame_base = self.frame_base(index);
        let scope = Scope::new(context.layout, context.instance, context.bodies, code, frame_base);
        let scope = Rc::new(scope);
        self.scope = Some((function, Rc::clone(&scope)));
        scope
    }

    /// The index of the function's entry that an entry is in.
    fn function_entry(&self, mut index: u32) -> Option<(u32, DefinedIndex)> {
        while index != NONE {
            let entry = &self.survey.entries[index as usize];
            if let Class::Function(function) = entry.class {
                return Some((index, function));
            }
            index = entry.parent;
        }
        None
    }

    /// The code of the function that an entry is in.
    fn function_of(&self, index: u32) -> Option<&'w Code<'w>> {
        let codes: &'w Codes<'w> = self.codes;
        codes.get(self.function_entry(index)?.1)
    }

    fn frame_base(&self, index: u32) -> Option<Value<'a>> {
        let (function, _) = self.function_entry(index)?;
        let offset = UnitOffset(self.survey.entries[function as usize].offset as usize);
        self.unit.entry(offset).ok()?.attr_value(DW_AT_frame_base)
    }

    /// Completes references and lists.
    fn finish(mut self) -> Written {
        let mut far = Vec::new();
        let info = self.sections.get(Name::Info);
        for (at, reference) in self.references {
            match reference {
                Reference::Entry(unit, index) if unit == self.number => {
                    info.patch(at, self.offsets[index as usize])
                }
                Reference::Entry(unit, index) => far.push((at, unit, index)),
                Reference::Made(number) => info.patch(at, self.made.offset(number)),
            }
        }
        *self.sections.get(Name::Abbrev) = self.abbreviations.finish();
        self.lists.finish(&mut self.sections);
        Written { sections: self.sections, offsets: self.offsets, far }
    }
}
