//! `wasi:sockets/ip-name-lookup`. `resolve-addresses` waits for the answer, so that nothing has to be waited for behind it.

use core::cell::Cell;
use core::mem::MaybeUninit;
use core::net::{IpAddr, Ipv6Addr};

use wasm_aot_abi::network::is_name;
use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wasi2::ResourceKind;

use super::address;
use super::answer::{Shape, answer, answer_handles};
use super::network::Network;
use super::{ErrorCode, Result, grants};
use crate::component::slab::Slab;
use crate::component::{Caller, Resource, violation};
use crate::sys::resolve::{Addresses, LookupError, resolve};
use crate::wasi2::io::poll::{Event, Pollable};

/// `wasi:sockets/ip-name-lookup.resolve-address-stream`.
pub struct ResolveAddressStream {
    found: Addresses,
    /// How many of them have been given to the component.
    given: Cell<usize>,
    /// Pollables that were made from it.
    children: Cell<u32>,
}

static STREAMS: Slab<ResolveAddressStream> = Slab::empty();

impl Resource for ResolveAddressStream {
    const KIND: ResourceKind = ResourceKind::ResolveAddressStream;

    fn table() -> &'static Slab<ResolveAddressStream> {
        &STREAMS
    }
}

/// Bytes of the longest name, with a dot at its end.
const NAME_BYTES: usize = 254;

/// Looks up a name, or reads an address, which stands for itself.
fn look_up(name: &[u8]) -> Result<Addresses> {
    if let Some(address) = parse(name) {
        return Ok(Addresses::only(address));
    }
    let name = name.strip_suffix(b".").unwrap_or(name);
    if !is_name(name) {
        return Err(ErrorCode::InvalidArgument);
    }
    grants::check_lookup(name)?;
    let mut found = Addresses::EMPTY;
    resolve(name, &mut found).map_err(|error| match error {
        LookupError::NotFound => ErrorCode::NameUnresolvable,
        LookupError::Temporary => ErrorCode::TemporaryResolverFailure,
        LookupError::Permanent => ErrorCode::PermanentResolverFailure,
    })?;
    grants::found(name, found.get());
    Ok(found)
}

fn parse(text: &[u8]) -> Option<IpAddr> {
    let text = core::str::from_utf8(text).ok()?;
    match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(text) => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => text.parse().ok(),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_ip_name_lookup_resolve_addresses(
    network: u32,
    name: u32,
    length: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    caller.borrow::<Network>(network);
    let mut buffer = [MaybeUninit::uninit(); NAME_BYTES];
    let name = caller.string(name, length, &mut buffer);
    let found = name.ok_or(ErrorCode::InvalidArgument).and_then(look_up);
    let stream = found.map(|found| {
        [caller.own(ResolveAddressStream { found, given: Cell::new(0), children: Cell::new(0) })]
    });
    answer_handles(caller, result, stream);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_ip_name_lookup_resolve_address_stream_resolve_next_address(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let stream = caller.borrow::<ResolveAddressStream>(this);
    let next = stream.found.get().get(stream.given.get());
    if next.is_some() {
        stream.given.set(stream.given.get() + 1);
    }
    answer(caller, result, Shape { size: 22, alignment: 2, payload: 2 }, Ok(next), |fields, next| {
        fields.u8(2, next.is_some().into());
        if let Some(address) = next {
            address::write_ip(fields, 4, *address);
        }
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_ip_name_lookup_resolve_address_stream_subscribe(
    this: u32,
    caller: &Caller,
) -> u32 {
    caller.check();
    caller.own(Pollable::of(Event::Now, &caller.borrow::<ResolveAddressStream>(this).children))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_sockets_ip_name_lookup_resolve_address_stream_drop(
    handle: u32,
    caller: &Caller,
) {
    caller.check();
    if let Some(number) = caller.take::<ResolveAddressStream>(handle) {
        if ResolveAddressStream::at(number).children.get() != 0 {
            violation(Trap::ResourceHasChildren);
        }
        ResolveAddressStream::remove(number);
    }
}
