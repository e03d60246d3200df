//! What differs between the two instruction sets.

use anyhow::{Result, bail};
use object::macho;

/// An instruction set.
#[derive(Debug)]
pub struct Machine {
    pub cpu_type: u32,
    /// Its name in the text stubs of libraries.
    pub stub_target: &'static str,
    /// The kind of CPU, as linkers mark executables.
    pub cpu_subtype: u32,
    /// The same of libraries.
    pub library_subtype: u32,
    /// The system's page size in bytes, to which segments are aligned.
    pub page: u64,
    /// Size in bytes of the code that jumps to an imported function.
    pub stub_bytes: u64,
    /// `compact_unwind_encoding.h`: a function with a frame pointer, without information about saved
    /// registers.
    pub frame_encoding: u32,
}

pub static X86_64: Machine = Machine {
    cpu_type: macho::CPU_TYPE_X86_64,
    stub_target: "x86_64-macos",
    // With 64-bit libraries.
    cpu_subtype: macho::CPU_SUBTYPE_X86_64_ALL | macho::CPU_SUBTYPE_LIB64,
    library_subtype: macho::CPU_SUBTYPE_X86_64_ALL,
    page: 4 << 10,
    stub_bytes: 6,
    frame_encoding: 0x0100_0000,
};

pub static ARM64: Machine = Machine {
    cpu_type: macho::CPU_TYPE_ARM64,
    stub_target: "arm64-macos",
    cpu_subtype: macho::CPU_SUBTYPE_ARM64_ALL,
    library_subtype: macho::CPU_SUBTYPE_ARM64_ALL,
    page: 16 << 10,
    stub_bytes: 12,
    frame_encoding: 0x0400_0000,
};

impl Machine {
    pub fn of(cpu_type: u32) -> Result<&'static Machine> {
        match [&X86_64, &ARM64].into_iter().find(|machine| machine.cpu_type == cpu_type) {
            Some(machine) => Ok(machine),
            None => bail!("CPU type {cpu_type:#x} isn't known"),
        }
    }

    pub fn is_arm(&self) -> bool {
        self.cpu_type == macho::CPU_TYPE_ARM64
    }

    /// Code at `at` that jumps to the address in the word at `pointer`.
    pub fn stub(&self, at: u64, pointer: u64) -> Vec<u8> {
        if !self.is_arm() {
            // jmp *pointer(%rip)
            let distance = pointer.wrapping_sub(at + 6) as u32;
            return [&[0xff, 0x25][..], &distance.to_le_bytes()].concat();
        }
        let pages = (pointer >> 12).wrapping_sub(at >> 12) as u32;
        let offset = (pointer & 0xfff) as u32;
        let code = [
            // adrp x16, pointer
            0x9000_0010 | (pages & 3) << 29 | (pages >> 2 & 0x7_ffff) << 5,
            // ldr x16, [x16, pointer]
            0xf940_0210 | (offset / 8) << 10,
            // br x16
            0xd61f_0200,
        ];
        code.iter().flat_map(|instruction| instruction.to_le_bytes()).collect()
    }
}
