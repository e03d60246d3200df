//! What the CPU can do, x86-64: see `wasm_aot_abi::cpu`.

use core::arch::asm;
use core::arch::x86_64::__cpuid_count;

use wasm_aot_abi::cpu::x86_64::{XCR0, cpuid};

/// Set in the ECX of leaf 1 if the operating system uses `xsave`.
const OSXSAVE: u32 = 1 << 27;

/// Bits of a register; 0 where the CPU doesn't have it.
pub fn read(register: u8) -> u64 {
    if register == XCR0 {
        return if __cpuid_count(1, 0).ecx & OSXSAVE != 0 { xcr0().into() } else { 0 };
    }
    let (base, leaf, subleaf, index) = cpuid(register);
    // Beyond its last leaf, a CPU of Intel answers with that one.
    if __cpuid_count(base, 0).eax < leaf || subleaf > __cpuid_count(leaf, 0).eax {
        return 0;
    }
    let result = __cpuid_count(leaf, subleaf);
    [result.eax, result.ebx, result.ecx].get(index).map_or(0, |bits| (*bits).into())
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
