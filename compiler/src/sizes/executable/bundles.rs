//! Bundles: directory trees in the executable (`wasm_aot_abi::bundle`).

use anyhow::{Context as _, Result};
use wasm_aot_abi::bundle::{Bundles, Node, Root};
use wasm_aot_abi::policy::{self as abi, Bytes};
use wasm_aot_abi::shared::{Encode, Pointer};

use super::claims::Claims;
use crate::escape::escape;
use crate::policy::image::{Image, Loaded};
use crate::sizes::names::shortened;
use crate::sizes::{Kind, Part};

/// Claims the bundles of the policy at this address.
///
/// # Errors
/// If they are damaged.
pub fn claim(policy: u64, image: &Image<'_>, claims: &mut Claims) -> Result<()> {
    let info: abi::Policy<Loaded> = image.read(policy)?;
    if info.flags & abi::Policy::BUNDLES == 0 {
        return Ok(());
    }
    let info: abi::BundlePolicy<Loaded> = image.read(policy)?;
    let bundles: Bundles<Loaded> = image.read(info.bundles.address.context("there are none")?)?;
    let contents = bundles.contents.address.unwrap_or(0);
    let names = image.octets(Bytes { data: bundles.names, length: bundles.names_length })?;
    let mut roots: Vec<(u64, String)> = Vec::new();
    for root in image.array(bundles.roots, bundles.root_count)? {
        let Root { guest, node } = root?;
        roots.push((node, escape(shortened(&image.string(guest)?)).into_owned()));
    }
    for (index, node) in (0..).zip(image.array(bundles.nodes, bundles.node_count)?) {
        let node: Node = node?;
        if node.kind != Node::FILE {
            continue;
        }
        // The nodes of a bundle follow its root.
        let root = roots.partition_point(|(start, _)| *start <= index).checked_sub(1);
        let guest = root.map_or("", |root| &*roots[root].1);
        // Names may overlap in a damaged file: no more of each is read than names in any file system have.
        let (from, length) = (node.name as usize, node.name_length.min(256) as usize);
        let name = from.checked_add(length).and_then(|end| names.get(from..end)).unwrap_or_default();
        let name = escape(shortened(&String::from_utf8_lossy(name))).into_owned();
        let start = contents.saturating_add(node.start);
        let addresses = start..start.saturating_add(node.length);
        claims.claim(addresses, Part::new(Kind::Bundles, name).within(guest));
    }
    array(claims, bundles.roots, bundles.root_count);
    array(claims, bundles.nodes, bundles.node_count);
    array(claims, bundles.names, bundles.names_length);
    Ok(())
}

/// Claims an array with the names and the structure of the trees.
fn array<T: Encode<u64>>(claims: &mut Claims, start: Pointer<u64, T>, count: u64) {
    if let (Some(start), Some(bytes)) = (start.address, count.checked_mul(T::BYTES as u64)) {
        let part = Part::new(Kind::Bundles, "names and directories");
        claims.claim(start..start.saturating_add(bytes), part);
    }
}
