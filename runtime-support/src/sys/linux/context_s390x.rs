//! The register state in a signal frame, s390x (`struct ucontext`, `_sigregs`).

use linux_raw_sys::general::{SIGFPE, SIGILL};

/// SA_RESTORER: without one, older kernels return through code that they put on the stack.
pub const RESTORER_FLAG: usize = 0x0400_0000;

restorer!(".globl wasm_aot_sigreturn", "wasm_aot_sigreturn:", "svc 173");

#[repr(C)]
pub struct Context {
    flags_link_stack: [u64; 5],
    psw_mask: u64,
    psw_address: u64,
    /// r0 to r15.
    registers: [u64; 16],
}

impl Context {
    /// The signal of traps for which the kernel gives no code, so that they look as if a process had sent it: that of
    /// compare-and-trap instructions, with which prologues check the stack (`do_fp_trap` knows only IEEE exceptions).
    #[cfg(feature = "libraries")]
    pub const UNNAMED_TRAP: u32 = SIGFPE;

    /// Address of the instruction that raised this signal, or of its last byte: the PSW points
    /// behind an instruction that is illegal or traps (Principles of Operation, "Program
    /// Interruption"). Cranelift's trap tables name the last byte of these.
    pub fn fault_pc(&self, signal: u32) -> usize {
        let behind = signal == SIGILL || signal == SIGFPE;
        self.psw_address as usize - usize::from(behind)
    }

    pub fn stack_pointer(&self) -> usize {
        self.registers[15] as usize
    }

    /// The backchain, while the prologue of a function is about to store it.
    pub fn backchain_in_prologue(&self) -> usize {
        self.registers[1] as usize
    }

    /// Makes the interrupted code go on at `pc` with this stack pointer and first return register.
    pub fn resume_at(&mut self, pc: usize, stack_pointer: usize, result: usize) {
        self.psw_address = pc as u64;
        self.registers[15] = stack_pointer as u64;
        self.registers[2] = result as u64;
    }
}
