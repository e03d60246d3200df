//! Components: bytes to core modules, the steps that instantiate them, and what is imported and exported. The front end
//! is that of wasmtime (`wasmtime-environ`), which resolves all names and generates the adapters between components, as
//! core modules.

mod host;
mod names;
mod parse;
mod wit;

use cranelift_entity::PrimaryMap;
use wasmtime_environ::component::{ComponentTranslation, ComponentTypes, StaticModuleIndex};

pub use host::{HostImport, bind, find};
pub use names::resource_kind;
pub use parse::{Adapters, is_component, parse};

/// A validated component.
pub struct Component<'a> {
    /// Its imports, exports, the steps that instantiate it, and the functions of the canonical ABI that it needs.
    pub translation: ComponentTranslation,
    pub types: ComponentTypes,
    /// The bytes of its core modules, adapters included. Their bodies aren't validated yet.
    pub modules: PrimaryMap<StaticModuleIndex, &'a [u8]>,
}
