//! `.eh_frame` (Linux Standard Base, "Exception Frames"): an entry for each function, which linkers look up by a sorted
//! table (`.eh_frame_hdr`).

use anyhow::{Context, Result, anyhow};
use cranelift_object::ObjectProduct;
use gimli::constants::{DW_EH_PE_pcrel, DW_EH_PE_sdata4};
use gimli::write::{
    Address, CallFrameInstruction as Rule, CommonInformationEntry, EhFrame, EndianVec, FrameDescriptionEntry,
    FrameTable, RelocateWriter, Relocation,
};
use gimli::{DwEhPe, Encoding, Format, RunTimeEndian};
use object::write::SymbolId;
use object::{RelocationEncoding, RelocationFlags, RelocationKind, SectionKind};
use target_lexicon::Architecture;

use super::rules::Machine;
use super::{Function, aarch64, riscv64, s390x, x86_64};

/// Bytes of an address.
const ADDRESS_BYTES: u8 = 8;
/// Distances fit into a displacement of the code.
const ADDRESSES: DwEhPe = DwEhPe(DW_EH_PE_pcrel.0 | DW_EH_PE_sdata4.0);
/// Registers are saved at multiples of this, below the CFA.
const SAVED_BYTES: i8 = -8;

/// None, if there is no code for the architecture.
pub fn machine(architecture: Architecture) -> Option<&'static Machine> {
    match architecture {
        Architecture::X86_64 => Some(&x86_64::MACHINE),
        Architecture::Aarch64(_) => Some(&aarch64::MACHINE),
        Architecture::Riscv64(_) => Some(&riscv64::MACHINE),
        Architecture::S390x => Some(&s390x::MACHINE),
        _ => None,
    }
}

/// Adds the table of functions, in order.
///
/// # Errors
/// If nothing is known of the architecture.
pub fn add(
    product: &mut ObjectProduct,
    architecture: Architecture,
    big_endian: bool,
    functions: &[Function<'_>],
) -> Result<()> {
    let machine =
        machine(architecture).with_context(|| format!("no unwind tables are known for {architecture}"))?;
    let encoding = Encoding { format: Format::Dwarf32, version: 1, address_size: ADDRESS_BYTES };
    let mut common =
        CommonInformationEntry::new(encoding, machine.instruction_bytes, SAVED_BYTES, machine.return_address);
    common.fde_address_encoding = ADDRESSES;
    for rule in machine.at_entry {
        common.add_instruction(rule.clone());
    }
    let mut table = FrameTable::default();
    let common = table.add_cie(common);
    for (index, function) in functions.iter().enumerate() {
        let address = Address::Symbol { symbol: index, addend: 0 };
        let mut entry = FrameDescriptionEntry::new(address, function.bytes());
        if function.is_outermost {
            entry.add_instruction(0, Rule::Undefined(machine.return_address));
        }
        let is_return = |rule: &Rule| match rule {
            Rule::Offset(register, _) | Rule::Restore(register) => *register == machine.return_address,
            _ => false,
        };
        for (offset, rule) in machine.rules(function) {
            if !(function.is_outermost && is_return(&rule)) {
                entry.add_instruction(offset, rule);
            }
        }
        table.add_fde(common, entry);
    }
    let mut written = EhFrame(Relocated {
        bytes: EndianVec::new(if big_endian { RunTimeEndian::Big } else { RunTimeEndian::Little }),
        relocations: Vec::new(),
    });
    table.write_eh_frame(&mut written).map_err(|error| anyhow!("unwind tables: {error}"))?;
    let symbols: Vec<SymbolId> = functions.iter().map(|function| function.symbol).collect();
    place(product, written.0, &symbols)
}

/// Puts the table into the object.
fn place(product: &mut ObjectProduct, table: Relocated, symbols: &[SymbolId]) -> Result<()> {
    let object = &mut product.object;
    let section = object.add_section(Vec::new(), b".eh_frame".to_vec(), SectionKind::ReadOnlyData);
    object.append_section_data(section, table.bytes.slice(), ADDRESS_BYTES.into());
    for (offset, index) in table.relocations {
        let flags = RelocationFlags::Generic {
            kind: RelocationKind::Relative,
            encoding: RelocationEncoding::Generic,
            size: 32,
        };
        let symbol = symbols[index];
        object.add_relocation(section, object::write::Relocation { offset, symbol, addend: 0, flags })?;
    }
    Ok(())
}

/// A table in which addresses are missing: the offset of each, and the index of the function that it is of.
struct Relocated {
    bytes: EndianVec<RunTimeEndian>,
    relocations: Vec<(u64, usize)>,
}

impl RelocateWriter for Relocated {
    type Writer = EndianVec<RunTimeEndian>;

    fn writer(&self) -> &Self::Writer {
        &self.bytes
    }

    fn writer_mut(&mut self) -> &mut Self::Writer {
        &mut self.bytes
    }

    fn relocate(&mut self, relocation: Relocation) {
        if let gimli::write::RelocationTarget::Symbol(index) = relocation.target {
            self.relocations.push((relocation.offset as u64, index));
        }
    }
}
