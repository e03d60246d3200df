//! What the CPU can do, as the kernel says in the auxiliary vector: see `wasm_aot_abi::cpu`.

use linux_raw_sys::auxvec::{AT_HWCAP, AT_HWCAP2, AT_NULL};
use wasm_aot_abi::cpu::hwcap::{HWCAP, HWCAP2};

use crate::start::process;

/// Bits of a word; 0 if the kernel doesn't give it.
pub fn read(register: u8) -> u64 {
    let wanted = match register {
        HWCAP => AT_HWCAP,
        HWCAP2 => AT_HWCAP2,
        _ => return 0,
    };
    let mut entry = process().auxiliary;
    // SAFETY: pairs of a type and a value, up to the type AT_NULL (System V ABI, process initialisation).
    unsafe {
        while (*entry)[0] != AT_NULL as usize {
            if (*entry)[0] == wanted as usize {
                return (*entry)[1] as u64;
            }
            entry = entry.add(1);
        }
    }
    0
}
