//! The addresses that the policy lets the program listen at: bound once, before the guest runs, as
//! its descriptors from 3 on, before those of the directories. One that can't be bound ends the
//! program with a message.

use wasm_aot_abi::policy::ListenerGrant;

use crate::fail::fail_because;
use crate::program::{bytes, policy, slice};
use crate::sys;
use crate::sys::file::Fd;
use crate::sys::socket::{self, Address};

use super::descriptor::{self, Descriptor, Kind};
use super::grants::{above_streams, wasm_aot_open_grants};

/// `wasm_aot_abi::symbols::OPEN_LISTENERS`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_open_listeners() {
    // SAFETY: the compiler's constant data.
    let grants = unsafe { slice(policy().listeners, policy().listener_count) };
    for grant in grants {
        let added = above_streams(|| listen(grant)).and_then(|host| {
            descriptor::add(Descriptor::new(Kind::Listener, host, false)).map_err(|_| sys::Errno::MFILE)
        });
        if let Err(error) = added {
            fail(grant, error);
        }
    }
    wasm_aot_open_grants();
}

fn listen(grant: &ListenerGrant) -> sys::Result<Fd> {
    socket::listen(&Address::new(bytes(&grant.ip), grant.port as u16))
}

fn fail(grant: &ListenerGrant, error: sys::Errno) -> ! {
    let reason: &[u8] = match error {
        sys::Errno::ADDRINUSE => b"the address is in use",
        sys::Errno::ADDRNOTAVAIL => b"the address isn't one of this machine",
        sys::Errno::ACCES | sys::Errno::PERM => b"permission denied",
        sys::Errno::AFNOSUPPORT => b"no such network on this machine",
        sys::Errno::MFILE | sys::Errno::NFILE => b"too many open files",
        _ => b"the system refused",
    };
    fail_because(&[b"can't listen at `", bytes(&grant.text), b"`, which --tcplisten grants: ", reason])
}
