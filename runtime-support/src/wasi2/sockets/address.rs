//! `ip-socket-address` and `ip-address` of components, and which of them a socket can use.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use wasm_aot_abi::network::{is_proper_ipv6, is_unicast};
use wasm_aot_abi::trap::Trap;

use super::answer::{Shape, answer};
use super::{ErrorCode, Result};
use crate::component::{Caller, Fields, violation};
use crate::sys::inet::Family;

const IPV4: u32 = 0;
const IPV6: u32 = 1;

/// Bytes of an `ip-socket-address`; its alignment is 4.
pub const BYTES: u32 = 32;

/// The core parameters of an `ip-socket-address` behind its discriminant.
pub type Payload = [u32; 11];

/// An `ip-address-family`.
pub fn family(discriminant: u32) -> Family {
    match discriminant {
        IPV4 => Family::Ipv4,
        IPV6 => Family::Ipv6,
        _ => violation(Trap::InvalidDiscriminant),
    }
}

/// Its discriminant.
pub fn discriminant(family: Family) -> u32 {
    match family {
        Family::Ipv4 => IPV4,
        Family::Ipv6 => IPV6,
    }
}

/// An `ip-socket-address` in parameters. Of each, the bits count that its type has.
pub fn from_parameters(discriminant: u32, payload: Payload) -> SocketAddr {
    match family(discriminant) {
        Family::Ipv4 => {
            let [port, a, b, c, d, ..] = payload;
            SocketAddrV4::new([a, b, c, d].map(|part| part as u8).into(), port as u16).into()
        }
        Family::Ipv6 => {
            let [port, flow, a, b, c, d, e, f, g, h, scope] = payload;
            let ip = Ipv6Addr::from([a, b, c, d, e, f, g, h].map(|part| part as u16));
            SocketAddrV6::new(ip, port as u16, flow, scope).into()
        }
    }
}

/// An `ip-socket-address` in memory.
pub fn read(fields: &Fields, offset: u32) -> SocketAddr {
    let payload = offset + 4;
    match family(fields.get_u8(offset).into()) {
        Family::Ipv4 => {
            let ip = [2, 3, 4, 5].map(|at| fields.get_u8(payload + at));
            SocketAddrV4::new(ip.into(), fields.get_u16(payload)).into()
        }
        Family::Ipv6 => {
            let ip = [8, 10, 12, 14, 16, 18, 20, 22].map(|at| fields.get_u16(payload + at));
            let (flow, scope) = (fields.get_u32(payload + 4), fields.get_u32(payload + 24));
            SocketAddrV6::new(ip.into(), fields.get_u16(payload), flow, scope).into()
        }
    }
}

/// Writes an `ip-socket-address`.
pub fn write(fields: &Fields, offset: u32, address: &SocketAddr) {
    let payload = offset + 4;
    fields.u16(payload, address.port());
    match address {
        SocketAddr::V4(address) => {
            fields.u8(offset, IPV4 as u8);
            write_ipv4(fields, payload + 2, *address.ip());
        }
        SocketAddr::V6(address) => {
            fields.u8(offset, IPV6 as u8);
            fields.u32(payload + 4, address.flowinfo());
            write_ipv6(fields, payload + 8, *address.ip());
            fields.u32(payload + 24, address.scope_id());
        }
    }
}

/// Writes an `ip-address`.
pub fn write_ip(fields: &Fields, offset: u32, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            fields.u8(offset, IPV4 as u8);
            write_ipv4(fields, offset + 2, address);
        }
        IpAddr::V6(address) => {
            fields.u8(offset, IPV6 as u8);
            write_ipv6(fields, offset + 2, address);
        }
    }
}

fn write_ipv4(fields: &Fields, offset: u32, address: Ipv4Addr) {
    for (at, octet) in (offset..).zip(address.octets()) {
        fields.u8(at, octet);
    }
}

fn write_ipv6(fields: &Fields, offset: u32, address: Ipv6Addr) {
    for (at, segment) in (offset..).step_by(2).zip(address.segments()) {
        fields.u16(at, segment);
    }
}

/// Gives the caller a `result<ip-socket-address, error-code>`.
pub fn answer_address(caller: &Caller, result: u32, outcome: Result<SocketAddr>) {
    let shape = Shape { size: 4 + BYTES, alignment: 4, payload: 4 };
    answer(caller, result, shape, outcome, |fields, address| write(fields, shape.payload, &address));
}

fn checked(is_valid: bool) -> Result<()> {
    if is_valid { Ok(()) } else { Err(ErrorCode::InvalidArgument) }
}

/// Checks that a socket of a family can have an address: one of IPv6 none that stands for an IPv4 address.
pub fn check_family(address: &SocketAddr, family: Family) -> Result<()> {
    checked(match (address.ip(), family) {
        (IpAddr::V4(_), Family::Ipv4) => true,
        (IpAddr::V6(ip), Family::Ipv6) => is_proper_ipv6(ip),
        _ => false,
    })
}

/// Checks that an address is that of one host.
pub fn check_unicast(address: &SocketAddr) -> Result<()> {
    checked(is_unicast(address.ip()))
}

/// Checks that an address can be that of a peer.
pub fn check_remote(address: &SocketAddr) -> Result<()> {
    checked(!address.ip().is_unspecified() && address.port() != 0)
}
