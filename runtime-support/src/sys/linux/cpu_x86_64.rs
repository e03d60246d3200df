//! What the CPU can do, x86-64: see `wasm_aot_abi::cpu`.

use core::arch::asm;
use core::arch::x86_64::{__cpuid, __cpuid_count};

use wasm_aot_abi::cpu::x86_64::{EXTENDED_1_ECX, LEAF_1_ECX, LEAF_7_1_EAX, LEAF_7_EBX, LEAF_7_ECX, XCR0};

/// Set in the ECX of leaf 1 if the operating system uses `xsave`.
const OSXSAVE: u32 = 1 << 27;

/// Bits of a register; 0 where the CPU doesn't have it.
pub fn read(register: u8) -> u64 {
    let leaf_7 = |subleaf: u32| {
        // Beyond its last leaf, a CPU of Intel answers with that one.
        let count = if __cpuid(0).eax >= 7 { __cpuid_count(7, 0).eax + 1 } else { 0 };
        (subleaf < count).then(|| __cpuid_count(7, subleaf))
    };
    u64::from(match register {
        LEAF_1_ECX => __cpuid(1).ecx,
        LEAF_7_EBX => leaf_7(0).map_or(0, |leaf| leaf.ebx),
        LEAF_7_ECX => leaf_7(0).map_or(0, |leaf| leaf.ecx),
        LEAF_7_1_EAX => leaf_7(1).map_or(0, |leaf| leaf.eax),
        EXTENDED_1_ECX if __cpuid(0x8000_0000).eax > 0x8000_0000 => __cpuid(0x8000_0001).ecx,
        XCR0 if __cpuid(1).ecx & OSXSAVE != 0 => xcr0(),
        _ => 0,
    })
}

/// The low half of the extended control register 0. The operating system must use `xsave`.
fn xcr0() -> u32 {
    let low;
    // SAFETY: with OSXSAVE set, `xgetbv` is allowed; it only writes eax and edx.
    unsafe {
        asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") _, options(nomem, nostack, preserves_flags));
    }
    low
}
