//! The canonical ABI's part of the runtime (component-model, `CanonicalABI.md`): handle tables, resources of the host and
//! of components, memory of callers, strings. Programs of modules have nothing of it.

mod builtin;
pub mod caller;
pub mod concurrent;
pub mod handle;
mod reserved;
pub mod resource;
mod scope;
pub mod slab;
mod string;
mod text;
mod transcode;
mod transfer;
mod violation;
mod wave;

pub use caller::{Caller, Fields};
pub use resource::Resource;
#[cfg(feature = "servers")]
pub use scope::reset as reset_calls;
pub use violation::violation;
