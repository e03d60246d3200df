//! The rows of `targets.toml`, as the build script writes them.

use cranelift_codegen::ir::ArgumentExtension;
use cranelift_codegen::isa::CallConv;
use wasm_aot_abi::cpu::{hwcap, x86_64};

use super::cpu::{Architecture, DebugRegisters, Feature, FreeExtensions};
use super::format::{Elf, Format};
use super::target::Target;

include!(concat!(env!("OUT_DIR"), "/targets.rs"));
