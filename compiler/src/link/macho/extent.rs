//! Where the image begins, and what a piece of it is.

/// Where the image is if the system doesn't move it, which it does: behind page zero, which has all addresses of 32
/// bits.
pub const IMAGE_BASE: u64 = 0x1_0000_0000;

/// Bytes that are left for header and load commands.
pub const HEADERS_BYTES: u64 = 0x800;

/// An extent of the image.
#[derive(Clone, Copy, Default, Debug)]
pub struct Extent {
    pub address: u64,
    /// Bytes in memory.
    pub bytes: u64,
    /// How many of them are in the file; the others are zero.
    pub file_bytes: u64,
    /// Where these are in the file.
    pub file_offset: u64,
    pub alignment: u64,
}
