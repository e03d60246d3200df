//! Looking up names, by the system's own resolver.

use core::ptr;

use super::api::{ADDRINFOW, FreeAddrInfoW, GetAddrInfoW};
use super::sockaddr::RawAddress;
use super::winsock::{self, SOCK_STREAM};

pub use crate::sys::types::{Addresses, LookupError};

/// Characters of the longest name and its terminator.
const NAME_LENGTH: usize = 254;

const WSATRY_AGAIN: i32 = 11002;
const WSANO_RECOVERY: i32 = 11003;

/// Looks up a name.
pub fn resolve(name: &[u8], found: &mut Addresses) -> Result<(), LookupError> {
    winsock::start().map_err(|_| LookupError::Temporary)?;
    let mut terminated = [0_u16; NAME_LENGTH];
    if name.len() >= NAME_LENGTH {
        return Err(LookupError::NotFound);
    }
    // Names are ASCII.
    terminated.iter_mut().zip(name).for_each(|(to, from)| *to = (*from).into());
    // One of the types of sockets, or each address would come once for each.
    let hints = ADDRINFOW { socktype: SOCK_STREAM, ..ADDRINFOW::EMPTY };
    let mut list = ptr::null_mut();
    // SAFETY: reads the terminated name and the hints, and writes the list's address.
    match unsafe { GetAddrInfoW(terminated.as_ptr(), ptr::null(), &raw const hints, &raw mut list) } {
        0 => {}
        WSATRY_AGAIN => return Err(LookupError::Temporary),
        WSANO_RECOVERY => return Err(LookupError::Permanent),
        _ => return Err(LookupError::NotFound),
    }
    let mut next = list.cast_const();
    // SAFETY: the system's list, until it is given back.
    while let Some(info) = unsafe { next.as_ref() } {
        let length = info.addrlen.min(RawAddress::BYTES);
        let mut raw = RawAddress::EMPTY;
        // SAFETY: `length` bytes of the system's address, which fit.
        unsafe { ptr::copy_nonoverlapping(info.addr, (&raw mut raw).cast(), length) };
        if let Ok(address) = raw.get() {
            found.add(address.ip());
        }
        next = info.next;
    }
    // SAFETY: the system's list, which nobody reads any more.
    unsafe { FreeAddrInfoW(list) };
    if found.get().is_empty() { Err(LookupError::NotFound) } else { Ok(()) }
}
