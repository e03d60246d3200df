//! How a program prints the results of the function that `--invoke` names.

/// What a reference refers to. Compiled code passes the number to `symbols::PRINT_REFERENCE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Reference {
    Any = 0,
    Func = 1,
    Extern = 2,
    Exn = 3,
}

impl Reference {
    /// The name for a number.
    pub const NAMES: [&str; 4] = ["anyref", "funcref", "externref", "exnref"];
}
