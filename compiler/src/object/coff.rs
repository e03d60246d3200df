//! Relocations of COFF objects for aarch64 that cranelift-object doesn't write: those of the two instructions that
//! compute an address.

use anyhow::{Result, bail};
use cranelift_codegen::binemit::Reloc;
use cranelift_object::ObjectProduct;
use object::write::{Relocation, SymbolId};
use object::{RelocationFlags, pe};
use target_lexicon::BinaryFormat;

use crate::codegen;
use crate::layout::Symbol;

/// A relocation that is added to the finished object.
pub struct Later {
    /// The function that it is in, and its offset there.
    pub function: Symbol,
    pub offset: u32,
    pub target: Symbol,
    kind: u16,
}

impl Later {
    /// Converts a function's relocation, if it is one of these.
    pub fn new(
        format: BinaryFormat,
        function: Symbol,
        relocation: &codegen::Relocation,
        target: Symbol,
    ) -> Result<Option<Later>> {
        let kind = match relocation.kind {
            _ if format != BinaryFormat::Coff => return Ok(None),
            Reloc::Aarch64AdrPrelPgHi21 => pe::IMAGE_REL_ARM64_PAGEBASE_REL21,
            Reloc::Aarch64AddAbsLo12Nc => pe::IMAGE_REL_ARM64_PAGEOFFSET_12A,
            _ => return Ok(None),
        };
        if relocation.addend != 0 {
            bail!("an address with the addend {} in an object for aarch64-windows", relocation.addend);
        }
        Ok(Some(Later { function, offset: relocation.offset, target, kind }))
    }

    pub fn add(&self, product: &mut ObjectProduct, function: SymbolId, target: SymbolId) -> Result<()> {
        let place = product.object.symbol(function);
        let (Some(section), start) = (place.section.id(), place.value) else {
            bail!("a function without code")
        };
        let flags = RelocationFlags::Coff { typ: self.kind };
        let offset = start + u64::from(self.offset);
        product.object.add_relocation(section, Relocation { offset, symbol: target, addend: 0, flags })?;
        Ok(())
    }
}
