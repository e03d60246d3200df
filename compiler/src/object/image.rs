//! Memories: their descriptors, and their initial contents as pages that the runtime moves into place.

use anyhow::Result;
use cranelift_module::{DataDescription, DataId, Module as _};
use object::SectionKind;
use object::write::Object;
use wasm_aot_abi::layout::{IMAGE_ALIGNMENT, ImageChunk};

use super::Writer;
use super::data::words_to_bytes;
use crate::program::{self, MemoryBase, MemoryId, Program};
use crate::translate::Symbol;

/// Section of the chunks that are moved.
const SECTION: &str = ".wasm_aot.image";

/// Section of those that are copied.
const COPIED_SECTION: &str = ".rodata.wasm_aot.image";

/// How the section of the chunks ends. Its last page is moved away at start, with all that is in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ImageEnd {
    /// With the contents: the linker places nothing that is loaded behind them in their page. In the file, code
    /// may follow at once.
    Contents,
    /// With a whole page.
    Page,
    /// There is none: the system can't move pages, and all chunks are copied.
    None,
}

/// A chunk by its memory, and its index in it.
pub type Chunk = (MemoryId, usize);

/// The chunk that ends without filling its page, if the linker allows that.
pub fn short_chunk(program: &Program<'_>, end: ImageEnd) -> Option<Chunk> {
    let moved = |(memory, plan): (MemoryId, &program::MemoryPlan)| {
        Some((memory, plan.image.iter().rposition(|chunk| chunk.moved)?))
    };
    program.memories.iter().filter_map(moved).next_back().filter(|_| end == ImageEnd::Contents)
}

/// The embedded linker rounds the size of an input section up to its alignment. So the short chunk has none; it
/// lies behind whole pages, and it is this empty section that makes the first of them start at a page (for lld it is
/// `linker-scripts/image.ld`).
pub fn align_pages(object: &mut Object<'static>) {
    let section = object.add_section(Vec::new(), SECTION.into(), SectionKind::ReadOnlyData);
    object.append_section_data(section, &[], IMAGE_ALIGNMENT);
}

impl Writer<'_, '_, '_> {
    pub(super) fn define_memory(&mut self, symbol: Symbol, memory: MemoryId) -> Result<()> {
        let plan = &self.program().memories[memory];
        let big_endian = self.big_endian();
        let mut chunk_words = Vec::new();
        let mut chunk_data = Vec::new();
        for (index, chunk) in plan.image.iter().enumerate() {
            let copied;
            let chunk = match self.image_end {
                ImageEnd::None => {
                    copied = chunk.clone().copied();
                    &copied
                }
                _ => chunk,
            };
            let length = chunk.bytes.len() as u64;
            let moved = if chunk.moved { length.next_multiple_of(IMAGE_ALIGNMENT) } else { 0 };
            chunk_words.extend([0, chunk.offset, length, moved]);
            chunk_data.push(self.define_chunk(chunk, self.short_chunk == Some((memory, index)))?);
        }
        let chunks = self.module.declare_anonymous_data(false, false)?;
        let mut description = DataDescription::new();
        description.define(words_to_bytes(&chunk_words, big_endian));
        description.set_align(8);
        for (index, data) in chunk_data.iter().enumerate() {
            let data = self.module.declare_data_in_data(*data, &mut description);
            description.write_data_addr((index * ImageChunk::BYTES) as u32, data, 0);
        }
        self.module.define_data(chunks, &description)?;
        let fixed = if let MemoryBase::Constant(address) = plan.base { address } else { 0 };
        let mut description = DataDescription::new();
        let words = [
            fixed,
            plan.initial_bytes(),
            plan.maximum_bytes(),
            fixed,
            plan.reservation,
            plan.smallest_reservation,
            plan.guard,
            plan.page_size(),
            0,
            plan.image.len() as u64,
        ];
        description.define(words_to_bytes(&words, big_endian));
        description.set_align(8);
        let chunks = self.module.declare_data_in_data(chunks, &mut description);
        description.write_data_addr(8 * 8, chunks, 0);
        self.define(symbol, &description)
    }

    fn define_chunk(&mut self, chunk: &program::ImageChunk, short: bool) -> Result<DataId> {
        let mut bytes = chunk.bytes.clone();
        let mut description = DataDescription::new();
        // Where none is moved, they are constants as others are.
        if self.image_end != ImageEnd::None {
            description.set_custom_section(if chunk.moved { SECTION } else { COPIED_SECTION });
        }
        if chunk.moved && !short {
            bytes.resize(bytes.len().next_multiple_of(IMAGE_ALIGNMENT as usize), 0);
            description.set_align(IMAGE_ALIGNMENT);
        }
        description.define(bytes.into_boxed_slice());
        let data = self.module.declare_anonymous_data(false, false)?;
        self.module.define_data(data, &description)?;
        Ok(data)
    }
}
