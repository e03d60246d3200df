//! What the expressions of a function's variables have in common.

use super::timeline::Timelines;
use crate::debug::address::{Bodies, Code};
use crate::debug::input::Reader;
use crate::layout::Layout;
use crate::program::InstanceId;

/// A value of an attribute in a module's DWARF.
pub type Value<'a> = gimli::AttributeValue<Reader<'a>>;

/// What is to be known of a variable's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Whether it is a pointer or a reference to data in linear memory. Its place then computes the native address.
    pub pointer: bool,
    /// The size in Wasm, in bytes.
    pub bytes: Option<u64>,
}

/// What an expression refers to.
pub struct Scope<'s, 'p, 'a> {
    pub layout: &'s Layout<'p, 'a>,
    pub instance: InstanceId,
    pub bodies: &'s Bodies,
    pub code: Option<&'s Code<'s>>,
    pub frame_base: Option<Value<'a>>,
    pub timelines: Timelines,
}

impl<'s, 'p, 'a> Scope<'s, 'p, 'a> {
    /// `code`: the function whose variables it is about; none for those outside of functions. `frame_base`: the function's
    /// `DW_AT_frame_base`.
    pub fn new(
        layout: &'s Layout<'p, 'a>,
        instance: InstanceId,
        bodies: &'s Bodies,
        code: Option<&'s Code<'s>>,
        frame_base: Option<Value<'a>>,
    ) -> Scope<'s, 'p, 'a> {
        let timelines = Timelines::new(code.map_or(0, |code| code.bytes() as usize));
        Scope { layout, instance, bodies, code, frame_base, timelines }
    }
}
