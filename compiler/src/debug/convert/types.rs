//! Types that are made or changed, since debuggers know nothing of linear memory.
//!
//! A pointer in linear memory has the size that it has in Wasm and counts from the memory's start. gdb and lldb take any
//! pointer type for a native address, of 8 bytes, whatever its size is said to be. So it becomes a structure
//! `wasm_ptr<T>` (of a reference as C++ has them `wasm_ref<T>`) with one member, `index`, which the scripts for debuggers show as a
//! pointer, or as what a reference refers to. The place of a *variable*
//! computes the native address, so there the type is a pointer: the type's twin.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use cranelift_entity::EntityRef as _;
use gimli::*;

use super::context::Context;
use super::die::Reference;
use super::made::Made;
use super::survey::{Class, Entry, NONE};
use super::writer::Writer;
use crate::debug::input::strings;
use crate::debug::location::Scope;
use crate::debug::sections::Name;
use crate::escape::raw;
use crate::parse::{DefinedIndex, FuncIndex};

/// How many types are looked through from one to the next. Compilers need a few.
const MOST_STEPS: u32 = 64;

/// What a pointer points to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    Data,
    Function,
}

impl<'a> Writer<'_, '_, 'a> {
    fn entry_at(&self, unit: u32, index: u32) -> Entry {
        self.marks.units[unit as usize].survey.entries[index as usize]
    }

    /// The type at an offset in `.debug_info` without qualifiers and names for it.
    fn plain(&self, mut offset: u32) -> Option<(u32, u32)> {
        for _ in 0..MOST_STEPS {
            let (unit, index) = self.marks.locate(offset)?;
            let entry = self.entry_at(unit, index);
            if !is_wrapper(entry.tag) {
                return Some((unit, index));
            }
            offset = entry.ty;
        }
        None
    }

    /// Whether the type at an offset in `.debug_info` is a pointer, possibly by another name.
    pub fn pointer(&self, offset: u32) -> Option<Pointer> {
        let (unit, index) = self.plain(offset)?;
        let entry = self.entry_at(unit, index);
        let points_to = |tag| {
            let (unit, index) = self.plain(entry.ty)?;
            Some(self.entry_at(unit, index).tag == tag)
        };
        match is_pointer(entry.tag) {
            true if points_to(DW_TAG_subroutine_type) == Some(true) => Some(Pointer::Function),
            true => Some(Pointer::Data),
            false => None,
        }
    }

    /// The type of a variable, as an offset in `.debug_info`: its own, or that of the variable of which it is an instance.
    pub fn variable_type(&self, index: u32) -> Option<u32> {
        let mut at = (self.number, index);
        for _ in 0..MOST_STEPS {
            let entry = self.entry_at(at.0, at.1);
            if entry.ty != NONE {
                return Some(entry.ty);
            }
            at = self.marks.locate(entry.origin)?;
        }
        None
    }

    /// The size in Wasm of the type at an offset in `.debug_info`, in bytes.
    pub fn type_size(&self, offset: u32) -> Option<u64> {
        let (unit, index) = self.plain(offset)?;
        let entry = self.entry_at(unit, index);
        if is_pointer(entry.tag) {
            return Some(u64::from(self.units[unit as usize].header.address_size()));
        }
        self.units[unit as usize]
            .entry(UnitOffset(entry.offset as usize))
            .ok()?
            .attr(DW_AT_byte_size)?
            .udata_value()
    }

    /// Whether the entry is a variable, whose place computes a native pointer if it is one.
    pub fn is_variable(&self, index: u32) -> bool {
        let entry = &self.survey.entries[index as usize];
        let parent = self.survey.entries.get(entry.parent as usize).map(|parent| parent.tag);
        match entry.tag {
            DW_TAG_formal_parameter => parent != Some(DW_TAG_subroutine_type),
            tag => tag == DW_TAG_variable,
        }
    }

    /// Refers to the type of a variable, which is a pointer to data, possibly by another name.
    pub fn twin(&mut self, offset: u32) {
        let Some((unit, index)) = self.marks.locate(offset) else { return };
        let twin = self.made.reference(Made::Twin(unit, index));
        self.die.reference(DW_AT_type, twin);
    }

    /// Writes a pointer in linear memory as a structure.
    pub fn write_pointer(&mut self, index: u32) {
        let entry = self.survey.entries[index as usize];
        let bytes = self.unit.header.address_size();
        let is_function = self.pointer(self.start() + entry.offset) == Some(Pointer::Function);
        let (structure, member) = match is_function {
            true => ("wasm_function", &b"table_index"[..]),
            false => (data_pointer(entry.tag), &b"index"[..]),
        };
        let mut name = format!("{structure}<{}>", self.type_name(entry.ty, MOST_STEPS));
        match self.names_left.checked_sub(name.len()) {
            Some(left) => self.names_left = left,
            None => name = format!("{structure}<(type {:#x})>", entry.ty),
        }
        self.die.clear();
        self.die.string(DW_AT_name, name.as_bytes());
        self.die.udata(DW_AT_byte_size, u64::from(bytes));
        self.offsets[index as usize] = self.add(DW_TAG_structure_type, true);
        let number = self.made.reference(Made::Unsigned(bytes));
        self.die.clear();
        self.die.string(DW_AT_name, member);
        self.die.reference(DW_AT_type, number);
        self.die.udata(DW_AT_data_member_location, 0);
        self.add(DW_TAG_member, false);
        if !is_function {
            self.die.clear();
            self.die.string(DW_AT_name, b"T");
            self.refer(DW_AT_type, entry.ty);
            self.add(DW_TAG_template_type_parameter, false);
        }
    }

    /// Writes a pointer to a member: of an object's data its offset, of its functions a number of 8 bytes, too.
    pub fn write_member_pointer(&mut self, index: u32) {
        let entry = self.survey.entries[index as usize];
        let target = self.plain(entry.ty).map(|(unit, index)| self.entry_at(unit, index).tag);
        let bytes = self.unit.header.address_size();
        let bytes = if target == Some(DW_TAG_subroutine_type) { 2 * bytes } else { bytes };
        self.die.clear();
        self.die.string(DW_AT_name, b"wasm_member_pointer");
        self.die.data1(DW_AT_encoding, DW_ATE_unsigned.0);
        self.die.udata(DW_AT_byte_size, u64::from(bytes));
        self.offsets[index as usize] = self.add(DW_TAG_base_type, false);
    }

    /// Writes a variable for the start of the linear memory.
    pub fn write_memory(&mut self) {
        let Context { layout, instance, bodies, .. } = *self.context;
        let scope = Scope::new(layout, instance, bodies, None, None);
        let Some(place) = scope.memory_address() else { return };
        let bytes = self.made.reference(Made::Bytes);
        self.die.clear();
        self.die.string(DW_AT_name, b"wasm_memory");
        self.die.reference(DW_AT_type, bytes);
        self.die.expression(DW_AT_location, &place);
        self.add(DW_TAG_variable, false);
    }

    /// Writes the types that the unit's entries need, and those that these need.
    pub fn write_made(&mut self) {
        while let Some(made) = self.made.next() {
            self.die.clear();
            let tag = match made {
                Made::Unsigned(bytes) => {
                    let name = match bytes {
                        1 => "unsigned char",
                        8 => "unsigned long long",
                        _ => "unsigned int",
                    };
                    self.die.string(DW_AT_name, name.as_bytes());
                    let encoding = if bytes == 1 { DW_ATE_unsigned_char } else { DW_ATE_unsigned };
                    self.die.data1(DW_AT_encoding, encoding.0);
                    self.die.data1(DW_AT_byte_size, bytes);
                    DW_TAG_base_type
                }
                Made::Bytes => {
                    let byte = self.made.reference(Made::Unsigned(1));
                    self.die.reference(DW_AT_type, byte);
                    self.die.data1(DW_AT_byte_size, 8);
                    DW_TAG_pointer_type
                }
                Made::Twin(unit, index) => self.prepare_twin(unit, index),
                Made::Function(index) => self.prepare_abstract(index),
            };
            let offset = self.add(tag, false);
            self.made.written(offset);
        }
    }

    fn prepare_abstract(&mut self, index: DefinedIndex) -> DwTag {
        let program = self.context.layout.program;
        let instance = &program.instances[self.context.instance];
        let func = instance.funcs[FuncIndex::new(instance.module.imported_functions + index.index())];
        self.die.string(DW_AT_name, program.funcs[func].name.as_bytes());
        if let Some(mangled) = instance.module.mangled_name(index) {
            self.die.string(DW_AT_linkage_name, mangled.as_bytes());
        }
        self.die.data1(DW_AT_inline, DW_INL_inlined.0);
        DW_TAG_subprogram
    }

    fn prepare_twin(&mut self, unit: u32, index: u32) -> DwTag {
        let entry = self.entry_at(unit, index);
        if let Some(name) = self.name(unit, index) {
            self.die.string(DW_AT_name, raw(name).as_bytes());
        }
        if is_pointer(entry.tag) {
            self.die.data1(DW_AT_byte_size, 8);
            self.refer(DW_AT_type, entry.ty);
        } else {
            self.twin(entry.ty);
        }
        entry.tag
    }

    /// The name in an entry.
    fn name(&self, unit: u32, index: u32) -> Option<&'a [u8]> {
        let unit_ref = self.units[unit as usize];
        let entry = unit_ref.entry(UnitOffset(self.entry_at(unit, index).offset as usize)).ok()?;
        strings::short(unit_ref, entry.attr_value(DW_AT_name)?).filter(|name| !name.is_empty())
    }

    /// The name of the type at an offset in `.debug_info`, as C++ has it. Types have different ones.
    fn type_name(&mut self, offset: u32, steps: u32) -> String {
        if offset == NONE {
            return "void".to_owned();
        }
        if let Some(name) = self.names.get(&offset) {
            return name.clone();
        }
        let name = self.find_name(offset, steps).unwrap_or_else(|| format!("(anonymous {offset:#x})"));
        self.names.insert(offset, name.clone());
        name
    }

    fn find_name(&mut self, offset: u32, steps: u32) -> Option<String> {
        let steps = steps.checked_sub(1)?;
        let (unit, index) = self.marks.locate(offset)?;
        let entry = self.entry_at(unit, index);
        let inner = |writer: &mut Self| writer.type_name(entry.ty, steps);
        let name = match entry.tag {
            DW_TAG_const_type => format!("const {}", inner(self)),
            DW_TAG_volatile_type => format!("volatile {}", inner(self)),
            DW_TAG_restrict_type => inner(self),
            DW_TAG_atomic_type => format!("_Atomic {}", inner(self)),
            tag if is_pointer(tag) => match self.pointer(offset)? {
                Pointer::Data => format!("{}<{}>", data_pointer(entry.tag), inner(self)),
                Pointer::Function => format!("wasm_function<{}>", inner(self)),
            },
            _ => {
                let mut name = raw(self.name(unit, index)?).into_owned();
                let mut parent = entry.parent;
                for _ in 0..steps {
                    let Some(outer) = self.marks.units[unit as usize].survey.entries.get(parent as usize)
                    else {
                        break;
                    };
                    let outer = *outer;
                    if outer.parent == NONE || matches!(outer.class, Class::Function(_) | Class::Scope) {
                        break;
                    }
                    let outer_name = self.name(unit, parent).unwrap_or(b"(anonymous namespace)");
                    name = format!("{}::{name}", raw(outer_name));
                    parent = outer.parent;
                }
                name
            }
        };
        // Names within each other could double at each step.
        Some(name).filter(|name| name.len() < 1000)
    }

    /// Adds the current entry.
    pub fn add(&mut self, tag: DwTag, has_children: bool) -> u32 {
        let info = self.sections.get(Name::Info);
        self.die.finish(tag, has_children, &mut self.abbreviations, info, &mut self.references)
    }

    /// Where the unit begins in `.debug_info`.
    pub fn start(&self) -> u32 {
        self.marks.units[self.number as usize].start
    }

    /// Adds a reference to the entry at this offset in `.debug_info`, if that is kept.
    pub fn refer(&mut self, name: DwAt, offset: u32) {
        let located = self.marks.locate(offset);
        let Some((unit, index)) = located.filter(|(unit, index)| self.marks.is_kept(*unit, *index)) else {
            return;
        };
        let reference = Reference::Entry(unit, index);
        match unit == self.number {
            true => self.die.reference(name, reference),
            false => self.die.far_reference(name, reference),
        }
    }
}

/// Whether the type is a pointer, or a reference as C++ has them.
pub fn is_pointer(tag: DwTag) -> bool {
    matches!(tag, DW_TAG_pointer_type | DW_TAG_reference_type | DW_TAG_rvalue_reference_type)
}

/// What a pointer to data in linear memory is called there.
fn data_pointer(tag: DwTag) -> &'static str {
    if tag == DW_TAG_pointer_type { "wasm_ptr" } else { "wasm_ref" }
}

/// Whether the type is another one with a qualifier or a name.
fn is_wrapper(tag: DwTag) -> bool {
    matches!(
        tag,
        DW_TAG_typedef
            | DW_TAG_const_type
            | DW_TAG_volatile_type
            | DW_TAG_restrict_type
            | DW_TAG_atomic_type
            | DW_TAG_packed_type
            | DW_TAG_immutable_type
    )
}
