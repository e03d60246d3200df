//! Fills in a policy, as `wasm_aot_abi::policy` has it.

use std::net::{IpAddr, SocketAddr};

use anyhow::Result;
use object::write::SectionId;
use object::{BinaryFormat, SectionKind};
use wasm_aot_abi::policy::{self as abi, BundlePolicy, Bytes, ListenerGrant};
use wasm_aot_abi::shared::Pointer;
use wasm_aot_abi::symbols;

use super::encoder::{Encoder, Reference, Symbolic};
use super::{bundle, fuel};
use crate::policy::{DirGrant, Limits, MACHO_SECTION, MACHO_SEGMENT, Policy};
use crate::program::Program;

/// Adds the policy in its own section.
///
/// # Errors
/// If the bundles are too large.
pub fn add(
    encoder: &mut Encoder<'_>,
    program: &Program<'_>,
    policy: &Policy,
) -> Result<Reference<abi::Policy<Symbolic>>> {
    let dirs: Vec<abi::DirGrant<Symbolic>> = policy.dirs.iter().map(|dir| directory(encoder, dir)).collect();
    let dirs_at = encoder.array(&dirs);
    let env: Vec<Bytes<Symbolic>> = policy.env.iter().map(|entry| encoder.bytes(entry.as_bytes())).collect();
    let env_at = encoder.array(&env);
    let limits = limits(encoder, &policy.limits);
    let uses_directories = program.uses_directories();
    let user_dirs = !policy.locked && uses_directories;
    let bundles = if uses_directories { bundle::add(encoder, &policy.bundles)? } else { None };
    let grants = !dirs.is_empty() || policy.native || user_dirs || bundles.is_some();
    let open_grants = match (policy.listeners.is_empty(), grants) {
        (true, false) => None,
        (true, true) => Some(symbols::OPEN_GRANTS),
        (false, _) => Some(symbols::OPEN_LISTENERS),
    };
    let open_grants = open_grants.map(|name| encoder.import(name));
    let listeners: Vec<ListenerGrant<Symbolic>> =
        policy.listeners.iter().map(|address| listener(encoder, address)).collect();
    let info = abi::Policy {
        version: abi::Policy::VERSION,
        flags: flags(policy, bundles.is_some()),
        dirs: dirs_at,
        dir_count: dirs.len() as u64,
        env: env_at,
        env_count: env.len() as u64,
        listeners: encoder.array(&listeners),
        listener_count: listeners.len() as u64,
        arg0: encoder.bytes(policy.arg0.as_deref().unwrap_or("").as_bytes()),
        stack_size: policy.limits.stack,
        limits,
        open_grants,
        read_user_dirs: encoder.import_if(user_dirs, symbols::READ_USER_DIRS),
        open_native: encoder.import_if(policy.native, symbols::OPEN_NATIVE),
    };
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

/// The section of the policy, which is added to the object.
fn section(encoder: &mut Encoder<'_>) -> SectionId {
    let (segment, name) = match encoder.object.format() {
        BinaryFormat::MachO => (MACHO_SEGMENT, MACHO_SECTION),
        _ => ("", abi::SECTION),
    };
    encoder.object.add_section(segment.into(), name.into(), SectionKind::Data)
}

fn directory(encoder: &mut Encoder<'_>, dir: &DirGrant) -> abi::DirGrant<Symbolic> {
    abi::DirGrant {
        host: encoder.bytes(dir.host.as_bytes()),
        guest: encoder.bytes(dir.guest.as_bytes()),
        flags: if dir.read_only { abi::DirGrant::READ_ONLY } else { 0 },
    }
}

fn listener(encoder: &mut Encoder<'_>, address: &SocketAddr) -> ListenerGrant<Symbolic> {
    ListenerGrant {
        text: encoder.bytes(address.to_string().as_bytes()),
        ip: match address.ip() {
            IpAddr::V4(ip) => encoder.bytes(&ip.octets()),
            IpAddr::V6(ip) => encoder.bytes(&ip.octets()),
        },
        port: address.port().into(),
    }
}

/// Null if there are none beside the stack.
fn limits(encoder: &mut Encoder<'_>, limits: &Limits) -> Reference<abi::Limits<Symbolic>> {
    if *limits == (Limits { stack: limits.stack, ..Limits::default() }) {
        return Pointer::NULL;
    }
    let limits = abi::Limits {
        memory: limits.memory.unwrap_or(abi::Limits::NONE),
        table: limits.table.unwrap_or(abi::Limits::NONE),
        timeout: limits.timeout.unwrap_or(0),
        start_timer: encoder.import_if(limits.timeout.is_some(), symbols::START_TIMER),
        fuel: fuel::counter(encoder),
        soft: limits.soft.into(),
        heap: limits.heap.unwrap_or(abi::Limits::NONE),
        threads: limits.threads.unwrap_or(abi::Limits::NONE),
    };
    encoder.one(limits)
}

fn flags(policy: &Policy, bundles: bool) -> u64 {
    [
        (policy.inherit_env || policy.native, abi::Policy::INHERIT_ENV),
        (policy.arg0.is_some(), abi::Policy::ARG0),
        (policy.locked, abi::Policy::LOCKED),
        (policy.native, abi::Policy::NATIVE),
        (bundles, abi::Policy::BUNDLES),
        (policy.trace, abi::Policy::TRACE),
    ]
    .iter()
    .filter(|(set, _)| *set)
    .fold(0, |flags, (_, flag)| flags | flag)
}
