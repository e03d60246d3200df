//! WASI 0.2 (`wasi:cli/command@0.2.12`): the functions that the host provides to components, with their types.
//!
//! A function of the runtime implements each. Its symbol is the function's [`Symbol`]; its parameters are those of the
//! core function that the canonical ABI lowers it to (with one for the result, if that is in memory), and then the
//! [`crate::component::Canonical`] of its caller; its result is that of the core function.
//!
//! To add one, add a row here and a function with its symbol to the runtime; a test compares the two.

mod cli;
mod clocks;
mod filesystem;
mod http;
mod io;
mod random;
mod sockets;
#[cfg(test)]
pub(crate) mod tests;
mod types;

use core::fmt;

use crate::host::Variant;

pub use types::TYPES;

/// What every version of an interface that we know has.
#[derive(Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name without the version.
    pub name: &'static str,
    pub functions: &'static [Function],
}

/// A function that the host provides.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// As in the binary format: `[method]descriptor.stat`.
    pub name: &'static str,
    /// Its type: `(T, ...) -> T`, without names of parameters. Types are written as in WIT, but `record{...}`,
    /// `variant{...}`, `enum{...}` and `flags{...}` for those that WIT declares; other words are names in [`TYPES`];
    /// the types in `own<...>` and `borrow<...>` are [`ResourceKind`]s.
    pub ty: &'static str,
    /// The functions of the runtime that replace the ordinary one, in the order of precedence.
    pub variants: &'static [Variant],
}

const fn function(name: &'static str, ty: &'static str) -> Function {
    Function { name, ty, variants: &[] }
}

impl Function {
    const fn with(self, variants: &'static [Variant]) -> Function {
        Function { variants, ..self }
    }

    /// The variant in a program to which these apply.
    pub fn variant(&self, applies: impl Fn(Variant) -> bool) -> Option<Variant> {
        self.variants.iter().copied().find(|variant| applies(*variant))
    }
}

/// The interfaces of each package.
pub static PACKAGES: [&[Interface]; 7] = [
    &cli::INTERFACES,
    &clocks::INTERFACES,
    &filesystem::INTERFACES,
    &http::INTERFACES,
    &io::INTERFACES,
    &random::INTERFACES,
    &sockets::INTERFACES,
];

/// The interface with this name, without its version.
pub fn find(name: &str) -> Option<&'static Interface> {
    PACKAGES.into_iter().flatten().find(|interface| interface.name == name)
}

impl Interface {
    /// The function of the interface with this name.
    pub fn function(&self, name: &str) -> Option<&'static Function> {
        self.functions.iter().find(|function| function.name == name)
    }
}

/// Defines the resources of the host.
macro_rules! resources {
    ($($(#[doc = $doc:literal])* $variant:ident = $number:literal, $interface:literal, $name:literal;)*) => {
        /// A kind of resource that the host provides. The numbers are those in the handle tables; resources that
        /// components define follow, from [`ResourceKind::FIRST_OF_PROGRAM`] on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum ResourceKind {
            $($(#[doc = $doc])* $variant = $number,)*
        }

        impl ResourceKind {
            pub const ALL: &[ResourceKind] = &[$(ResourceKind::$variant),*];

            /// The interface that exports it, without its version.
            pub fn interface(self) -> &'static str {
                match self {
                    $(ResourceKind::$variant => $interface,)*
                }
            }

            /// Its name.
            pub fn name(self) -> &'static str {
                match self {
                    $(ResourceKind::$variant => $name,)*
                }
            }
        }
    };
}

resources! {
    Error = 1, "wasi:io/error", "error";
    Pollable = 2, "wasi:io/poll", "pollable";
    InputStream = 3, "wasi:io/streams", "input-stream";
    OutputStream = 4, "wasi:io/streams", "output-stream";
    Descriptor = 5, "wasi:filesystem/types", "descriptor";
    DirectoryEntryStream = 6, "wasi:filesystem/types", "directory-entry-stream";
    Network = 7, "wasi:sockets/network", "network";
    ResolveAddressStream = 8, "wasi:sockets/ip-name-lookup", "resolve-address-stream";
    TcpSocket = 9, "wasi:sockets/tcp", "tcp-socket";
    UdpSocket = 10, "wasi:sockets/udp", "udp-socket";
    IncomingDatagramStream = 11, "wasi:sockets/udp", "incoming-datagram-stream";
    OutgoingDatagramStream = 12, "wasi:sockets/udp", "outgoing-datagram-stream";
    TerminalInput = 13, "wasi:cli/terminal-input", "terminal-input";
    TerminalOutput = 14, "wasi:cli/terminal-output", "terminal-output";
    Fields = 15, "wasi:http/types", "fields";
    IncomingRequest = 16, "wasi:http/types", "incoming-request";
    IncomingBody = 17, "wasi:http/types", "incoming-body";
    FutureTrailers = 18, "wasi:http/types", "future-trailers";
    ResponseOutparam = 19, "wasi:http/types", "response-outparam";
    OutgoingResponse = 20, "wasi:http/types", "outgoing-response";
    OutgoingBody = 21, "wasi:http/types", "outgoing-body";
}

impl ResourceKind {
    pub const FIRST_OF_PROGRAM: u32 = 64;
    /// The number of every kind that a component imports and the host doesn't have: no handle has it.
    pub const UNKNOWN: u32 = ResourceKind::FIRST_OF_PROGRAM - 1;

    /// Whether resources of this kind exist in servers only.
    pub fn is_for_servers(self) -> bool {
        self.interface() == http::INTERFACES[0].name
    }

    /// The order in which the resources that an instance has left are dropped: those first that depend on others. Those of
    /// `wasi:http` are forgotten together.
    pub const DROP_ORDER: [ResourceKind; 14] = [
        ResourceKind::Pollable,
        ResourceKind::IncomingDatagramStream,
        ResourceKind::OutgoingDatagramStream,
        ResourceKind::InputStream,
        ResourceKind::OutputStream,
        ResourceKind::ResolveAddressStream,
        ResourceKind::DirectoryEntryStream,
        ResourceKind::Error,
        ResourceKind::UdpSocket,
        ResourceKind::TcpSocket,
        ResourceKind::Network,
        ResourceKind::Descriptor,
        ResourceKind::TerminalInput,
        ResourceKind::TerminalOutput,
    ];

    /// The kind of resource that an interface exports by a name.
    pub fn find(interface: &str, name: &str) -> Option<ResourceKind> {
        let is = |kind: &ResourceKind| kind.interface() == interface && kind.name() == name;
        ResourceKind::ALL.iter().copied().find(is)
    }
}

/// The symbol of the runtime's function for a function of an interface: `[method]descriptor.stat` of
/// `wasi:filesystem/types` is `wasm_aot_wasi2_filesystem_types_descriptor_stat`, and
/// `wasm_aot_wasi2_bundle_filesystem_types_descriptor_stat` in programs with bundles.
#[derive(Clone, Copy)]
pub struct Symbol<'a> {
    pub interface: &'a str,
    pub function: &'a str,
    pub variant: Option<Variant>,
}

impl ResourceKind {
    /// The symbol of the runtime's function that drops one:
    /// `extern "C" fn(handle: u32, caller: &Canonical)`.
    pub fn drop_symbol(self, write: &mut dyn fmt::Write) -> fmt::Result {
        write!(write, "{}_drop", Symbol { interface: self.interface(), function: self.name(), variant: None })
    }
}

impl fmt::Display for Symbol<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wasm_aot_wasi2_")?;
        f.write_str(match self.variant {
            None => "",
            Some(Variant::NativeEnv) => "native_env_",
            Some(Variant::UserEnv) => "user_env_",
            Some(Variant::Bundle) => "bundle_",
            Some(Variant::NoDirectories) => "no_directories_",
            Some(Variant::Fixed) => "fixed_",
            Some(Variant::Server) => "server_",
        })?;
        write_name(self.interface, self.function, f)
    }
}

/// Writes the part of a symbol that names a function of an interface.
pub(crate) fn write_name(interface: &str, function: &str, to: &mut dyn fmt::Write) -> fmt::Result {
    let interface = interface.split_once(':').map_or(interface, |(_, interface)| interface);
    let function = function.split_once(']').map_or(function, |(_, function)| function);
    for byte in interface.chars().chain(['_']).chain(function.chars()) {
        to.write_char(if matches!(byte, '-' | '/' | '.') { '_' } else { byte })?;
    }
    Ok(())
}
