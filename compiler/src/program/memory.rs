//! Linear memories: their types and what they hold at first.

use wasmparser::MemoryType;

/// Bytes that a 32-bit index can reach.
pub const SPACE_32: u64 = 1 << 32;

/// Largest size of a 64-bit memory: no process gets more address space without asking for it.
pub const MAXIMUM_64: u64 = 1 << 47;

pub struct MemoryPlan<'a> {
    pub ty: MemoryType,
    /// Most bytes that it may have, whatever its type says.
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

    /// Initial size in bytes.
    pub fn initial_bytes(&self) -> u64 {
        self.ty.initial.saturating_mul(self.page_size())
    }

    /// Largest size in bytes.
    pub fn maximum_bytes(&self) -> u64 {
        self.type_maximum_bytes().min(self.limit / self.page_size() * self.page_size())
    }

    /// The largest sizes in pages, if `--max-memory` and the type allow different ones.
    pub fn limits(&self) -> Option<[u64; 2]> {
        let limits = [self.maximum_bytes(), self.type_maximum_bytes()];
        (limits[0] < limits[1]).then(|| limits.map(|bytes| bytes / self.page_size()))
    }

    /// Largest size in bytes that the type allows.
    fn type_maximum_bytes(&self) -> u64 {
        let limit = match (self.ty.memory64, self.page_size()) {
            (true, _) => MAXIMUM_64,
            // The number of pages has 32 bits, too.
            (false, 1) => SPACE_32 - 1,
            (false, _) => SPACE_32,
        };
        self.ty.maximum.map_or(limit, |pages| pages.saturating_mul(self.page_size())).min(limit)
    }
}
