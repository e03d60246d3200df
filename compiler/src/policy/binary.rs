//! Policies in executables, `wasm_aot_abi::policy`: how they are written, and read back.

use std::net::IpAddr;

use anyhow::Result;
use wasm_aot_abi::bundle::Bundles;
use wasm_aot_abi::network::Network;
use wasm_aot_abi::policy::{self as abi, Bytes};
use wasm_aot_abi::shared::{Foreign, Pointer, Store};
use wasm_aot_abi::symbols;

use super::grant::DirGrant;
use super::image::{Image, Loaded};
use super::network_binary;
use super::table::{Limits, Policy};

/// What a program can make use of.
#[derive(Clone, Copy)]
pub struct Needs<A: Copy> {
    /// Whether it can open files.
    pub directories: bool,
    /// Whether it was a component, whose sockets are opened while it runs.
    pub component: bool,
    /// Whether it is a server.
    pub server: bool,
    /// Whether it can use the network so.
    pub network: bool,
    /// The counter of its remaining fuel; null if it isn't counted.
    pub fuel: Pointer<A, i64>,
}

/// A policy whose parts have been written.
pub struct Encoded<A: Copy> {
    pub policy: abi::Policy<Foreign<A>>,
    pub bundles: Option<Pointer<A, Bundles<Foreign<A>>>>,
    pub network: Option<Pointer<A, Network<Foreign<A>>>>,
}

/// Writes the parts of a policy; `bundles` writes those of its bundles. The caller must still place the policy itself,
/// and with it the bundles and the network, if there are any: as an `abi::BundlePolicy` or `abi::NetworkPolicy`.
///
/// # Errors
/// If `bundles` fails.
pub fn encode<A: Copy, S: Store<A>>(
    policy: &Policy,
    needs: Needs<A>,
    to: &mut S,
    bundles: impl FnOnce(&mut S) -> Result<Option<Pointer<A, Bundles<Foreign<A>>>>>,
) -> Result<Encoded<A>> {
    let dirs: Vec<abi::DirGrant<Foreign<A>>> = policy.dirs.iter().map(|dir| encode_dir(dir, to)).collect();
    let dirs_at = to.array(&dirs);
    let env: Vec<Bytes<Foreign<A>>> = policy.env.iter().map(|entry| to.bytes(entry.as_bytes())).collect();
    let env_at = to.array(&env);
    let limits = encode_limits(&policy.limits, needs.fuel, to);
    let user_dirs = !policy.locked && needs.directories;
    let bundles = if needs.directories && !policy.bundles.is_empty() { bundles(to)? } else { None };
    let grants = !dirs.is_empty() || policy.native || user_dirs || bundles.is_some();
    let network = if needs.network { network_binary::encode(policy, to) } else { None };
    let listeners = match (needs.server, needs.component) {
        (true, _) => policy.serve.as_slice(),
        (false, true) => &[],
        (false, false) => &policy.listeners,
    };
    let open_grants = match (listeners.is_empty() || needs.server, grants) {
        (true, false) => None,
        (true, true) => Some(symbols::OPEN_GRANTS),
        (false, _) => Some(symbols::OPEN_LISTENERS),
    };
    let open_grants = open_grants.map(|name| to.import(name));
    let listeners: Vec<abi::ListenerGrant<Foreign<A>>> = listeners
        .iter()
        .map(|address| abi::ListenerGrant {
            text: to.bytes(address.to_string().as_bytes()),
            ip: match address.ip() {
                IpAddr::V4(ip) => to.bytes(&ip.octets()),
                IpAddr::V6(ip) => to.bytes(&ip.octets()),
            },
            port: address.port().into(),
        })
        .collect();
    let info = abi::Policy {
        version: abi::Policy::VERSION,
        flags: flags(policy, bundles.is_some(), network.is_some(), needs.server && policy.serve.is_some()),
        dirs: dirs_at,
        dir_count: dirs.len() as u64,
        env: env_at,
        env_count: env.len() as u64,
        listeners: to.array(&listeners),
        listener_count: listeners.len() as u64,
        arg0: to.bytes(policy.arg0.as_deref().unwrap_or("").as_bytes()),
        stack_size: policy.limits.stack,
        limits,
        open_grants,
        read_user_dirs: to.import_if(user_dirs, symbols::READ_USER_DIRS),
        open_native: to.import_if(policy.native, symbols::OPEN_NATIVE),
    };
    Ok(Encoded { policy: info, bundles, network })
}

/// Reads the policy of an executable, without its bundles and its network.
///
/// # Errors
/// If it is damaged.
pub fn decode(info: &abi::Policy<Loaded>, image: &Image<'_>) -> Result<Policy> {
    let mut policy = Policy {
        inherit_env: info.flags & abi::Policy::INHERIT_ENV != 0,
        native: info.flags & abi::Policy::NATIVE != 0,
        locked: info.flags & abi::Policy::LOCKED != 0,
        trace: info.flags & abi::Policy::TRACE != 0,
        ..Policy::default()
    };
    for dir in image.array(info.dirs, info.dir_count)? {
        policy.dirs.push(decode_dir(dir?, image)?);
    }
    for listener in image.array(info.listeners, info.listener_count)? {
        let address = image.string(listener?.text)?.parse()?;
        match info.flags & abi::Policy::SERVE {
            0 => policy.listeners.push(address),
            _ => policy.serve = Some(address),
        }
    }
    for entry in image.array(info.env, info.env_count)? {
        policy.env.push(image.string(entry?)?);
    }
    if info.flags & abi::Policy::ARG0 != 0 {
        policy.arg0 = Some(image.string(info.arg0)?);
    }
    if let Some(at) = info.limits.address {
        policy.limits = decode_limits(&image.read(at)?, image)?;
    }
    policy.limits.stack = info.stack_size;
    Ok(policy)
}

fn flags(policy: &Policy, bundles: bool, network: bool, serve: bool) -> u64 {
    [
        (policy.inherit_env || policy.native, abi::Policy::INHERIT_ENV),
        (policy.arg0.is_some(), abi::Policy::ARG0),
        (policy.locked, abi::Policy::LOCKED),
        (policy.native, abi::Policy::NATIVE),
        (bundles, abi::Policy::BUNDLES),
        (policy.trace, abi::Policy::TRACE),
        (network, abi::Policy::NETWORK),
        (serve, abi::Policy::SERVE),
    ]
    .iter()
    .filter(|(set, _)| *set)
    .fold(0, |flags, (_, flag)| flags | flag)
}

fn encode_dir<A: Copy>(dir: &DirGrant, to: &mut impl Store<A>) -> abi::DirGrant<Foreign<A>> {
    abi::DirGrant {
        host: to.bytes(dir.host.as_bytes()),
        guest: to.bytes(dir.guest.as_bytes()),
        flags: if dir.read_only { abi::DirGrant::READ_ONLY } else { 0 },
    }
}

fn decode_dir(dir: abi::DirGrant<Loaded>, image: &Image<'_>) -> Result<DirGrant> {
    Ok(DirGrant {
        host: image.string(dir.host)?,
        guest: image.string(dir.guest)?,
        read_only: dir.flags & abi::DirGrant::READ_ONLY != 0,
    })
}

/// Null if there are none besides the stack limit.
fn encode_limits<A: Copy>(
    limits: &Limits,
    fuel: Pointer<A, i64>,
    to: &mut impl Store<A>,
) -> Pointer<A, abi::Limits<Foreign<A>>> {
    if *limits == (Limits { stack: limits.stack, ..Limits::default() }) {
        return Pointer::NULL;
    }
    let info = abi::Limits {
        memory: limits.memory.unwrap_or(abi::Limits::NONE),
        table: limits.table.unwrap_or(abi::Limits::NONE),
        timeout: limits.timeout.unwrap_or(0),
        start_timer: to.import_if(limits.timeout.is_some(), symbols::START_TIMER),
        fuel,
        soft: limits.soft.into(),
        heap: limits.heap.unwrap_or(abi::Limits::NONE),
        threads: limits.threads.unwrap_or(abi::Limits::NONE),
    };
    to.one(info)
}

fn decode_limits(info: &abi::Limits<Loaded>, image: &Image<'_>) -> Result<Limits> {
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
