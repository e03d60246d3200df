//! What all units of a conversion share.

use crate::debug::address::Bodies;
use crate::layout::Layout;
use crate::parse::DebugSections;
use crate::program::InstanceId;

/// What is converted.
pub struct Context<'c, 'p, 'a> {
    pub layout: &'c Layout<'p, 'a>,
    pub instance: InstanceId,
    pub bodies: &'c Bodies,
    pub sections: &'c DebugSections<'a>,
    pub big_endian: bool,
}
