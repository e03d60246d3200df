//! Memories: their descriptors, and their initial contents as pages that the runtime moves into place.

use anyhow::Result;
use cranelift_module::{DataDescription, DataId, Module as _};
use object::SectionKind;
use object::write::Object;
use wasm_aot_abi::layout::{IMAGE_ALIGNMENT, ImageChunk, Memory};
use wasm_aot_abi::shared::Pointer;

use super::image_end::ImageEnd;
use super::word::{Location, Placed};
use super::writer::Writer;
use crate::layout::{self, MemoryBase, Symbol};
use crate::program::MemoryId;

/// The section of the chunks that are moved.
const SECTION: &str = ".wasm_aot.image";

/// The section of the chunks that are copied.
const COPIED_SECTION: &str = ".rodata.wasm_aot.image";

/// The embedded linker rounds the size of an input section up to its alignment. So the short chunk has none; it
/// follows whole pages, and this empty section makes the first of them start at a page (for lld,
/// `linker-scripts/image.ld` does).
pub fn align_pages(object: &mut Object<'static>) {
    let section = object.add_section(Vec::new(), SECTION.into(), SectionKind::ReadOnlyData);
    object.append_section_data(section, &[], IMAGE_ALIGNMENT);
}

impl Writer<'_, '_, '_> {
    pub(super) fn define_memory(&mut self, symbol: Symbol, memory: MemoryId) -> Result<()> {
        let memory = self.memory(memory)?;
        let description = self.describe(&[memory])?;
        self.define(symbol, &description)
    }

    /// The descriptor of a memory, whose initial contents it defines.
    pub(super) fn memory(&mut self, memory: MemoryId) -> Result<Memory<Placed>> {
        let (plan, layout) = (&self.program().memories[memory], self.layout.memory(memory));
        let mut chunks: Vec<ImageChunk<Placed>> = Vec::new();
        // The chunks that are copied lie side by side.
        let (mut copied, mut copied_bytes) = (None, Vec::new());
        for (index, chunk) in layout.image.iter().enumerate() {
            let unmoved;
            let chunk = match self.image_end {
                ImageEnd::None => {
                    unmoved = chunk.clone().copied();
                    &unmoved
                }
                _ => chunk,
            };
            let length = chunk.bytes.len() as u64;
            let (location, moved) = if chunk.moved {
                let short = self.short_chunk == Some((memory, index));
                let data = self.define_moved_chunk(chunk, short)?;
                (Location::Data(data, 0), length.next_multiple_of(IMAGE_ALIGNMENT))
            } else {
                let data = match copied {
                    Some(data) => data,
                    None => *copied.insert(self.module.declare_anonymous_data(false, false)?),
                };
                let location = Location::Data(data, copied_bytes.len() as i64);
                copied_bytes.extend_from_slice(&chunk.bytes);
                (location, 0)
            };
            chunks.push(ImageChunk { bytes: Pointer::to(location), offset: chunk.offset, length, moved });
        }
        if let Some(copied) = copied {
            self.define_copied_chunks(copied, copied_bytes)?;
        }
        let image = self.module.declare_anonymous_data(false, false)?;
        let description = self.describe(&chunks)?;
        self.module.define_data(image, &description)?;
        let fixed = if let MemoryBase::Constant(address) = layout.base { address } else { 0 };
        Ok(Memory::<Placed> {
            base: Pointer::to(Location::Constant(fixed)),
            size: plan.initial_bytes(),
            maximum: plan.maximum_bytes(),
            fixed_base: fixed,
            reservation: layout.reservation,
            smallest_reservation: layout.smallest_reservation,
            guard: layout.guard,
            page_size: plan.page_size(),
            image: Pointer::to(Location::Data(image, 0)),
            image_count: layout.image.len() as u64,
        })
    }

    fn define_moved_chunk(&mut self, chunk: &layout::ImageChunk, short: bool) -> Result<DataId> {
        let mut bytes = chunk.bytes.clone();
        let mut description = DataDescription::new();
        description.set_custom_section(SECTION);
        if !short {
            bytes.resize(bytes.len().next_multiple_of(IMAGE_ALIGNMENT as usize), 0);
            description.set_align(IMAGE_ALIGNMENT);
        }
        description.define(bytes.into_boxed_slice());
        let data = self.module.declare_anonymous_data(false, false)?;
        self.module.define_data(data, &description)?;
        Ok(data)
    }

    fn define_copied_chunks(&mut self, data: DataId, bytes: Vec<u8>) -> Result<()> {
        let mut description = DataDescription::new();
        // If no chunk is moved, they are ordinary constants.
        if self.image_end != ImageEnd::None {
            description.set_custom_section(COPIED_SECTION);
        }
        description.define(bytes.into_boxed_slice());
        self.module.define_data(data, &description)?;
        Ok(())
    }
}
