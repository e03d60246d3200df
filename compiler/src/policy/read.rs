//! Reads the policy out of an executable: the data that the runtime itself reads
//! (`wasm_aot_abi::policy`).
//!
//! The executable is a file from anywhere: nothing in it is trusted, and nothing panics. Its arrays and strings may lie
//! over each other, so that they stand for far more than the file has; what is read of them is bounded by the file's size.

use std::cell::Cell;
use std::collections::HashMap;

use anyhow::{Context, Result, anyhow, bail};
use object::{Architecture, BinaryFormat, Object as _, ObjectSection as _, ObjectSegment as _};
use wasm_aot_abi::bundle::{Bundles, MAX_NODES, Node, Root};
use wasm_aot_abi::policy::{self as abi, Bytes};
use wasm_aot_abi::shared::{Decode, Foreign, Pointer, Source};

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
    // The first of its fields, whatever follows it in other versions.
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
        let bundles = match info.flags & abi::Policy::BUNDLES {
            0 => Vec::new(),
            _ => bundle_summaries(&image, &image.read(at)?)?,
        };
        Ok((policy(&image, &info)?, bundles))
    };
    let (policy, bundles) = read().context(damaged)?;
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

fn policy(image: &Image<'_>, info: &abi::Policy<Loaded>) -> Result<Policy> {
    let mut policy = Policy {
        inherit_env: info.flags & abi::Policy::INHERIT_ENV != 0,
        native: info.flags & abi::Policy::NATIVE != 0,
        locked: info.flags & abi::Policy::LOCKED != 0,
        trace: info.flags & abi::Policy::TRACE != 0,
        ..Policy::default()
    };
    for dir in image.array(info.dirs, info.dir_count)? {
        let dir = dir?;
        policy.dirs.push(DirGrant {
            host: image.string(dir.host)?,
            guest: image.string(dir.guest)?,
            read_only: dir.flags & abi::DirGrant::READ_ONLY != 0,
        });
    }
    for listener in image.array(info.listeners, info.listener_count)? {
        policy.listeners.push(image.string(listener?.text)?.parse()?);
    }
    for entry in image.array(info.env, info.env_count)? {
        policy.env.push(image.string(entry?)?);
    }
    if info.flags & abi::Policy::ARG0 != 0 {
        policy.arg0 = Some(image.string(info.arg0)?);
    }
    policy.limits = match info.limits.address {
        Some(at) => limits(image, &image.read(at)?)?,
        None => Limits::default(),
    };
    policy.limits.stack = info.stack_size;
    Ok(policy)
}

fn limits(image: &Image<'_>, info: &abi::Limits<Loaded>) -> Result<Limits> {
    let limit = |value: u64| (value != abi::Limits::NONE).then_some(value);
    Ok(Limits {
        memory: limit(info.memory),
        table: limit(info.table),
        heap: limit(info.heap),
        threads: limit(info.threads),
        timeout: Some(info.timeout).filter(|time| *time != 0),
        fuel: info.fuel.address.map(|counter| image.read(counter)).transpose()?,
        soft: info.soft != 0,
        ..Limits::default()
    })
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

/// The pointers of shared structures in an executable: addresses in its image.
type Loaded = Foreign<u64>;

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

    /// What is at an address.
    fn read<T: Decode<u64>>(&self, at: u64) -> Result<T> {
        T::decode(&mut Cursor { image: self, at })
    }

    /// The elements of an array.
    fn array<T: Decode<u64>>(
        &self,
        start: Pointer<u64, T>,
        count: u64,
    ) -> Result<impl Iterator<Item = Result<T>>> {
        if count > MAX_COUNT {
            bail!("an array of {count} elements");
        }
        self.count(count * T::BYTES as u64)?;
        let mut cursor = Cursor { image: self, at: start.address.unwrap_or(0) };
        Ok((0..count).map(move |_| T::decode(&mut cursor)))
    }

    fn word(&self, at: u64) -> Result<u64> {
        if let Some(value) = self.relocated.get(&at) {
            return Ok(*value);
        }
        let bytes = self.bytes(at, 8)?.try_into()?;
        Ok(if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    fn string(&self, Bytes { data, length }: Bytes<Loaded>) -> Result<String> {
        if length == 0 {
            return Ok(String::new());
        }
        self.count(length)?;
        let bytes = self.bytes(data.address.unwrap_or(0), length)?;
        Ok(std::str::from_utf8(bytes)?.to_owned())
    }
}

/// Reads structures in an image, from an address on.
struct Cursor<'i, 'd> {
    image: &'i Image<'d>,
    at: u64,
}

impl Cursor<'_, '_> {
    /// Goes on behind what is here.
    fn advance(&mut self, bytes: u64) -> u64 {
        let at = self.at;
        self.at = at.wrapping_add(bytes);
        at
    }
}

impl Source<u64> for Cursor<'_, '_> {
    type Error = anyhow::Error;

    fn u8(&mut self) -> Result<u8> {
        let at = self.advance(1);
        Ok(self.image.bytes(at, 1)?[0])
    }

    fn u32(&mut self) -> Result<u32> {
        let at = self.advance(4);
        let bytes = self.image.bytes(at, 4)?.try_into()?;
        Ok(if self.image.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn u64(&mut self) -> Result<u64> {
        let at = self.advance(8);
        self.image.word(at)
    }

    fn address(&mut self) -> Result<Option<u64>> {
        Ok(Some(self.u64()?).filter(|address| *address != 0))
    }

    fn null(&self) -> anyhow::Error {
        anyhow!("a null pointer before {:#x}", self.at)
    }
}
