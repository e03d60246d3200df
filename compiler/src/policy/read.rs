//! Reads the policy out of an executable: the data that the runtime itself reads
//! (`wasm_aot_abi::policy`). The executable may come from anywhere: nothing in it is trusted, and nothing panics.

use anyhow::{Context, Result, bail};
use object::{Architecture, BinaryFormat, Object as _, ObjectSection as _};
use wasm_aot_abi::bundle::{Bundles, Node, Root};
use wasm_aot_abi::policy as abi;

use super::image::{Image, Loaded};
use super::table::Policy;
use super::{MACHO_SECTION, binary, network_binary};
use crate::targets::{TARGETS, Target};

/// The first bytes of executables: ELF, PE, and Mach-O for 64-bit little-endian machines.
const MAGICS: [&[u8]; 3] = [b"\x7fELF", b"MZ", &object::macho::MH_MAGIC_64.to_le_bytes()];

/// Whether bytes begin as an executable does.
pub fn is_executable(bytes: &[u8]) -> bool {
    MAGICS.iter().any(|magic| bytes.starts_with(magic))
}

/// What an executable says about itself.
pub struct Executable {
    /// The name of the target.
    pub target: &'static str,
    pub policy: Policy,
    pub bundles: Vec<BundleSummary>,
}

/// What is known about a bundle in an executable.
pub struct BundleSummary {
    pub guest: String,
    pub files: u64,
    /// Total size of the files.
    pub bytes: u64,
}

/// Reads an executable that wasm-aot made.
///
/// # Errors
/// If it isn't one, or comes from a version with another layout of policies.
pub fn executable(bytes: &[u8]) -> Result<Executable> {
    let file = object::File::parse(bytes).context("this isn't an executable that can be read")?;
    let Some(at) = policy_at(bytes, &file) else {
        bail!("this executable wasn't made by wasm-aot: it has no section {}", abi::SECTION);
    };
    if file.kind() == object::ObjectKind::Relocatable {
        bail!("this is an object (--emit obj); its policy can be read once it is linked");
    }
    let architecture = match file.architecture() {
        Architecture::X86_64 => "x86_64",
        Architecture::Aarch64 => "aarch64",
        Architecture::Riscv64 => "riscv64",
        Architecture::S390x => "s390x",
        other => bail!("no target of wasm-aot has the architecture {other:?}"),
    };
    let fits =
        |target: &&Target| target.name.starts_with(architecture) && target.format.binary() == file.format();
    let target = TARGETS.iter().find(fits);
    let target = target.context("no target of wasm-aot has this architecture")?.name;
    let image = Image::new(bytes, &file)?;
    // The version is the first field in every version.
    let version: u64 = image.read(at)?;
    if version != abi::Policy::VERSION {
        bail!(
            "its policy has version {version}, this wasm-aot knows version {}: inspect it with the wasm-aot \
             that built it",
            abi::Policy::VERSION
        );
    }
    let damaged = "the policy in the executable is damaged";
    let read = || -> Result<(Policy, Vec<BundleSummary>)> {
        let info: abi::Policy<Loaded> = image.read(at)?;
        let mut policy = binary::decode(&info, &image)?;
        if info.flags & abi::Policy::NETWORK != 0 {
            network_binary::decode(&image.read(at)?, &image, &mut policy)?;
        }
        let bundles = match info.flags & abi::Policy::BUNDLES {
            0 => Vec::new(),
            _ => bundle_summaries(&image, &image.read(at)?)?,
        };
        Ok((policy, bundles))
    };
    let (policy, bundles) = read().context(damaged)?;
    Ok(Executable { target, policy, bundles })
}

/// The address of the policy.
pub fn policy_at(bytes: &[u8], file: &object::File<'_>) -> Option<u64> {
    match file.format() {
        BinaryFormat::Pe => {}
        BinaryFormat::MachO => return Some(file.section_by_name(MACHO_SECTION)?.address()),
        _ => return Some(file.section_by_name(abi::SECTION)?.address()),
    }
    let at = bytes.get(abi::PE_MARK_AT..)?.strip_prefix(&abi::PE_MARK)?.first_chunk()?;
    file.relative_address_base().checked_add(u32::from_le_bytes(*at).into())
}

fn bundle_summaries(image: &Image<'_>, info: &abi::BundlePolicy<Loaded>) -> Result<Vec<BundleSummary>> {
    let bundles: Bundles<Loaded> = image.read(info.bundles.address.context("there are no bundles")?)?;
    let nodes = image.array(bundles.nodes, bundles.node_count)?;
    let (mut summaries, mut starts) = (Vec::new(), Vec::new());
    for root in image.array(bundles.roots, bundles.root_count)? {
        let Root { guest, node } = root?;
        starts.push(node);
        summaries.push(BundleSummary { guest: image.string(guest)?, files: 0, bytes: 0 });
    }
    // The nodes of a bundle follow its root.
    for (index, node) in (0..).zip(nodes) {
        let bundle = starts.partition_point(|start| *start <= index).checked_sub(1);
        let Some(summary) = bundle.and_then(|bundle| summaries.get_mut(bundle)) else { continue };
        let node = node?;
        if node.kind == Node::FILE {
            summary.files += 1;
            summary.bytes = summary.bytes.wrapping_add(node.length);
        }
    }
    Ok(summaries)
}
