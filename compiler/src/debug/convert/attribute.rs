//! Attributes that don't say where code or a variable is.

#![allow(non_upper_case_globals, reason = "DWARF's constants are written as in its specification")]

use gimli::*;

use super::types::Pointer;
use super::writer::Writer;
use crate::debug::input::{Reader, strings};
use crate::debug::sections::Name;
use crate::escape::{hides, raw};

/// Adds an attribute to the current entry, if it has a meaning in native DWARF.
pub fn convert<'a>(writer: &mut Writer<'_, '_, 'a>, index: u32, attribute: &Attribute<Reader<'a>>) {
    let name = attribute.name();
    if is_dropped(name) || writer.die.has(name) || is_name(name, index) && hidden_name(writer, attribute) {
        return;
    }
    match attribute.raw_value() {
        AttributeValue::Data1(value) => writer.die.data1(name, value),
        AttributeValue::Data2(value) => writer.die.data2(name, value),
        // In DWARF 3, these may be offsets in sections.
        AttributeValue::Data4(_) | AttributeValue::Data8(_)
            if writer.unit.header.version() < 4 && is_offset(attribute) => {}
        AttributeValue::Data4(value) => writer.die.data4(name, value),
        AttributeValue::Data8(value) => writer.die.data8(name, value),
        AttributeValue::Data16(value) => writer.die.data16(name, value),
        AttributeValue::Sdata(value) => writer.die.sdata(name, value),
        AttributeValue::Udata(value) => writer.die.udata(name, value),
        AttributeValue::Flag(true) => writer.die.flag(name),
        AttributeValue::Flag(false) => writer.die.data1(name, 0),
        AttributeValue::Block(bytes) if name == DW_AT_const_value => writer.die.block(name, bytes.slice()),
        AttributeValue::String(text) => writer.die.string(name, text.slice()),
        AttributeValue::DebugStrRef(DebugStrOffset(offset)) => shared_string(writer, name, Name::Str, offset),
        AttributeValue::DebugLineStrRef(DebugLineStrOffset(offset)) => {
            shared_string(writer, name, Name::LineStr, offset);
        }
        AttributeValue::DebugStrOffsetsIndex(index) => {
            if let Ok(offset) = writer.unit.string_offset(index) {
                shared_string(writer, name, Name::Str, offset.0);
            }
        }
        AttributeValue::UnitRef(offset) => {
            let UnitSectionOffset(offset) = offset.to_unit_section_offset(&writer.unit);
            reference(writer, index, name, offset);
        }
        AttributeValue::DebugInfoRef(offset) => reference(writer, index, name, offset.0),
        AttributeValue::Exprloc(expression) => self::expression(writer, name, expression),
        // Places in sections that aren't there, addresses, and types in other files.
        _ => {}
    }
}

/// Whether it is the name of something in the program, and not that of a file.
fn is_name(name: DwAt, index: u32) -> bool {
    index != 0 && matches!(name, DW_AT_name | DW_AT_linkage_name | DW_AT_MIPS_linkage_name)
}

/// The most bytes of a name that isn't shown as itself.
const MOST_NAME: usize = 4 << 10;

/// Adds a name as backtraces show it, if it isn't shown as itself. As many attributes can share one, what is looked at is
/// bounded; beyond that, names are left out.
fn hidden_name<'a>(writer: &mut Writer<'_, '_, 'a>, attribute: &Attribute<Reader<'a>>) -> bool {
    let is_shared = !matches!(attribute.raw_value(), AttributeValue::String(_));
    if is_shared && !writer.context.has_hidden_strings {
        return false;
    }
    let Some((text, is_whole)) = strings::start(writer.unit, attribute.value(), MOST_NAME) else {
        return false;
    };
    if is_shared {
        let Some(left) = writer.names_left.checked_sub(text.len()) else { return true };
        writer.names_left = left;
    }
    if is_whole && !hides(text) {
        return false;
    }
    let shown = raw(text);
    if let Some(left) = writer.names_left.checked_sub(shown.len()) {
        writer.names_left = left;
        writer.die.string(attribute.name(), shown.as_bytes());
    }
    true
}

/// A string in a section of strings, if it is there.
fn shared_string(writer: &mut Writer<'_, '_, '_>, name: DwAt, section: Name, offset: usize) {
    let length = writer.context.sections.section(section.text()).len();
    if offset < length {
        writer.die.shared_string(name, section, offset as u32);
    }
}

/// An expression that isn't a variable's place. Those that aren't constant would need the Wasm state.
fn expression<'a>(writer: &mut Writer<'_, '_, 'a>, name: DwAt, expression: Expression<Reader<'a>>) {
    let mut operations = expression.operations(writer.unit.encoding());
    let (Ok(Some(first)), Ok(None)) = (operations.next(), operations.next()) else { return };
    match (name, first) {
        (DW_AT_data_member_location, Operation::PlusConstant { value }) => writer.die.udata(name, value),
        // gdb expects an expression.
        (DW_AT_vtable_elem_location, Operation::UnsignedConstant { value }) => {
            let mut constant = crate::debug::sections::Section::new(writer.context.big_endian);
            constant.u8(DW_OP_constu.0);
            constant.uleb(value);
            let expression =
                crate::debug::location::Expression { bytes: constant.bytes, addresses: Vec::new() };
            writer.die.expression(name, &expression);
        }
        (DW_AT_byte_size | DW_AT_upper_bound | DW_AT_count, Operation::UnsignedConstant { value }) => {
            writer.die.udata(name, value);
        }
        _ => {}
    }
}

/// Whether the value is an offset in a section, and not a number.
fn is_offset(attribute: &Attribute<Reader<'_>>) -> bool {
    !matches!(
        attribute.value(),
        AttributeValue::Data4(_) | AttributeValue::Data8(_) | AttributeValue::Udata(_)
    )
}

/// Whether an attribute has no meaning here: it is about the form of the module's DWARF, about calls, or is written anew.
fn is_dropped(name: DwAt) -> bool {
    matches!(
        name,
        DW_AT_sibling
            | DW_AT_location
            | DW_AT_entry_pc
            | DW_AT_call_pc
            | DW_AT_call_return_pc
            | DW_AT_call_all_calls
            | DW_AT_call_all_source_calls
            | DW_AT_call_all_tail_calls
            | DW_AT_return_addr
            | DW_AT_static_link
            | DW_AT_use_location
            | DW_AT_segment
            | DW_AT_address_class
            | DW_AT_signature
            | DW_AT_macro_info
            | DW_AT_macros
            | DW_AT_str_offsets_base
            | DW_AT_addr_base
            | DW_AT_rnglists_base
            | DW_AT_loclists_base
            | DW_AT_dwo_name
    ) || (0x2111..=0x2138).contains(&name.0)
}

/// A reference to the entry at this offset in `.debug_info`, if that is kept.
fn reference(writer: &mut Writer<'_, '_, '_>, index: u32, name: DwAt, offset: usize) {
    let Ok(offset) = u32::try_from(offset) else { return };
    let is_variable = name == DW_AT_type && writer.is_variable(index);
    match is_variable && writer.pointer(offset) == Some(Pointer::Data) {
        true => writer.twin(offset),
        false => writer.refer(name, offset),
    }
}
