//! What the CPU can do, as the system says: see `wasm_aot_abi::cpu`, which numbers features as Linux does.

use wasm_aot_abi::cpu::hwcap::HWCAP;

use super::api::IsProcessorFeaturePresent;

/// Bits of Linux's word, and PF_ARM_V81_ATOMIC_INSTRUCTIONS_AVAILABLE, PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE. The
/// system has no number for anything else that programs are built for.
const FEATURES: [(u32, u32); 2] = [(8, 34), (20, 43)];

/// Bits of a word; 0 if the system doesn't report it.
pub fn read(register: u8) -> u64 {
    if register != HWCAP {
        return 0;
    }
    FEATURES.iter().fold(0, |bits, &(bit, feature)| {
        // SAFETY: takes no pointers.
        let present = unsafe { IsProcessorFeaturePresent(feature) } != 0;
        bits | u64::from(present) << bit
    })
}
