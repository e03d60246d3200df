//! What is known of an address.

/// A function at an address, and the place in it. What isn't known is empty or 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Demangled, but not escaped.
    pub function: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
}
