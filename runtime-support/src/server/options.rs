//! The command line of a server: it belongs to the server, the component sees none of it.

use core::net::SocketAddr;

use wasm_aot_abi::http::decimal;
use wasm_aot_abi::policy::Policy;

use super::baked;
use crate::fail::fail_because;
use crate::program::{bytes, policy};
use crate::sys::{self, start};
use crate::wasi::user;

/// Where a server listens if nothing says otherwise.
const DEFAULT: &[u8] = b"127.0.0.1:8080";

/// The maximum number of processes.
pub const MOST_WORKERS: usize = 256;

pub struct Options {
    pub address: SocketAddr,
    /// The same, as it was written.
    pub address_text: &'static [u8],
    /// The number of processes, at least 1.
    pub workers: usize,
    /// Bytes of a request's body, at most.
    pub most_body: u64,
}

impl Options {
    /// Reads the command line, or ends the program with a message.
    pub fn read() -> Options {
        let (mut text, mut workers, mut most_body) = (None, 1, u64::MAX);
        let mut arguments = start::arguments().iter().skip(1).map(|argument| user::string(*argument));
        while let Some(argument) = arguments.next() {
            let (flag, joined) = match argument.iter().position(|byte| *byte == b'=') {
                Some(at) => (argument.get(..at).unwrap_or_default(), argument.get(at + 1..)),
                None => (argument, None),
            };
            let mut value = || joined.or_else(|| arguments.next());
            match flag {
                b"--listen" => text = value().or_else(|| wrong(argument)),
                b"--workers" => workers = number(argument, value(), 1, MOST_WORKERS as u64) as usize,
                b"--max-body" => most_body = number(argument, value(), 0, u64::MAX),
                b"--help" => help(),
                _ => wrong(argument),
            }
        }
        if text.is_some() && policy().flags & Policy::LOCKED != 0 {
            fail_because(&[b"--listen: the policy of this program is locked"]);
        }
        let address_text = text.unwrap_or_else(|| baked().map_or(DEFAULT, |grant| bytes(&grant.text)));
        let address = core::str::from_utf8(address_text).ok().and_then(|text| text.parse().ok());
        let Some(address) = address else {
            fail_because(&[
                b"--listen takes IP:PORT, e.g. 0.0.0.0:80 or [::1]:8080, not `",
                address_text,
                b"`",
            ]);
        };
        start::forget_arguments();
        Options { address, address_text, workers, most_body }
    }
}

fn number(argument: &[u8], value: Option<&[u8]>, least: u64, most: u64) -> u64 {
    let number = value.and_then(decimal).filter(|number| (least..=most).contains(number));
    number.unwrap_or_else(|| wrong(argument))
}

fn wrong(argument: &[u8]) -> ! {
    fail_because(&[b"unknown argument, or one without a good value: `", argument, b"`; see --help"])
}

fn help() -> ! {
    sys::write_stdout(
        b"An HTTP server.\n\n\
          --listen IP:PORT  where it listens; port 0 is one that the system chooses\n\
          --workers N       how many processes answer requests [default: 1]\n\
          --max-body BYTES  refuse larger requests [default: there is no limit]\n",
    );
    sys::exit(0)
}
