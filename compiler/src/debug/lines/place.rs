//! Places in the source, and the calls that were inlined there.

/// A place in the source. 0 is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Position {
    /// The number of the file: see `Lines::file`.
    pub file: u32,
    pub line: u32,
    pub column: u32,
}

/// A call that was inlined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlinedCall {
    /// The number of the call that it is in, less than its own; 0 if it is in none.
    pub parent: u32,
    /// The function that is called, as DWARF names it: mangled, if it is known so.
    pub name: String,
    /// Where it is called.
    pub position: Position,
}
