//! `wasi:sockets`: TCP, UDP and the lookup of names, as far as the policy grants them ([`grants`]). A refusal is
//! `access-denied`. The sockets of the host never block; what a component waits for are pollables.

mod address;
mod answer;
mod datagrams;
mod error;
mod grants;
mod lookup;
mod named;
mod network;
mod options;
mod tcp;
mod tcp_options;
mod tcp_streams;
mod udp;
mod udp_options;

use self::error::{ErrorCode, Result};
