//! What a build makes, in memory.

/// What a build makes.
#[derive(Default)]
pub struct Built {
    pub bytes: Vec<u8>,
    /// What goes with it: the header of a library, the import library of a DLL.
    pub companions: Vec<Companion>,
    /// What debuggers read, if that is to be apart.
    pub debug_file: Option<Vec<u8>>,
}

impl From<Vec<u8>> for Built {
    fn from(bytes: Vec<u8>) -> Built {
        Built { bytes, ..Built::default() }
    }
}

/// A file that goes with what was asked for.
#[derive(Clone, Debug)]
pub struct Companion {
    /// The name of the file.
    pub name: String,
    pub bytes: Vec<u8>,
}
