//! What a program is granted, and its limits: the part of a build that users decide on and read.
//!
//! Everything that can be granted or limited has a row in [`table`]. A policy comes from flags ([`crate::cli`]), from
//! a file ([`mod@file`]), or from an executable ([`read`]), and is printed in the form of the file.

pub mod binary;
pub mod bundle;
mod chains;
pub mod file;
pub mod form;
pub mod grant;
pub mod image;
pub mod network;
mod network_binary;
pub mod quantity;
pub mod read;
// The help texts contain addresses such as `[::1]:80`.
#[allow(rustdoc::broken_intra_doc_links)]
pub mod table;

pub use bundle::Bundle;
pub use grant::DirGrant;
pub use table::{Limits, Policy};

/// The section of the policy in Mach-O objects and executables, where names are short. The segment becomes
/// read-only after the system has put in the addresses.
pub const MACHO_SEGMENT: &str = "__DATA_CONST";
pub const MACHO_SECTION: &str = "__policy";

impl Policy {
    /// Grants a directory. It takes the place of one that was granted with the same guest name.
    pub fn add_dir(&mut self, dir: DirGrant) {
        grant::replace(&mut self.dirs, dir);
    }

    /// Puts a directory tree into the program. It takes the place of one with the same guest name.
    pub fn add_bundle(&mut self, bundle: Bundle) {
        grant::replace(&mut self.bundles, bundle);
    }

    /// Sets a variable of the program's environment, `KEY=VALUE`.
    pub fn add_env(&mut self, variable: impl Into<String>) {
        grant::set_variable(&mut self.env, variable.into());
    }

    /// The first of the flags that grant something of the network to components only.
    pub fn component_network(&self) -> Option<&'static str> {
        [
            (!self.tcp_connect.is_empty(), "tcp-connect"),
            (!self.tcp_listen.is_empty(), "tcp-listen"),
            (!self.udp.is_empty(), "udp"),
            (!self.resolve.is_empty(), "resolve"),
            (self.name_lookup, "allow-ip-name-lookup"),
            (self.inherit_network, "inherit-network"),
        ]
        .iter()
        .find_map(|(granted, flag)| granted.then_some(*flag))
    }
}
