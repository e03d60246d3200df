//! What the entries of a unit are, before any is written: their tree, what they refer to, and the native ranges of those that
//! describe code.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use std::ops::Range;

use gimli::*;

use crate::debug::address::{Bodies, Codes};
use crate::debug::input::{Reader, is_tombstone, lists};
use crate::parse::DefinedIndex;

/// No entry.
pub const NONE: u32 = u32::MAX;

/// How an entry belongs to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Part of the entry that it is in.
    Owned,
    /// There for entries that refer to it: a type, a namespace, an abstract function.
    Standalone,
    /// There in any case, if the unit has any code: what a user may name, though no other entry refers to it.
    Wanted,
    /// A variable that isn't in a function.
    Static,
    /// A function that was compiled.
    Function(DefinedIndex),
    /// A scope in such a function that has code.
    Scope,
    /// A function that wasn't compiled. Others may refer to it, but it has no contents.
    Dead,
    /// Left out, whoever refers to it.
    Gone,
}

/// An entry.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Offset in the unit.
    pub offset: u32,
    /// Index of the entry that it is in.
    pub parent: u32,
    /// Index of the next entry that isn't in it.
    pub end: u32,
    pub tag: DwTag,
    pub class: Class,
    /// The entry that its `DW_AT_type` refers to, as an offset in `.debug_info`.
    pub ty: u32,
    /// The entry of which it is an instance, or the declaration that it completes, as an offset in `.debug_info`.
    pub origin: u32,
    /// The end of its references, which begin where those of the entry before it end.
    references: u32,
    /// The end of its ranges, likewise.
    ranges: u32,
}

/// A unit.
pub struct Survey {
    pub entries: Vec<Entry>,
    references: Vec<u32>,
    ranges: Vec<Range<u32>>,
}

impl Survey {
    /// What an entry refers to, as offsets in `.debug_info`.
    pub fn references(&self, index: u32) -> &[u32] {
        let start = self.before(index).map_or(0, |entry| entry.references);
        &self.references[start as usize..self.entries[index as usize].references as usize]
    }

    /// The native ranges of a scope, in the code of its function.
    pub fn ranges(&self, index: u32) -> &[Range<u32>] {
        let start = self.before(index).map_or(0, |entry| entry.ranges);
        &self.ranges[start as usize..self.entries[index as usize].ranges as usize]
    }

    fn before(&self, index: u32) -> Option<&Entry> {
        Some(&self.entries[index.checked_sub(1)? as usize])
    }

    /// The index of the entry at an offset in the unit.
    pub fn index(&self, offset: u32) -> Option<u32> {
        self.entries.binary_search_by_key(&offset, |entry| entry.offset).ok().map(|index| index as u32)
    }

    /// The entries directly in an entry.
    pub fn children(&self, index: u32) -> impl Iterator<Item = u32> {
        let end = self.entries[index as usize].end;
        let first = (index + 1 < end).then_some(index + 1);
        std::iter::successors(first, move |child| {
            let next = self.entries[*child as usize].end;
            (next < end).then_some(next)
        })
    }
}

/// How many parts of code may be looked at for each byte of a unit. Compilers' need a few; only entries made to keep the
/// compiler busy need more.
const WORK_PER_BYTE: u64 = 200;

/// Reads the entries of a unit. The scopes in it have at most as many ranges as it has bytes.
///
/// # Errors
/// If it can't be read.
pub fn survey(unit: UnitRef<'_, Reader<'_>>, bodies: &Bodies, codes: &Codes<'_>) -> gimli::Result<Survey> {
    let bytes = unit.header.length_including_self();
    let work = bytes as u64 * WORK_PER_BYTE;
    let mut surveyor = Surveyor {
        unit,
        bodies,
        codes,
        work,
        ranges_left: bytes,
        survey: Survey { entries: Vec::new(), references: Vec::new(), ranges: Vec::new() },
        open: Vec::new(),
    };
    let mut raw = unit.entries_raw(None)?;
    let mut entry = DebuggingInformationEntry::null();
    while !raw.is_empty() {
        if raw.read_entry(&mut entry)? {
            surveyor.add(&entry);
        }
    }
    let end = surveyor.survey.entries.len() as u32;
    surveyor.close(isize::MIN, end);
    let mut survey = surveyor.survey;
    survey.entries.shrink_to_fit();
    survey.references.shrink_to_fit();
    Ok(survey)
}

struct Surveyor<'s, 'a> {
    unit: UnitRef<'s, Reader<'a>>,
    bodies: &'s Bodies,
    codes: &'s Codes<'s>,
    /// What is left of it.
    work: u64,
    /// The number of ranges that may still be kept.
    ranges_left: usize,
    survey: Survey,
    /// The entries that the next one is in: depth and index.
    open: Vec<(isize, u32)>,
}

impl<'a> Surveyor<'_, 'a> {
    fn add(&mut self, entry: &DebuggingInformationEntry<Reader<'a>>) {
        let index = self.survey.entries.len() as u32;
        self.close(entry.depth(), index);
        let parent = self.open.last().map_or(NONE, |(_, index)| *index);
        let (class, ranges) = self.classify(entry, parent);
        self.survey.ranges.extend(ranges);
        let (mut ty, mut origin) = (NONE, NONE);
        if class != Class::Gone {
            for attribute in entry.attrs() {
                let Some(target) = self.reference(attribute) else { continue };
                self.survey.references.push(target);
                match attribute.name() {
                    DW_AT_type => ty = target,
                    DW_AT_abstract_origin | DW_AT_specification => origin = target,
                    _ => {}
                }
            }
        }
        self.survey.entries.push(Entry {
            offset: entry.offset().0 as u32,
            parent,
            end: index + 1,
            tag: entry.tag(),
            class,
            ty,
            origin,
            references: self.survey.references.len() as u32,
            ranges: self.survey.ranges.len() as u32,
        });
        self.open.push((entry.depth(), index));
    }

    /// Ends the entries that an entry at this depth isn't in.
    fn close(&mut self, depth: isize, end: u32) {
        while let Some((open, index)) = self.open.last()
            && (*open >= depth || depth == isize::MIN)
        {
            self.survey.entries[*index as usize].end = end;
            self.open.pop();
        }
    }

    /// The entry in `.debug_info` that an attribute refers to.
    fn reference(&self, attribute: &Attribute<Reader<'a>>) -> Option<u32> {
        if attribute.name() == DW_AT_sibling {
            return None;
        }
        match attribute.value() {
            AttributeValue::UnitRef(offset) => match offset.to_unit_section_offset(&self.unit) {
                UnitSectionOffset(offset) => Some(offset as u32),
            },
            AttributeValue::DebugInfoRef(offset) => Some(offset.0 as u32),
            _ => None,
        }
    }

    fn classify(
        &mut self,
        entry: &DebuggingInformationEntry<Reader<'a>>,
        parent: u32,
    ) -> (Class, Vec<Range<u32>>) {
        let none = |class| (class, Vec::new());
        let has = |name| entry.attr(name).is_some();
        let parent = self.survey.entries.get(parent as usize);
        let at_top = parent.is_none_or(|parent| {
            matches!(parent.tag, DW_TAG_namespace | DW_TAG_module) || parent.parent == NONE
        });
        none(match entry.tag() {
            DW_TAG_compile_unit | DW_TAG_partial_unit | DW_TAG_type_unit | DW_TAG_skeleton_unit => {
                Class::Owned
            }
            DW_TAG_subprogram => match self.function(entry) {
                Some(class) => class,
                None if has(DW_AT_declaration) && !at_top => Class::Owned,
                None => Class::Standalone,
            },
            DW_TAG_inlined_subroutine
            | DW_TAG_lexical_block
            | DW_TAG_try_block
            | DW_TAG_catch_block
            | DW_TAG_with_stmt => {
                if !has(DW_AT_low_pc) && !has(DW_AT_ranges) {
                    // In an abstract function.
                    return none(if entry.tag() == DW_TAG_inlined_subroutine {
                        Class::Gone
                    } else {
                        Class::Owned
                    });
                }
                let ranges = self.scope(entry).unwrap_or_default();
                return (if ranges.is_empty() { Class::Gone } else { Class::Scope }, ranges);
            }
            DW_TAG_call_site
            | DW_TAG_call_site_parameter
            | DW_TAG_GNU_call_site
            | DW_TAG_GNU_call_site_parameter
            | DW_TAG_label
            | DW_TAG_entry_point
            | DW_TAG_imported_unit
            | DW_TAG_dwarf_procedure => Class::Gone,
            DW_TAG_variable if at_top => Class::Static,
            DW_TAG_base_type | DW_TAG_enumeration_type => Class::Wanted,
            DW_TAG_structure_type | DW_TAG_union_type | DW_TAG_class_type | DW_TAG_typedef
                if at_top
                    && has(DW_AT_name)
                    && !has(DW_AT_declaration)
                    && parent.is_none_or(|parent| parent.parent == NONE) =>
            {
                Class::Wanted
            }
            DW_TAG_imported_module if parent.is_none_or(|parent| parent.parent == NONE) => Class::Wanted,
            tag if is_standalone(tag) => Class::Standalone,
            _ => Class::Owned,
        })
    }

    /// What a function with code is; none for one without.
    fn function(&mut self, entry: &DebuggingInformationEntry<Reader<'a>>) -> Option<Class> {
        let low = match entry.attr_value(DW_AT_low_pc) {
            Some(low) => self.unit.attr_address(low).ok()??,
            None => self.ranges(entry.attr_value(DW_AT_ranges)?)?.next().ok()??.begin,
        };
        let live = || {
            let (index, body) = (!is_tombstone(low)).then(|| self.bodies.find(low))??;
            (low <= body.operators && self.codes.get(index).is_some()).then_some(Class::Function(index))
        };
        Some(live().unwrap_or(Class::Dead))
    }

    /// The native ranges of a scope in a function that was compiled.
    fn scope(&mut self, entry: &DebuggingInformationEntry<Reader<'a>>) -> Option<Vec<Range<u32>>> {
        let classes = self.open.iter().rev().map(|(_, index)| self.survey.entries[*index as usize].class);
        let mut function = None;
        for class in classes {
            match class {
                Class::Function(index) => {
                    function = Some(index);
                    break;
                }
                Class::Gone | Class::Dead => return None,
                _ => {}
            }
        }
        let codes = self.codes;
        let code = codes.get(function?)?;
        let mut wasm = Vec::new();
        if let Some(low) = entry.attr_value(DW_AT_low_pc)
            && let Some(high) = entry.attr_value(DW_AT_high_pc)
        {
            let low = self.unit.attr_address(low).ok()??;
            let high = match self.unit.attr_address(high).ok()? {
                Some(high) => high,
                None => low.checked_add(high.udata_value()?)?,
            };
            wasm.push(low..high);
        } else {
            let mut ranges = self.ranges(entry.attr_value(DW_AT_ranges)?)?;
            while let Ok(Some(range)) = ranges.next() {
                wasm.push(range.begin..range.end);
            }
        }
        wasm.retain(|range| !is_tombstone(range.start) && range.start < range.end);
        self.work(code.count(&wasm))?;
        let ranges = code.ranges(&wasm);
        self.ranges_left = self.ranges_left.checked_sub(ranges.len())?;
        Some(ranges)
    }

    /// A list of ranges; none if it takes too much work.
    fn ranges(&mut self, value: AttributeValue<Reader<'a>>) -> Option<RngListIter<Reader<'a>>> {
        let most = usize::try_from(self.work).unwrap_or(usize::MAX);
        self.work(lists::ranges(self.unit, value, most) as u64)?;
        self.unit.attr_ranges(value).ok()?
    }

    /// Does so much work; none if it is too much.
    fn work(&mut self, amount: u64) -> Option<()> {
        let left = self.work.checked_sub(amount);
        self.work = left.unwrap_or(0);
        left.map(|_| ())
    }
}

/// Whether an entry is there for others that refer to it, and not as a part of the one that it is in.
fn is_standalone(tag: DwTag) -> bool {
    matches!(
        tag,
        DW_TAG_array_type
            | DW_TAG_atomic_type
            | DW_TAG_class_type
            | DW_TAG_common_block
            | DW_TAG_const_type
            | DW_TAG_dynamic_type
            | DW_TAG_file_type
            | DW_TAG_immutable_type
            | DW_TAG_imported_declaration
            | DW_TAG_imported_module
            | DW_TAG_interface_type
            | DW_TAG_module
            | DW_TAG_namelist
            | DW_TAG_namespace
            | DW_TAG_packed_type
            | DW_TAG_pointer_type
            | DW_TAG_ptr_to_member_type
            | DW_TAG_reference_type
            | DW_TAG_restrict_type
            | DW_TAG_rvalue_reference_type
            | DW_TAG_set_type
            | DW_TAG_shared_type
            | DW_TAG_string_type
            | DW_TAG_structure_type
            | DW_TAG_subroutine_type
            | DW_TAG_template_alias
            | DW_TAG_typedef
            | DW_TAG_union_type
            | DW_TAG_unspecified_type
            | DW_TAG_volatile_type
    )
}
