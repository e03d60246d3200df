//! The inputs of linkers, and the options for the executable.

/// What goes into an executable.
pub struct Inputs {
    pub object: Vec<u8>,
    /// The runtime-support archive of the target.
    pub runtime: Vec<u8>,
    /// Size of the program's stack in bytes, for systems that allocate it.
    pub stack_size: u64,
}

/// The options for the executable.
#[derive(Clone, Copy)]
pub struct Style {
    /// Whether to leave out the symbol table.
    pub strip: bool,
    /// Whether the system may load the executable at any address.
    pub pie: bool,
}
