//! The address of a socket as systems have it.

use core::net::{Ipv4Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::inet::{AF_INET, AF_INET6, family_field};
use super::{Errno, Result};

/// `struct sockaddr_in6`, or `sockaddr_in` with zeroes behind it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct RawAddress {
    /// The family, on some systems behind the length.
    family: [u8; 2],
    /// In network order, like all addresses.
    port: [u8; 2],
    /// Of IPv6 the flow information in the order of the machine; of IPv4 the address.
    first: [u8; 4],
    ipv6: [u8; 16],
    scope: u32,
}

impl RawAddress {
    /// Bytes of the largest.
    pub const BYTES: usize = size_of::<RawAddress>();
    const IPV4_BYTES: usize = 16;

    /// Room for one.
    pub const EMPTY: RawAddress =
        RawAddress { family: [0; 2], port: [0; 2], first: [0; 4], ipv6: [0; 16], scope: 0 };

    pub fn new(address: &SocketAddr) -> RawAddress {
        let port = address.port().to_be_bytes();
        match address {
            SocketAddr::V4(address) => RawAddress {
                family: family_field(AF_INET, Self::IPV4_BYTES),
                port,
                first: address.ip().octets(),
                ..Self::EMPTY
            },
            SocketAddr::V6(address) => RawAddress {
                family: family_field(AF_INET6, Self::BYTES),
                port,
                first: address.flowinfo().to_ne_bytes(),
                ipv6: address.ip().octets(),
                scope: address.scope_id(),
            },
        }
    }

    /// Bytes of this one.
    pub fn length(&self) -> usize {
        if self.is_ipv4() { Self::IPV4_BYTES } else { Self::BYTES }
    }

    fn is_ipv4(&self) -> bool {
        self.family == family_field(AF_INET, Self::IPV4_BYTES)
    }

    /// What the system has stored.
    pub fn get(&self) -> Result<SocketAddr> {
        let port = u16::from_be_bytes(self.port);
        if self.is_ipv4() {
            return Ok(SocketAddrV4::new(Ipv4Addr::from(self.first), port).into());
        }
        if self.family != family_field(AF_INET6, Self::BYTES) {
            return Err(Errno::AFNOSUPPORT);
        }
        let flow = u32::from_ne_bytes(self.first);
        Ok(SocketAddrV6::new(self.ipv6.into(), port, flow, self.scope).into())
    }
}
