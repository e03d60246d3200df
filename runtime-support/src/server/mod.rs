//! Servers: programs that were components which export `wasi:http/incoming-handler` (`wasm_aot_abi::server`). A process
//! answers one request after the other, each in an instance of its own: what an instance changes is put back before the
//! next one (`instance`). While a request is being answered nothing else happens, so heads, and bodies as far as there is
//! room, are read before it begins, from all connections at once (`events`), and what a client doesn't take at once is sent
//! after it has ended.
//!
//! - `options`: the command line, and the address;
//! - `workers`: several processes with one listening socket;
//! - `connection`: connections and their buffers;
//! - `events`: waits, reads heads, gives up slow clients;
//! - `exchange`: the request that is being answered, and the response: what `wasi2::http` works on;
//! - `body`: the request's body;
//! - `instance`: runs the component, and puts its state back.

pub mod body;
mod connection;
mod events;
pub mod exchange;
mod instance;
mod options;
mod workers;

use wasm_aot_abi::policy::ListenerGrant;
use wasm_aot_abi::server::Server;

pub use instance::{Outcome, leave};

use crate::fail::{fail, fail_because};
use crate::line::Line;
use crate::program::{policy, slice};
use crate::sys::inet;
use crate::sys::server;
use crate::sys::socket::{self, Address};
use options::Options;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::SERVER`.
    static wasm_aot_server: Server;
}

fn info() -> &'static Server {
    // SAFETY: the compiler defines the symbol in every server, with this layout.
    unsafe { &wasm_aot_server }
}

/// The address that is built into the program, if there is one.
fn baked() -> Option<&'static ListenerGrant> {
    // SAFETY: the compiler's constant data.
    unsafe { slice(policy().listeners, policy().listener_count) }.first()
}

/// `wasm_aot_abi::symbols::SERVER_MAIN`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_server_main() {
    let options = Options::read();
    let address = match options.address {
        core::net::SocketAddr::V4(address) => Address::new(&address.ip().octets(), address.port()),
        core::net::SocketAddr::V6(address) => Address::new(&address.ip().octets(), address.port()),
    };
    let Ok(listener) = socket::listen(&address) else {
        fail_because(&[b"can't listen at ", options.address_text, b": is it in use?"]);
    };
    instance::prepare();
    let Ok(stop) = server::open_stop() else { fail(b"no descriptors for a server") };
    connection::allow();
    let port = inet::local_address(listener).map_or(0, |address| address.port());
    let host = options.address_text.rsplitn(2, |byte| *byte == b':').last().unwrap_or_default();
    Line::<256>::new()
        .text(b"listening on http://")
        .text(host)
        .text(b":")
        .number(port.into(), 10)
        .text(b"/\n")
        .print();
    let stop = workers::start(options.workers, stop);
    events::serve(listener, stop, &options)
}
