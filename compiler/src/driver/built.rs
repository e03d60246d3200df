//! What a build makes, in memory.

/// What a build makes.
#[derive(Default)]
pub struct Built {
    pub bytes: Vec<u8>,
    /// What goes with it: the header of a library, the import library of a DLL.
    pub companions: Vec<Companion>,
}

/// A file that goes with what was asked for.
#[derive(Clone, Debug)]
pub struct Companion {
    /// The name of the file.
    pub name: String,
    pub bytes: Vec<u8>,
}
