//! What the CPU can do, as the kernel says in the auxiliary vector: see `wasm_aot_abi::cpu`.

use linux_raw_sys::auxvec::{AT_HWCAP, AT_HWCAP2};
use wasm_aot_abi::cpu::hwcap::{HWCAP, HWCAP2};

use super::start::auxiliary;

/// Bits of a word; 0 if the kernel doesn't give it.
pub fn read(register: u8) -> u64 {
    let wanted = match register {
        HWCAP => AT_HWCAP,
        HWCAP2 => AT_HWCAP2,
        _ => return 0,
    };
    auxiliary(wanted as usize) as u64
}
