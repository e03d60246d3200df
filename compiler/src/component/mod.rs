//! Components: bytes to core modules, the steps that instantiate them, and what is imported and exported. The front end
//! is that of wasmtime (`wasmtime-environ`), which resolves all names and generates the adapters between components, as
//! core modules.

mod concurrency;
pub mod exports;
mod extent;
mod host;
mod instantiate;
pub mod invoke;
mod names;
mod parse;
pub mod run;
pub mod service;
mod trace;
mod wit;
pub mod world;

use cranelift_entity::PrimaryMap;
use wasmtime_environ::component::{ComponentTranslation, ComponentTypes, StaticModuleIndex};

pub use instantiate::{Instantiation, Modules, instantiate};
pub use parse::{Adapters, is_component, parse, parse_modules};

/// A validated component.
pub struct Component<'a> {
    pub bytes: &'a [u8],
    /// Its imports, exports, the steps that instantiate it, and the functions of the canonical ABI that it needs.
    pub translation: ComponentTranslation,
    pub types: ComponentTypes,
    /// How many resource tables there are in `types`.
    pub resource_tables: usize,
    /// The bytes of its core modules, adapters included. Their bodies aren't validated yet.
    pub modules: PrimaryMap<StaticModuleIndex, &'a [u8]>,
    /// Whether its functions run in tasks.
    pub is_asynchronous: bool,
}

impl Component<'_> {
    /// Whether a core module isn't the component's, but was generated for calls between components.
    pub fn is_adapter(&self, module: StaticModuleIndex) -> bool {
        !self.bytes.as_ptr_range().contains(&self.modules[module].as_ptr())
    }
}
