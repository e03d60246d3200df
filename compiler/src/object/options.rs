//! What may differ between the objects of one program.

use super::image_end::ImageEnd;

/// The choices about an object.
#[derive(Clone, Copy)]
pub struct Options {
    pub image_end: ImageEnd,
    /// Whether an ELF object has unwind tables. Those for Windows always have.
    pub unwind_tables: bool,
    /// Whether memories that grow tell the system that they belong in core dumps.
    pub core_dumps: bool,
    /// Bytes before the code that are never executed.
    pub code_offset: u32,
}
