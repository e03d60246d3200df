//! Turns the errors of wasmparser into ours, which name the byte offset and say what to do.

use anyhow::{Error, anyhow};
use wasmparser::BinaryReaderError;

/// Explains an error of parsing or validation.
pub fn explain(error: Error) -> Error {
    let Some(inner) = error.downcast_ref::<BinaryReaderError>() else {
        return error;
    };
    let message = inner.message();
    let offset = inner.offset();
    let unsupported = ["not enabled", "not supported", "requires", "proposal"];
    if unsupported.iter().any(|words| message.contains(words)) {
        anyhow!("unsupported WebAssembly feature at byte offset {offset:#x}: {message}")
    } else {
        anyhow!("invalid WebAssembly at byte offset {offset:#x}: {message}")
    }
}
