//! Host functions, as imports see them. Their table is part of the contract with the runtime,
//! `wasm_aot_abi::host`.

use wasm_aot_abi::host::Flat;
use wasmparser::{FuncType, ValType};

pub use wasm_aot_abi::host::{HostFunction, THREAD_SPAWN, find};

fn val_type(flat: Flat) -> ValType {
    match flat {
        Flat::I32 => ValType::I32,
        Flat::I64 => ValType::I64,
    }
}

/// Whether there is a host function of this name.
pub fn is_host_function(module: &str, name: &str) -> bool {
    find(module, name).is_some()
}

/// Whether a host function has this type.
pub fn has_type(function: &HostFunction, ty: &FuncType) -> bool {
    function.params().map(val_type).eq(ty.params().iter().copied())
        && function.result().map(val_type).iter().eq(ty.results())
}

/// The type of a host function, for diagnostics.
pub fn describe(function: &HostFunction) -> String {
    let params: Vec<String> = function.params().map(|flat| val_type(flat).to_string()).collect();
    let result = function.result().map(|flat| val_type(flat).to_string()).unwrap_or_default();
    format!("({}) -> ({result})", params.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_follow_from_the_table() {
        let function = find("wasi_snapshot_preview1", "fd_seek").expect("it is there");
        assert_eq!(describe(function), "(i32, i64, i32, i32) -> (i32)");
        let params = [ValType::I32, ValType::I64, ValType::I32, ValType::I32];
        assert!(has_type(function, &FuncType::new(params, [ValType::I32])));
        assert!(!has_type(function, &FuncType::new(params, [])));
        let exit = find("wasi_unstable", "proc_exit").expect("it is there");
        assert_eq!(describe(exit), "(i32) -> ()");
    }
}
