//! The register state that a signal handler sees and may change.

#[cfg_attr(target_arch = "aarch64", path = "registers_aarch64.rs")]
#[cfg_attr(target_arch = "x86_64", path = "registers_x86_64.rs")]
mod registers;

use self::registers::Registers;

/// The beginning of `struct __darwin_mcontext64`.
#[repr(C)]
struct MachineContext {
    /// Fault address, cause.
    exception: [u64; 2],
    registers: Registers,
}

/// The register state that the system hands to a handler: `struct __darwin_ucontext`.
#[repr(C)]
pub struct Context {
    /// Signal stack, mask, link, size.
    head: [u64; 6],
    machine: *mut MachineContext,
}

impl Context {
    fn registers(&self) -> &Registers {
        // SAFETY: the system's structure, which lives as long as this one.
        unsafe { &(*self.machine).registers }
    }

    /// Address of the instruction that raised this signal.
    pub fn fault_pc(&self, _signal: u32) -> usize {
        self.registers().pc()
    }

    pub fn frame_pointer(&self) -> usize {
        self.registers().frame_pointer()
    }

    /// Makes the interrupted code go on at `pc` with this stack pointer and first return register.
    pub fn resume_at(&mut self, pc: usize, stack_pointer: usize, result: usize) {
        // SAFETY: as in `registers`; it is ours to change.
        unsafe { (*self.machine).registers.set(pc, stack_pointer, result) };
    }
}
