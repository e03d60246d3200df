//! `wasi:sockets/network` and `wasi:sockets/instance-network`. A network says nothing: what is granted is the same for all.

use wasm_aot_abi::wasi2::ResourceKind;

use crate::component::slab::Slab;
use crate::component::{Caller, Resource};

/// `wasi:sockets/network.network`.
pub struct Network(());

static NETWORKS: Slab<Network> = Slab::empty();

impl Resource for Network {
    const KIND: ResourceKind = ResourceKind::Network;

    fn table() -> &'static Slab<Network> {
        &NETWORKS
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_instance_network_instance_network(caller: &Caller) -> u32 {
    caller.check();
    caller.own(Network(()))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_network_network_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<Network>(handle) {
        Network::remove(number);
    }
}
