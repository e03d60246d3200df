//! Grants of the network in executables, `wasm_aot_abi::network`: how they are written, and read back.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, Result, bail};
use wasm_aot_abi::network::{Network, NetworkGrant};
use wasm_aot_abi::policy::NetworkPolicy;
use wasm_aot_abi::shared::{Foreign, Pointer, Store};

use super::image::{Image, Loaded};
use super::network::{Host, Local, Lookup, Names, Peer, Ports};
use super::table::Policy;

/// Writes what a component is granted of the network; none if that is nothing.
pub fn encode<A: Copy, S: Store<A>>(policy: &Policy, to: &mut S) -> Option<Pointer<A, Network<Foreign<A>>>> {
    let mut grants = Vec::new();
    let mut add = |operation, host: &Host, ports: Ports| {
        let (kind, host, bits) = match host {
            Host::Any => (NetworkGrant::ANY, to.bytes(&[]), 0),
            Host::Network(IpAddr::V4(ip), bits) => (NetworkGrant::ADDRESSES, to.bytes(&ip.octets()), *bits),
            Host::Network(IpAddr::V6(ip), bits) => (NetworkGrant::ADDRESSES, to.bytes(&ip.octets()), *bits),
            Host::Names(Names::Exact(name)) => (NetworkGrant::NAME, to.bytes(name.as_bytes()), 0),
            Host::Names(Names::Below(name)) => (NetworkGrant::NAMES_BELOW, to.bytes(name.as_bytes()), 0),
        };
        let (first_port, last_port) = (ports.first.into(), ports.last.into());
        grants.push(NetworkGrant { operation, kind, host, bits: bits.into(), first_port, last_port });
    };
    policy.tcp_connect.iter().for_each(|peer| add(NetworkGrant::TCP_CONNECT, &peer.host, peer.ports));
    for listener in &policy.listeners {
        let Local(Peer { host, ports }) = local(*listener);
        add(NetworkGrant::TCP_LISTEN, &host, ports);
    }
    policy.tcp_listen.iter().for_each(|Local(peer)| add(NetworkGrant::TCP_LISTEN, &peer.host, peer.ports));
    policy.udp.iter().for_each(|peer| add(NetworkGrant::UDP, &peer.host, peer.ports));
    for Lookup(names) in &policy.resolve {
        let host = names.clone().map_or(Host::Any, Host::Names);
        add(NetworkGrant::RESOLVE, &host, Ports::ALL);
    }
    let flags = [(policy.inherit_network, Network::INHERIT), (policy.name_lookup, Network::NAME_LOOKUP)];
    let flags = flags.iter().filter(|(set, _)| *set).fold(0, |flags, (_, flag)| flags | flag);
    if grants.is_empty() && flags == 0 {
        return None;
    }
    let (count, grants) = (grants.len() as u64, to.array(&grants));
    Some(to.one(Network { flags, grants, grant_count: count }))
}

/// What a listener of preview 1 grants to a component.
fn local(listener: SocketAddr) -> Local {
    let bits = if listener.is_ipv4() { 32 } else { 128 };
    let ports = Ports { first: listener.port(), last: listener.port() };
    Local(Peer { host: Host::Network(listener.ip(), bits), ports })
}

/// Adds what an executable is granted of the network to its policy.
///
/// # Errors
/// If it is damaged.
pub fn decode(info: &NetworkPolicy<Loaded>, image: &Image<'_>, policy: &mut Policy) -> Result<()> {
    let network: Network<Loaded> = image.read(info.network.address.context("there is no network")?)?;
    policy.inherit_network = network.flags & Network::INHERIT != 0;
    policy.name_lookup = network.flags & Network::NAME_LOOKUP != 0;
    for grant in image.array(network.grants, network.grant_count)? {
        let grant = grant?;
        let host = host(&grant, image)?;
        let ports = Ports { first: grant.first_port.try_into()?, last: grant.last_port.try_into()? };
        match (grant.operation, host) {
            (NetworkGrant::TCP_CONNECT, host) => policy.tcp_connect.push(Peer { host, ports }),
            (NetworkGrant::TCP_LISTEN, host) => policy.tcp_listen.push(Local(Peer { host, ports })),
            (NetworkGrant::UDP, host) => policy.udp.push(Peer { host, ports }),
            (NetworkGrant::RESOLVE, Host::Any) => policy.resolve.push(Lookup(None)),
            (NetworkGrant::RESOLVE, Host::Names(names)) => policy.resolve.push(Lookup(Some(names))),
            (other, _) => bail!("a network grant of the kind {other}"),
        }
    }
    Ok(())
}

fn host(grant: &NetworkGrant<Loaded>, image: &Image<'_>) -> Result<Host> {
    let name = || image.string(grant.host);
    Ok(match grant.kind {
        NetworkGrant::ANY => Host::Any,
        NetworkGrant::NAME => Host::Names(Names::Exact(name()?)),
        NetworkGrant::NAMES_BELOW => Host::Names(Names::Below(name()?)),
        NetworkGrant::ADDRESSES => {
            let octets = image.octets(grant.host)?;
            let address = match (<[u8; 4]>::try_from(octets), <[u8; 16]>::try_from(octets)) {
                (Ok(octets), _) => IpAddr::from(octets),
                (_, Ok(octets)) => IpAddr::from(octets),
                _ => bail!("an address of {} bytes", octets.len()),
            };
            Host::Network(address, grant.bits.try_into()?)
        }
        other => bail!("hosts of the kind {other}"),
    })
}
