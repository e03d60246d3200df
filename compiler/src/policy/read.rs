//! Reads the policy out of an executable: the data that the runtime itself reads
//! (`wasm_aot_abi::policy`).
//!
//! The executable is a file from anywhere: nothing in it is trusted, and nothing panics. Its arrays and strings may lie
//! over each other, so that they stand for far more than the file has; what is read of them is bounded by the file's size.

use std::cell::Cell;
use std::collections::HashMap;
use std::mem::offset_of;

use anyhow::{Context, Result, bail};
use object::{Architecture, BinaryFormat, Object as _, ObjectSection as _, ObjectSegment as _};
use wasm_aot_abi::bundle::{Bundles, MAX_NODES, Node, Root};
use wasm_aot_abi::policy as abi;

use super::{DirGrant, Limits, MACHO_SECTION, Policy, chains};
use crate::targets::{TARGETS, Target};

/// More elements than any array of a policy has.
const MAX_COUNT: u64 = MAX_NODES as u64;

/// What an executable says of itself.
pub struct Executable {
    /// Name of the target.
    pub target: &'static str,
    pub policy: Policy,
    pub bundles: Vec<BundleSummary>,
}

/// What is known of a bundle in an executable.
pub struct BundleSummary {
    pub guest: String,
    pub files: u64,
    /// Of the files.
    pub bytes: u64,
}

/// Reads an executable that wasm-aot made.
///
/// # Errors
/// If it is none, or of a version that lays policies out in another way.
pub fn executable(bytes: &[u8]) -> Result<Executable> {
    let file = object::File::parse(bytes).context("this is no executable that can be read")?;
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
    let version = image.word(at.wrapping_add(offset_of!(abi::Policy, version) as u64))?;
    if version != abi::Policy::VERSION {
        bail!(
            "its policy has version {version}, this wasm-aot knows version {}: inspect it with the wasm-aot \
             that built it",
            abi::Policy::VERSION
        );
    }
    let damaged = "the policy in the executable is damaged";
    let policy = policy(&image, at).context(damaged)?;
    let bundles = bundle_summaries(&image, at).context(damaged)?;
    Ok(Executable { target, policy, bundles })
}

/// Address of the policy.
fn policy_at(bytes: &[u8], file: &object::File<'_>) -> Option<u64> {
    match file.format() {
        BinaryFormat::Pe => {}
        BinaryFormat::MachO => return Some(file.section_by_name(MACHO_SECTION)?.address()),
        _ => return Some(file.section_by_name(abi::SECTION)?.address()),
    }
    let at = bytes.get(abi::PE_MARK_AT..)?.strip_prefix(&abi::PE_MARK)?.first_chunk()?;
    file.relative_address_base().checked_add(u32::from_le_bytes(*at).into())
}

fn policy(image: &Image<'_>, at: u64) -> Result<Policy> {
    let word = |offset: usize| image.word(at.wrapping_add(offset as u64));
    let flags = word(offset_of!(abi::Policy, flags))?;
    let mut policy = Policy {
        inherit_env: flags & abi::Policy::INHERIT_ENV != 0,
        native: flags & abi::Policy::NATIVE != 0,
        locked: flags & abi::Policy::LOCKED != 0,
        trace: flags & abi::Policy::TRACE != 0,
        ..Policy::default()
    };
    let dirs = (word(offset_of!(abi::Policy, dirs))?, word(offset_of!(abi::Policy, dir_count))?);
    for dir in image.elements(dirs, size_of::<abi::DirGrant>())? {
        let flags = image.word(dir.wrapping_add(offset_of!(abi::DirGrant, flags) as u64))?;
        policy.dirs.push(DirGrant {
            host: image.string(dir.wrapping_add(offset_of!(abi::DirGrant, host) as u64))?,
            guest: image.string(dir.wrapping_add(offset_of!(abi::DirGrant, guest) as u64))?,
            read_only: flags & abi::DirGrant::READ_ONLY != 0,
        });
    }
    let listeners =
        (word(offset_of!(abi::Policy, listeners))?, word(offset_of!(abi::Policy, listener_count))?);
    for listener in image.elements(listeners, size_of::<abi::ListenerGrant>())? {
        policy
            .listeners
            .push(image.string(listener.wrapping_add(offset_of!(abi::ListenerGrant, text) as u64))?.parse()?);
    }
    let env = (word(offset_of!(abi::Policy, env))?, word(offset_of!(abi::Policy, env_count))?);
    for entry in image.elements(env, size_of::<abi::Bytes>())? {
        policy.env.push(image.string(entry)?);
    }
    if flags & abi::Policy::ARG0 != 0 {
        policy.arg0 = Some(image.string(at.wrapping_add(offset_of!(abi::Policy, arg0) as u64))?);
    }
    policy.limits = limits(image, word(offset_of!(abi::Policy, limits))?)?;
    policy.limits.stack = word(offset_of!(abi::Policy, stack_size))?;
    Ok(policy)
}

fn limits(image: &Image<'_>, at: u64) -> Result<Limits> {
    let mut limits = Limits::default();
    if at == 0 {
        return Ok(limits);
    }
    let word = |offset: usize| image.word(at.wrapping_add(offset as u64));
    let limit = |value: u64| (value != abi::Limits::NONE).then_some(value);
    limits.memory = limit(word(offset_of!(abi::Limits, memory))?);
    limits.table = limit(word(offset_of!(abi::Limits, table))?);
    limits.heap = limit(word(offset_of!(abi::Limits, heap))?);
    limits.threads = limit(word(offset_of!(abi::Limits, threads))?);
    limits.timeout = Some(word(offset_of!(abi::Limits, timeout))?).filter(|time| *time != 0);
    let fuel = word(offset_of!(abi::Limits, fuel))?;
    if fuel != 0 {
        limits.fuel = Some(image.word(fuel)?);
    }
    limits.soft = word(offset_of!(abi::Limits, soft))? != 0;
    Ok(limits)
}

/// `at`: address of the policy.
fn bundle_summaries(image: &Image<'_>, at: u64) -> Result<Vec<BundleSummary>> {
    let mut summaries = Vec::new();
    if image.word(at.wrapping_add(offset_of!(abi::Policy, flags) as u64))? & abi::Policy::BUNDLES == 0 {
        return Ok(summaries);
    }
    let at = image.word(at.wrapping_add(offset_of!(abi::BundlePolicy, bundles) as u64))?;
    let word = |offset: usize| image.word(at.wrapping_add(offset as u64));
    let nodes = (word(offset_of!(Bundles, nodes))?, word(offset_of!(Bundles, node_count))?);
    let nodes: Vec<u64> = image.elements(nodes, size_of::<Node>())?.collect();
    let roots = (word(offset_of!(Bundles, roots))?, word(offset_of!(Bundles, root_count))?);
    let mut starts = Vec::new();
    for root in image.elements(roots, size_of::<Root>())? {
        let guest = image.string(root.wrapping_add(offset_of!(Root, guest) as u64))?;
        starts.push(image.word(root.wrapping_add(offset_of!(Root, node) as u64))?);
        summaries.push(BundleSummary { guest, files: 0, bytes: 0 });
    }
    // The nodes of a bundle follow its root.
    for (index, node) in nodes.into_iter().enumerate() {
        let bundle = starts.partition_point(|start| *start <= index as u64).checked_sub(1);
        let Some(summary) = bundle.and_then(|bundle| summaries.get_mut(bundle)) else { continue };
        if image.half(node.wrapping_add(offset_of!(Node, kind) as u64))? == Node::FILE {
            summary.files += 1;
            summary.bytes =
                summary.bytes.wrapping_add(image.word(node.wrapping_add(offset_of!(Node, length) as u64))?);
        }
    }
    Ok(summaries)
}

/// The memory of an executable as it is loaded at address 0.
struct Image<'d> {
    /// By address.
    segments: Vec<(u64, &'d [u8])>,
    /// Words whose contents are in the relocation (those of RELR are in place).
    relocated: HashMap<u64, u64>,
    big_endian: bool,
    /// Bytes of arrays and strings that may still be read.
    left: Cell<u64>,
}

impl<'d> Image<'d> {
    fn new(bytes: &[u8], file: &object::File<'d>) -> Result<Image<'d>> {
        let segments = file.segments().filter_map(|s| Some((s.address(), s.data().ok()?)));
        let mut segments: Vec<(u64, &[u8])> = segments.filter(|(_, data)| !data.is_empty()).collect();
        segments.sort_by_key(|(address, _)| *address);
        let left = Cell::new(bytes.len() as u64);
        if file.format() == BinaryFormat::MachO {
            let relocated = chains::addresses(bytes)?;
            return Ok(Image { segments, relocated, big_endian: false, left });
        }
        let relocations = file.dynamic_relocations().into_iter().flatten();
        let relocated = relocations.map(|(at, relocation)| (at, relocation.addend() as u64)).collect();
        Ok(Image { segments, relocated, big_endian: !file.is_little_endian(), left })
    }

    fn bytes(&self, at: u64, length: u64) -> Result<&'d [u8]> {
        let segment = self.segments.partition_point(|(start, _)| *start <= at).checked_sub(1);
        let found = segment.and_then(|segment| {
            let (start, data) = self.segments[segment];
            let from = usize::try_from(at - start).ok()?;
            data.get(from..from.checked_add(usize::try_from(length).ok()?)?)
        });
        found.with_context(|| format!("there is nothing at address {at:#x}"))
    }

    /// Counts what is read.
    ///
    /// # Errors
    /// If it is more than the file has.
    fn count(&self, bytes: u64) -> Result<()> {
        let left =
            self.left.get().checked_sub(bytes).context("its parts are larger than the file together")?;
        self.left.set(left);
        Ok(())
    }

    /// Addresses of the elements of an array.
    fn elements(&self, (start, count): (u64, u64), size: usize) -> Result<impl Iterator<Item = u64> + use<>> {
        if count > MAX_COUNT {
            bail!("an array of {count} elements");
        }
        self.count(count * size as u64)?;
        Ok((0..count).map(move |index| start.wrapping_add(index * size as u64)))
    }

    fn word(&self, at: u64) -> Result<u64> {
        if let Some(value) = self.relocated.get(&at) {
            return Ok(*value);
        }
        let bytes = self.bytes(at, 8)?.try_into()?;
        Ok(if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    fn half(&self, at: u64) -> Result<u32> {
        let bytes = self.bytes(at, 4)?.try_into()?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// The string that a `Bytes` at this address stands for.
    fn string(&self, at: u64) -> Result<String> {
        let (data, length) = (self.word(at)?, self.word(at.wrapping_add(8))?);
        if length == 0 {
            return Ok(String::new());
        }
        self.count(length)?;
        Ok(std::str::from_utf8(self.bytes(data, length)?)?.to_owned())
    }
}
