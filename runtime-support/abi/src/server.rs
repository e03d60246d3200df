//! Servers: programs that were components which export `wasi:http/incoming-handler`. Each request is answered by an
//! instance of its own, so the runtime must know what instances change.

use crate::component::{Canonical, ComponentInstance};
use crate::layout::{Report, Table};
use crate::shared::shared;

/// `fn(arguments: *mut u64, callee: &Canonical)`: stores the arguments of `handle`, each in 8 bytes.
pub const LOWER: &str = "wasm_aot_server_lower";

shared! {
    /// What the runtime must know. It has the symbol [`crate::symbols::SERVER`], and the `ProgramInfo::main` of the
    /// program is [`crate::symbols::SERVER_MAIN`].
    pub struct Server<P> {
        /// Instantiates the component and answers a request.
        pub run: P::Code<extern "C" fn()>,
        /// The `ProgramInfo::report` that the program would have otherwise.
        pub report: P::Code<Report>,
        /// What compiled code changes, beside what follows.
        pub regions: P::Const<Region<P>>,
        pub region_count: u64,
        /// The tables that it writes or grows.
        pub tables: P::Const<P::Mut<Table<P>>>,
        pub table_count: u64,
        pub components: P::Const<P::Mut<ComponentInstance<P>>>,
        pub component_count: u64,
        /// How the host's resources are dropped, those first that depend on others.
        pub drops: P::Const<DropResource<P>>,
        pub drop_count: u64,
    }

    /// Data.
    pub struct Region<P> {
        pub start: P::Mut<u8>,
        pub bytes: u64,
    }

    /// How resources of a kind are dropped.
    pub struct DropResource<P> {
        /// The [`crate::wasi2::ResourceKind`].
        pub kind: u64,
        pub drop: P::Code<extern "C" fn(handle: u32, caller: &Canonical)>,
    }
}
