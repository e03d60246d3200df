//! Puts the policy into a section of its own, where `inspect` finds it.

use anyhow::Result;
use object::write::SectionId;
use object::{BinaryFormat, SectionKind};
use wasm_aot_abi::policy::{self as abi, BundlePolicy};
use wasm_aot_abi::shared::Store;
use wasm_aot_abi::symbols;

use super::encoder::{Encoder, Reference, Symbolic};
use super::{bundle, fuel};
use crate::facts::Facts;
use crate::policy::binary::{self, Needs};
use crate::policy::{MACHO_SECTION, MACHO_SEGMENT, Policy};

/// # Errors
/// If the bundles are too large.
pub fn add(
    encoder: &mut Encoder<'_>,
    facts: &Facts,
    policy: &Policy,
) -> Result<Reference<abi::Policy<Symbolic>>> {
    let needs = Needs { directories: facts.uses_directories(), fuel: fuel::counter(encoder) };
    let add_bundles = |encoder: &mut Encoder<'_>| bundle::add(encoder, &policy.bundles);
    let (info, bundles) = binary::encode(policy, needs, encoder, add_bundles)?;
    Ok(match bundles {
        None => {
            let section = section(encoder);
            encoder.add_to(section, &[info])
        }
        Some(bundles) => {
            let open = encoder.import(symbols::OPEN_BUNDLES);
            let section = section(encoder);
            encoder.add_to(section, &[BundlePolicy { policy: info, bundles, open }]).cast()
        }
    })
}

/// Adds the section of the policy to the object.
fn section(encoder: &mut Encoder<'_>) -> SectionId {
    let (segment, name) = match encoder.object.format() {
        BinaryFormat::MachO => (MACHO_SEGMENT, MACHO_SECTION),
        _ => ("", abi::SECTION),
    };
    encoder.object.add_section(segment.into(), name.into(), SectionKind::Data)
}
