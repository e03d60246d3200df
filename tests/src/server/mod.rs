//! The file server of `examples/file-server` under load: natively and under wasmtime, of the same module.
//!
//! `site` makes what is served, `process` starts a server and looks at what it takes, `client` is one
//! connection and what it must get, `load` runs many of them for a time, `report` prints the results.

pub mod client;
pub mod load;
pub mod process;
pub mod report;
pub mod site;

/// The module of the server.
pub const MODULE: &str = "example-file-server";
/// The server in a form whose sends are mostly cut short.
pub const LARGE_SENDS: &str = "file-server-large-sends";
