//! The compiler's description of the program, see `wasm_aot_abi::layout`.

use wasm_aot_abi::layout::{CpuDemands, ProgramInfo};
use wasm_aot_abi::network::Network;
use wasm_aot_abi::policy::{BundlePolicy, Bytes, Limits, NetworkPolicy, Policy};

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::PROGRAM`.
    static wasm_aot_program: ProgramInfo;
}

/// The program that this runtime was linked with.
pub fn program() -> &'static ProgramInfo {
    // SAFETY: the compiler defines the symbol in every executable, with this layout.
    unsafe { &wasm_aot_program }
}

/// What the program is granted.
pub fn policy() -> &'static Policy {
    // SAFETY: never null; the compiler's constant data.
    unsafe { &*program().policy }
}

/// The same, in a program that has bundles.
pub fn bundle_policy() -> Option<&'static BundlePolicy> {
    let policy = policy();
    // SAFETY: the flag says that the compiler wrote a `BundlePolicy`.
    (policy.flags & Policy::BUNDLES != 0).then(|| unsafe { &*program().policy.cast() })
}

/// What the program is granted of the network, if it is anything.
pub fn network() -> Option<&'static Network> {
    let policy = policy();
    if policy.flags & Policy::NETWORK == 0 {
        return None;
    }
    // SAFETY: the flag says that the compiler wrote a `NetworkPolicy`, whose pointer isn't null.
    unsafe { (*program().policy.cast::<NetworkPolicy>()).network.as_ref() }
}

/// Limits beside the stack, if there are any.
pub fn limits() -> Option<&'static Limits> {
    // SAFETY: null or the compiler's constant data.
    unsafe { policy().limits.as_ref() }
}

/// What the program demands of the CPU, if it is anything.
pub fn cpu_demands() -> Option<&'static CpuDemands> {
    // SAFETY: null or the compiler's constant data.
    unsafe { program().cpu.as_ref() }
}

/// A string of the compiler.
pub fn bytes(value: &Bytes) -> &'static [u8] {
    // SAFETY: the compiler's constant data.
    unsafe { slice(value.data, value.length) }
}

/// The slice at `data`, empty if `length` is 0.
///
/// # Safety
/// `data` points at `length` initialised elements that nobody writes, or `length` is 0.
pub unsafe fn slice<'a, T>(data: *const T, length: u64) -> &'a [T] {
    if length == 0 {
        return &[];
    }
    // SAFETY: as the caller promises.
    unsafe { core::slice::from_raw_parts(data, length as usize) }
}

/// Offset of `pc` in the Wasm code, if it is there.
pub fn code_offset(program: &ProgramInfo, pc: usize) -> Option<u32> {
    let (start, end) = (program.text_start as usize, program.text_end as usize);
    (start..end).contains(&pc).then(|| (pc - start) as u32)
}
