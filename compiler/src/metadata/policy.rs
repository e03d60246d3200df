//! Puts the policy into a section of its own, where `inspect` finds it.

use anyhow::Result;
use object::write::SectionId;
use object::{BinaryFormat, SectionKind};
use wasm_aot_abi::policy::{self as abi, BundlePolicy, NetworkPolicy};
use wasm_aot_abi::shared::{Pointer, Store};
use wasm_aot_abi::symbols;

use super::encoder::{Encoder, Reference, Symbolic};
use super::{bundle, fuel};
use crate::layout::Layout;
use crate::policy::binary::{self, Encoded, Needs};
use crate::policy::{MACHO_SECTION, MACHO_SEGMENT, Policy};

/// # Errors
/// If the bundles are too large.
pub fn add(
    encoder: &mut Encoder<'_>,
    layout: &Layout<'_, '_>,
    policy: &Policy,
) -> Result<Reference<abi::Policy<Symbolic>>> {
    let needs = Needs {
        directories: layout.facts.uses_directories(),
        component: layout.program.is_component(),
        server: layout.program.is_server(),
        network: layout.facts.uses_network(),
        fuel: fuel::counter(encoder),
    };
    let add_bundles = |encoder: &mut Encoder<'_>| bundle::add(encoder, &policy.bundles);
    let Encoded { policy, bundles, network } = binary::encode(policy, needs, encoder, add_bundles)?;
    let open = encoder.import_if(bundles.is_some(), symbols::OPEN_BUNDLES);
    let section = section(encoder);
    Ok(match (network, bundles, open) {
        (Some(network), bundles, open) => {
            let bundles = bundles.unwrap_or(Pointer::NULL);
            encoder.add_to(section, &[NetworkPolicy { policy, bundles, open, network }]).cast()
        }
        (None, Some(bundles), Some(open)) => {
            encoder.add_to(section, &[BundlePolicy { policy, bundles, open }]).cast()
        }
        _ => encoder.add_to(section, &[policy]),
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
