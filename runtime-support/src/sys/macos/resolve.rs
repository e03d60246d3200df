//! Looking up names, by the system's own resolver.

use core::ptr;

use libc::{EAI_FAIL, EAI_NODATA, EAI_NONAME, SOCK_STREAM, addrinfo};

use super::sockaddr::RawAddress;

pub use crate::sys::types::{Addresses, LookupError};

/// Bytes of the longest name and its terminator.
const NAME_BYTES: usize = 254;

/// Looks up a name.
pub fn resolve(name: &[u8], found: &mut Addresses) -> Result<(), LookupError> {
    let mut terminated = [0_u8; NAME_BYTES];
    if name.len() >= NAME_BYTES {
        return Err(LookupError::NotFound);
    }
    terminated.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
    let hints = addrinfo {
        ai_flags: 0,
        ai_family: 0,
        // One of the types of sockets, or each address would come once for each.
        ai_socktype: SOCK_STREAM,
        ai_protocol: 0,
        ai_addrlen: 0,
        ai_canonname: ptr::null_mut(),
        ai_addr: ptr::null_mut(),
        ai_next: ptr::null_mut(),
    };
    let mut list = ptr::null_mut();
    // SAFETY: the system reads the terminated name and the hints, and writes the list's address.
    let error = unsafe {
        libc::getaddrinfo(terminated.as_ptr().cast(), ptr::null(), &raw const hints, &raw mut list)
    };
    match error {
        0 => {}
        EAI_NONAME | EAI_NODATA => return Err(LookupError::NotFound),
        EAI_FAIL => return Err(LookupError::Permanent),
        _ => return Err(LookupError::Temporary),
    }
    let mut next = list.cast_const();
    // SAFETY: the system's list, until it is given back.
    while let Some(info) = unsafe { next.as_ref() } {
        let length = (info.ai_addrlen as usize).min(RawAddress::BYTES);
        let mut raw = RawAddress::EMPTY;
        // SAFETY: `length` bytes of the system's address, which fit.
        unsafe { ptr::copy_nonoverlapping(info.ai_addr.cast::<u8>(), (&raw mut raw).cast(), length) };
        if let Ok(address) = raw.get() {
            found.add(address.ip());
        }
        next = info.ai_next;
    }
    // SAFETY: the system's list, which nobody reads any more.
    unsafe { libc::freeaddrinfo(list) };
    if found.get().is_empty() { Err(LookupError::NotFound) } else { Ok(()) }
}
