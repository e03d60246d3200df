//! Where linear memories live, what keeps accesses inside them, and how their initial contents lie in the executable.

use std::cmp::Reverse;

use cranelift_entity::{PrimaryMap, SecondaryMap};
use wasm_aot_abi::gc;
use wasm_aot_abi::layout::{IMAGE_ALIGNMENT, Memory};

use crate::facts::Facts;
use crate::program::{MAXIMUM_64, MemoryId, MemoryPlan, Program, SPACE_32};

/// How compiled code finds byte 0 of a memory. All knowledge of addresses starts here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryBase {
    /// At an address known at compile time, see `targets::Target::memory_base`.
    Constant(u64),
    /// At the address stored in the memory's descriptor. `fixed`: it never changes once the
    /// program runs.
    Symbol { fixed: bool },
}

/// How memories are protected.
#[derive(Clone, Copy, Debug)]
pub struct MemoryOptions {
    /// Reserve the whole index range and a guard, so that no access needs a check.
    pub guard: bool,
    /// Constant base of the first memory, if the target has one.
    pub base: Option<u64>,
}

/// What keeps an access inside its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// The reservation covers every index with every offset: accesses outside the memory fault.
    Guard,
    /// The index is compared with the size; the guard covers the offset.
    Index,
    /// The end of the access is compared with the size.
    End,
}

/// The most that is initially reserved for a memory whose accesses are checked, in bytes. The runtime makes
/// do with less where it must, and extends the reservation when the memory grows beyond it. (Emulators that
/// keep a record of each page, such as qemu, can't handle reservations of terabytes.)
const FIRST_SPACE: u64 = 1 << 32;

/// Where a memory lives.
pub struct MemoryLayout {
    pub base: MemoryBase,
    /// Bytes of address space, guard included; 0 if the memory moves when it grows.
    pub reservation: u64,
    /// The smallest reservation that the program can work with; the initial size if the memory moves.
    pub smallest_reservation: u64,
    /// Bytes of the guard region behind the largest size; 0 if each access is checked to its end.
    pub guard: u64,
    /// Whether its indices have 64 bits.
    wide: bool,
    /// Initial contents, ascending, not overlapping.
    pub image: Vec<ImageChunk>,
}

/// The layout of every memory.
pub fn lay_out(
    program: &Program<'_>,
    facts: &Facts,
    options: MemoryOptions,
) -> PrimaryMap<MemoryId, MemoryLayout> {
    // In a program with objects, linear memory lies outside their address space.
    let base = options.base.map(|base| if facts.uses_gc() { gc::MEMORY_BASE.max(base) } else { base });
    let options = MemoryOptions { base, ..options };
    let busiest = busiest(program, facts);
    let memories = program.memories.iter();
    memories.map(|(memory, plan)| MemoryLayout::new(plan, options, Some(memory) == busiest)).collect()
}

/// The memory whose address is worth most: the one that most code uses first; the first one among equals.
fn busiest(program: &Program<'_>, facts: &Facts) -> Option<MemoryId> {
    let mut bytes = SecondaryMap::<MemoryId, u64>::new();
    for func in facts.reachable() {
        let Some((instance, index)) = program.wasm(func) else { continue };
        if let Some(memory) = instance.memories.values().next() {
            let range = instance.module.defined[index].body.range();
            bytes[*memory] += range.end - range.start;
        }
    }
    program.memories.keys().max_by_key(|memory| (bytes[*memory], Reverse(*memory)))
}

impl MemoryLayout {
    fn new(plan: &MemoryPlan<'_>, options: MemoryOptions, first: bool) -> MemoryLayout {
        // Other threads hold addresses in a shared memory while it grows, so it never moves.
        let fixed = options.guard || plan.ty.shared;
        let base = match options.base {
            Some(base) if first && options.guard => MemoryBase::Constant(base),
            _ => MemoryBase::Symbol { fixed },
        };
        let mut layout = MemoryLayout {
            base,
            reservation: 0,
            smallest_reservation: 0,
            guard: 0,
            wide: plan.ty.memory64,
            image: image(&plan.contents, first),
        };
        // The system protects whole pages of its own, so a memory that may end inside one has no guard.
        if options.guard && plan.page_size().is_multiple_of(Memory::GRANULE) {
            layout.guard = Memory::GUARD;
        }
        let granules = |bytes: u64| bytes.min(MAXIMUM_64).next_multiple_of(Memory::GRANULE);
        if !fixed {
            layout.smallest_reservation = granules(plan.initial_bytes().max(1));
        } else {
            let (most, least) = if layout.bounds(0) == Bounds::Guard {
                (SPACE_32, SPACE_32)
            } else {
                (granules(plan.maximum_bytes().min(FIRST_SPACE)), granules(plan.initial_bytes()))
            };
            // The system maps nothing of no size.
            layout.reservation = (most.max(least) + layout.guard).max(Memory::GRANULE);
            layout.smallest_reservation = (least + layout.guard).max(Memory::GRANULE);
        }
        layout
    }

    /// What keeps an access with this static offset inside the memory.
    pub fn bounds(&self, offset: u64) -> Bounds {
        match self.guard != 0 && offset <= Memory::GUARDED_OFFSET {
            true if self.wide => Bounds::Index,
            true => Bounds::Guard,
            false => Bounds::End,
        }
    }
}

/// A part of the initial contents. See `wasm_aot_abi::layout::ImageChunk`.
#[derive(Clone)]
pub struct ImageChunk {
    pub offset: u64,
    /// The bytes, up to the last one that isn't zero.
    pub bytes: Vec<u8>,
    /// Whether its pages are moved into place; otherwise its bytes are copied.
    pub moved: bool,
}

impl ImageChunk {
    /// Whether it is less than a page from the first byte that isn't zero to the last.
    fn is_small(&self) -> bool {
        let first = self.bytes.iter().position(|byte| *byte != 0).unwrap_or(0);
        ((self.bytes.len() - first) as u64) < IMAGE_ALIGNMENT
    }

    /// Its whole pages, to be moved, and what is before and behind these, to be copied.
    fn split(self) -> impl Iterator<Item = ImageChunk> {
        let ImageChunk { offset, bytes, .. } = self;
        let end = offset + bytes.len() as u64;
        let pages = (offset.next_multiple_of(IMAGE_ALIGNMENT), end / IMAGE_ALIGNMENT * IMAGE_ALIGNMENT);
        let parts = if pages.0 < pages.1 {
            [(offset, pages.0, false), (pages.0, pages.1, true), (pages.1, end, false)]
        } else {
            [(offset, end, false), (end, end, false), (end, end, false)]
        };
        parts.into_iter().map(move |(start, end, moved)| {
            let bytes = bytes[(start - offset) as usize..(end - offset) as usize].to_vec();
            ImageChunk { offset: start, bytes, moved }
        })
    }

    /// The chunk without its trailing zeroes; none if it has nothing else.
    fn trimmed(mut self) -> Option<ImageChunk> {
        let last = self.bytes.iter().rposition(|byte| *byte != 0)?;
        self.bytes.truncate(last + 1);
        Some(self)
    }

    /// Makes it a chunk that is copied, without its leading zeroes.
    pub fn copied(mut self) -> ImageChunk {
        let first = self.bytes.iter().position(|byte| *byte != 0).unwrap_or(0);
        self.bytes.drain(..first);
        ImageChunk { offset: self.offset + first as u64, bytes: self.bytes, moved: false }
    }
}

/// If there are more small chunks than this, they are copied: a page of the file, and the system calls that
/// move it, would be too much for each of many.
const MOVED_SMALL_CHUNKS: usize = 8;

/// Whole pages are laid out as long as they take at most this many bytes for each byte of the segments,
const PAGES_PER_BYTE: u64 = 8;

/// plus this many: for the first memory, and for any other.
const FREE_PAGES: [u64; 2] = [8 * IMAGE_ALIGNMENT, IMAGE_ALIGNMENT];

/// Otherwise, gaps of this many bytes between segments are left out.
const GAP: u64 = 64;

/// Lays out segments (offset, bytes) in chunks, later segments over earlier ones. The size of the chunks is
/// proportional to that of the segments, wherever these lie.
fn image(segments: &[(u64, &[u8])], first: bool) -> Vec<ImageChunk> {
    let mut segments: Vec<(u64, &[u8])> = segments.to_vec();
    segments.retain(|(_, bytes)| !bytes.is_empty());
    let floor = |at: u64| at / IMAGE_ALIGNMENT * IMAGE_ALIGNMENT;
    let pages = ranges(&segments, 0, |start, end| (floor(start), floor(end - 1) + IMAGE_ALIGNMENT));
    let contents: u64 = segments.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let most = contents * PAGES_PER_BYTE + FREE_PAGES[usize::from(!first)];
    if pages.iter().map(|(start, end)| end - start).sum::<u64>() > most {
        let chunks = fill(ranges(&segments, GAP, |start, end| (start, end)), &segments);
        return chunks.into_iter().flat_map(ImageChunk::split).filter_map(ImageChunk::trimmed).collect();
    }
    let chunks: Vec<ImageChunk> =
        fill(pages, &segments).into_iter().filter_map(ImageChunk::trimmed).collect();
    if chunks.iter().filter(|chunk| chunk.is_small()).count() <= MOVED_SMALL_CHUNKS {
        return chunks;
    }
    chunks.into_iter().map(|chunk| if chunk.is_small() { chunk.copied() } else { chunk }).collect()
}

/// The ranges that the segments cover, each `rounded`, ascending; ranges less than `gap` apart are merged.
fn ranges(segments: &[(u64, &[u8])], gap: u64, rounded: impl Fn(u64, u64) -> (u64, u64)) -> Vec<(u64, u64)> {
    let ends = |(at, bytes): &(u64, &[u8])| rounded(*at, at + bytes.len() as u64);
    let mut all: Vec<(u64, u64)> = segments.iter().map(ends).collect();
    all.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (start, end) in all {
        match merged.last_mut() {
            Some(last) if start <= last.1 + gap => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// Chunks for these ranges with the contents of the segments. Each segment lies within one range.
fn fill(ranges: Vec<(u64, u64)>, segments: &[(u64, &[u8])]) -> Vec<ImageChunk> {
    let chunk = |(start, end): (u64, u64)| ImageChunk {
        offset: start,
        bytes: vec![0; (end - start) as usize],
        moved: start.is_multiple_of(IMAGE_ALIGNMENT),
    };
    let mut chunks: Vec<ImageChunk> = ranges.into_iter().map(chunk).collect();
    for (at, bytes) in segments {
        let index = chunks.partition_point(|chunk| chunk.offset <= *at) - 1;
        let chunk = &mut chunks[index];
        let start = (at - chunk.offset) as usize;
        chunk.bytes[start..start + bytes.len()].copy_from_slice(bytes);
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_merges_pages_and_keeps_order() {
        let chunks = image(
            &[(10, b"abc"), (8190, b"xy"), (11, b"Z"), (100_000, b"far\0"), (5, b""), (1 << 20, b"\0")],
            true,
        );
        assert_eq!(chunks.len(), 2);
        assert_eq!((chunks[0].offset, chunks[0].bytes.len()), (0, 8192));
        assert_eq!(&chunks[0].bytes[10..13], b"aZc");
        assert_eq!(&chunks[0].bytes[8190..8192], b"xy");
        let before = 100_000 % 4096;
        assert_eq!((chunks[1].offset, chunks[1].bytes.len()), (100_000 - before as u64, before + 3));
        assert_eq!(&chunks[1].bytes[before..], b"far");
        assert!(chunks.iter().all(|chunk| chunk.moved));
    }

    /// One byte in each of 30,000 pages that follow each other, and a large segment among them.
    #[test]
    fn sparse_pages_take_what_is_in_them() {
        let large = [3; 10_000];
        let mut segments: Vec<(u64, &[u8])> = (0..30_000).map(|page| (page * 4096 + 99, &b"x"[..])).collect();
        segments.push((50 * 4096 + 100, &large));
        let chunks = image(&segments, true);
        assert!(chunks.is_sorted_by(|a, b| a.offset + a.bytes.len() as u64 <= b.offset));
        let total: usize = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
        assert_eq!(total, 10_000 + 30_000 - 2);
        let moved: Vec<_> = chunks.iter().filter(|chunk| chunk.moved).collect();
        assert_eq!(moved.len(), 1);
        assert_eq!((moved[0].offset, moved[0].bytes.len()), (51 * 4096, 4096));
        // The large one is applied last, so its bytes remain.
        assert!(moved[0].bytes.iter().all(|byte| *byte == 3));
        assert_eq!((chunks[0].offset, chunks[0].bytes.as_slice()), (99, &b"x"[..]));
    }

    #[test]
    fn many_small_chunks_are_copied() {
        let large = [1; 5000];
        let mut segments: Vec<(u64, &[u8])> = (1..10).map(|i| (i * 0x1_0000 + 7, &b"small"[..])).collect();
        segments.push((0, &large));
        let chunks = image(&segments, true);
        assert_eq!(chunks.len(), 10);
        assert!(chunks[0].moved && chunks[1..].iter().all(|chunk| !chunk.moved));
        assert_eq!((chunks[1].offset, &chunks[1].bytes[..]), (0x1_0007, &b"small"[..]));
    }
}
