//! Where the image begins, and the extents of its parts.

/// The preferred address of an executable, which the system in fact slides: after page zero, which covers all 32-bit
/// addresses. That of a library is 0.
pub const EXECUTABLE_BASE: u64 = 0x1_0000_0000;

/// Bytes that are reserved for the header and the load commands, but for that of debug information.
pub const HEADERS_BYTES: u64 = 0x800;

/// A contiguous part of the image.
#[derive(Clone, Copy, Default, Debug)]
pub struct Extent {
    pub address: u64,
    /// Its size in memory, in bytes.
    pub bytes: u64,
    /// How many of these bytes are in the file; the others are zero.
    pub file_bytes: u64,
    /// Their offset in the file.
    pub file_offset: u64,
    pub alignment: u64,
}
