//! What a program is granted, and its limits: the part of a build that people decide and read.
//!
//! All that there is to grant or limit is in [`table`]: a row each. A policy comes from flags ([`crate::cli`]), from a
//! file ([`mod@file`]), or out of an executable ([`read`]), and is printed in the form of the file.

pub mod binary;
pub mod bundle;
mod chains;
pub mod file;
pub mod form;
pub mod grant;
mod image;
pub mod network;
pub mod quantity;
pub mod read;
// Addresses such as `[::1]:80` are in texts of --help.
#[allow(rustdoc::broken_intra_doc_links)]
pub mod table;

pub use bundle::Bundle;
pub use grant::DirGrant;
pub use table::{Limits, Policy};

/// Where the policy is in Mach-O objects and executables, whose names are short. The system puts addresses in, then
/// the segment is read-only.
pub const MACHO_SEGMENT: &str = "__DATA_CONST";
pub const MACHO_SECTION: &str = "__policy";
