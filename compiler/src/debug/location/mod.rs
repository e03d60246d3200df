//! Places of variables: DWARF expressions and location lists for Wasm to native ones. What can't be expressed has no place:
//! debuggers then say that it is optimized out, and never show a wrong value.

use std::ops::Range;

use gimli::UnitRef;

use super::address::{Bodies, Code};
use super::input::Reader;
use crate::layout::{Layout, Symbol};
use crate::program::InstanceId;

/// A value of an attribute in a module's DWARF.
pub type Value<'a> = gimli::AttributeValue<Reader<'a>>;

/// A native DWARF expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expression {
    pub bytes: Vec<u8>,
    /// The addresses in it, of 8 bytes each, which are 0 in `bytes`: offset, symbol and addend.
    pub addresses: Vec<(u32, Symbol, i64)>,
}

/// Where a variable is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Everywhere(Expression),
    /// In each range of the function's code, ascending.
    List(Vec<(Range<u32>, Expression)>),
}

/// What an expression refers to.
pub struct Scope<'s, 'p, 'a> {
    pub layout: &'s Layout<'p, 'a>,
    pub instance: InstanceId,
    pub bodies: &'s Bodies,
    /// The function whose variable it is; none for one outside of functions.
    pub code: Option<&'s Code<'s>>,
    /// `DW_AT_frame_base` of that function.
    pub frame_base: Option<Value<'a>>,
}

/// The place of a variable, given its `DW_AT_location`. For a pointer, the place computes the native address.
pub fn place<'a>(
    _scope: &Scope<'_, '_, 'a>,
    _unit: UnitRef<'_, Reader<'a>>,
    _location: &Value<'a>,
    _is_pointer: bool,
) -> Option<Place> {
    None
}
