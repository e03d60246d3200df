//! Addresses of names. A grant by a name is one of the addresses that this process has found for the name: what a component
//! says an address belongs to counts for nothing.

use core::cell::Cell;
use core::net::{IpAddr, Ipv4Addr};

use wasm_aot_abi::network::may_stand_for;

/// How many are remembered; then the oldest are forgotten, until their name is looked up again.
const MOST: usize = 1024;

/// A grant of the policy, by its number, and one of its addresses.
type Address = (usize, IpAddr);

struct Addresses {
    addresses: [Cell<Address>; MOST],
    /// How many have been added in all.
    count: Cell<usize>,
}

// SAFETY: programs of components have one thread.
unsafe impl Sync for Addresses {}

static ADDRESSES: Addresses = Addresses {
    addresses: [const { Cell::new((0, IpAddr::V4(Ipv4Addr::UNSPECIFIED))) }; MOST],
    count: Cell::new(0),
};

/// Adds an address that was found for a name of the grant, unless such a name mustn't have it.
pub fn add(grant: usize, name: &[u8], address: IpAddr) {
    if !may_stand_for(name, address) || contains(grant, address) {
        return;
    }
    let count = ADDRESSES.count.get();
    if let Some(slot) = ADDRESSES.addresses.get(count % MOST) {
        slot.set((grant, address));
        ADDRESSES.count.set(count + 1);
    }
}

/// Whether the grant is one of the address.
pub fn contains(grant: usize, address: IpAddr) -> bool {
    ADDRESSES.addresses.iter().take(ADDRESSES.count.get()).any(|slot| slot.get() == (grant, address))
}
