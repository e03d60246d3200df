//! What the policy grants of the network. It is asked before the host is; nothing else is known of what a component may
//! reach.

use core::net::{IpAddr, SocketAddr};

use wasm_aot_abi::network::{Network, NetworkGrant, has_address, has_name};

use super::{ErrorCode, Result, named};
use crate::program::{bytes, network, slice};

/// What a component does.
#[derive(Clone, Copy)]
#[repr(u64)]
pub enum Operation {
    TcpConnect = NetworkGrant::TCP_CONNECT,
    TcpListen = NetworkGrant::TCP_LISTEN,
    Udp = NetworkGrant::UDP,
}

fn refuse_unless(granted: bool) -> Result<()> {
    if granted { Ok(()) } else { Err(ErrorCode::AccessDenied) }
}

/// Whether there is a grant for which something holds, given its number, or everything is granted.
fn any(holds: impl Fn(usize, &NetworkGrant) -> bool) -> bool {
    let Some(network) = network() else { return false };
    // SAFETY: the compiler's constant data.
    let grants = unsafe { slice(network.grants, network.grant_count) };
    network.flags & Network::INHERIT != 0
        || grants.iter().enumerate().any(|(number, grant)| holds(number, grant))
}

/// Checks that something is granted of these operations, so that a socket can be of use.
pub fn check_any(operations: &[Operation]) -> Result<()> {
    refuse_unless(any(|_, grant| operations.iter().any(|operation| grant.operation == *operation as u64)))
}

/// Checks that an operation is granted with an address, which has been found valid for its socket.
pub fn check(operation: Operation, address: &SocketAddr) -> Result<()> {
    let (ip, port) = (address.ip(), address.port());
    refuse_unless(any(|number, grant| {
        grant.operation == operation as u64
            && grant.has_port(port)
            && match grant.kind {
                NetworkGrant::ANY => true,
                NetworkGrant::ADDRESSES => has_address(bytes(&grant.host), grant.bits, ip),
                _ => named::contains(number, ip),
            }
    }))
}

/// Checks that a name may be looked up: a name that is granted to connect to is of no use otherwise.
pub fn check_lookup(name: &[u8]) -> Result<()> {
    let is_granted = network().is_some_and(|network| network.flags & Network::NAME_LOOKUP != 0)
        || any(|_, grant| {
            grant.operation == NetworkGrant::RESOLVE && grant.kind == NetworkGrant::ANY
                || has_name(grant.kind, bytes(&grant.host), name)
        });
    refuse_unless(is_granted)
}

/// From now on, grants by this name are for these addresses, too.
pub fn found(name: &[u8], addresses: &[IpAddr]) {
    any(|number, grant| {
        if has_name(grant.kind, bytes(&grant.host), name) {
            addresses.iter().for_each(|address| named::add(number, name, *address));
        }
        false
    });
}
