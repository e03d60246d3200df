//! What the CPU can do, as the system says: see `wasm_aot_abi::cpu`, which numbers features as Linux does.

use core::ffi::CStr;
use core::ptr;

use wasm_aot_abi::cpu::hwcap::{HWCAP, HWCAP2};

/// Words and bits of Linux, and the system's names ("Determining instruction set characteristics"), for all that
/// programs are built for.
static FEATURES: [(u8, u32, &CStr); 5] = [
    (HWCAP, 8, c"hw.optional.arm.FEAT_LSE"),
    // Its name before macOS 12.
    (HWCAP, 8, c"hw.optional.armv8_1_atomics"),
    (HWCAP, 20, c"hw.optional.arm.FEAT_DotProd"),
    // It has no name before macOS 12, but FEAT_FHM has, and Apple's CPUs have both or neither.
    (HWCAP, 20, c"hw.optional.armv8_2_fhm"),
    (HWCAP2, 13, c"hw.optional.arm.FEAT_I8MM"),
];

/// Bits of a word.
pub fn read(register: u8) -> u64 {
    FEATURES.iter().filter(|(word, ..)| *word == register).fold(0, |bits, &(_, bit, name)| {
        let (mut value, mut size) = (0_u32, size_of::<u32>());
        let to = (&raw mut value).cast();
        // SAFETY: reads the name, writes value and size.
        let found = unsafe { libc::sysctlbyname(name.as_ptr(), to, &raw mut size, ptr::null_mut(), 0) } == 0;
        bits | u64::from(found && value != 0) << bit
    })
}
