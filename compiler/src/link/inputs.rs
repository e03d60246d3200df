//! What linkers are given, and what they are to make of it.

/// What goes into an executable.
pub struct Inputs {
    pub object: Vec<u8>,
    /// The runtime-support archive of the target.
    pub runtime: Vec<u8>,
    /// Bytes of the program's stack, for systems that make it.
    pub stack_size: u64,
}

/// What the executable is to be like.
#[derive(Clone, Copy)]
pub struct Style {
    /// Without a symbol table.
    pub strip: bool,
    /// Whether the system may load it at any address.
    pub pie: bool,
}
