//! Linear memories: their types and their initial contents.

use wasmparser::MemoryType;

/// The number of bytes that a 32-bit index can reach.
pub const SPACE_32: u64 = 1 << 32;

/// A memory whose indices have 32 bits never grows to its last 64 KiB, unless it begins with them: a small step from one of its bytes
/// then never wraps to its first ones, which is what `optimise` proves by. (`memory.grow` may fail at any size.)
pub const LAST_PAGE: u64 = 1 << 16;

/// The maximum size of a 64-bit memory: no process gets more address space by default.
pub const MAXIMUM_64: u64 = 1 << 47;

pub struct MemoryPlan<'a> {
    pub ty: MemoryType,
    /// The maximum size in bytes, whatever its type says.
    limit: u64,
    /// Initial contents: segments, each with its offset, later ones over earlier ones.
    pub contents: Vec<(u64, &'a [u8])>,
}

impl<'a> MemoryPlan<'a> {
    pub fn new(ty: MemoryType, limit: Option<u64>) -> MemoryPlan<'a> {
        MemoryPlan { ty, limit: limit.unwrap_or(u64::MAX), contents: Vec::new() }
    }

    pub fn page_size(&self) -> u64 {
        1 << self.ty.page_size_log2.unwrap_or(16)
    }

    /// The initial size in bytes.
    pub fn initial_bytes(&self) -> u64 {
        self.ty.initial.saturating_mul(self.page_size())
    }

    /// The maximum size in bytes.
    pub fn maximum_bytes(&self) -> u64 {
        self.type_maximum_bytes().min(self.limit / self.page_size() * self.page_size())
    }

    /// The maximum sizes in pages, if `--max-memory` and the type allow different ones.
    pub fn limits(&self) -> Option<[u64; 2]> {
        let limits = [self.maximum_bytes(), self.type_maximum_bytes()];
        (limits[0] < limits[1]).then(|| limits.map(|bytes| bytes / self.page_size()))
    }

    /// The maximum size in bytes that the type allows.
    fn type_maximum_bytes(&self) -> u64 {
        let limit = match (self.ty.memory64, self.page_size()) {
            (true, _) => MAXIMUM_64,
            // See `LAST_PAGE`.
            (false, _) if self.initial_bytes() <= SPACE_32 - LAST_PAGE => SPACE_32 - LAST_PAGE,
            // The number of pages is a 32-bit number, too.
            (false, 1) => SPACE_32 - 1,
            (false, _) => SPACE_32,
        };
        self.ty.maximum.map_or(limit, |pages| pages.saturating_mul(self.page_size())).min(limit)
    }
}
