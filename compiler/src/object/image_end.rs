//! How the section of the initial contents of memories ends: linkers and systems differ in what they allow.

use crate::layout::Layout;
use crate::program::MemoryId;

/// How the section of the chunks ends. Its last page is moved away at start, with everything in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ImageEnd {
    /// Right after the contents: the linker places nothing that is loaded after them in their page. In the
    /// file, code may follow directly.
    Contents,
    /// At the end of a page.
    Page,
    /// There is no such section: the system can't move pages, and all chunks are copied.
    None,
}

/// A chunk by its memory, and its index in it.
pub type Chunk = (MemoryId, usize);

/// The chunk that ends without filling its page, if the linker allows that.
pub fn short_chunk(layout: &Layout<'_, '_>, end: ImageEnd) -> Option<Chunk> {
    let moved = |memory: MemoryId| {
        let image = &layout.memory(memory).image;
        Some((memory, image.iter().rposition(|chunk| chunk.moved)?))
    };
    layout.program.memories.keys().filter_map(moved).next_back().filter(|_| end == ImageEnd::Contents)
}
