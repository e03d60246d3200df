//! What all units of a conversion share.

use crate::debug::address::Bodies;
use crate::debug::sections::Name;
use crate::escape::hides;
use crate::layout::Layout;
use crate::parse::DebugSections;
use crate::program::InstanceId;

/// What is converted.
pub struct Context<'c, 'p, 'a> {
    pub layout: &'c Layout<'p, 'a>,
    pub instance: InstanceId,
    pub bodies: &'c Bodies,
    pub sections: &'c DebugSections<'a>,
    /// Whether one of the strings that entries share isn't shown as itself.
    pub has_hidden_strings: bool,
    pub big_endian: bool,
}

/// Whether one of the strings that the entries of a module share isn't shown as itself.
pub fn has_hidden_strings(sections: &DebugSections<'_>) -> bool {
    [Name::Str, Name::LineStr].into_iter().any(|name| {
        let text = sections.section(name.text());
        text.split(|byte| *byte == 0).any(hides)
    })
}
