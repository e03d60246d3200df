//! What is only relocated is made read-only (`wasm_aot_abi::relro`). Linked into programs whose code calls through tables
//! that nothing writes; the linker puts what is to be protected into pages of its own and says where they are.

use linux_raw_sys::auxvec::AT_PAGESZ;
use linux_raw_sys::elf::{ET_DYN, Elf_Ehdr, Elf_Phdr, PT_GNU_RELRO};
use linux_raw_sys::general::{__NR_mprotect, PROT_READ};
use wasm_aot_abi::relro::Relro;

use super::start::auxiliary;
use super::{Result, check, syscall3};
use crate::fail::fail;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::RELRO`.
    static wasm_aot_relro: Relro;
    /// The executable's header, which linkers give this name.
    static __ehdr_start: Elf_Ehdr;
}

/// `wasm_aot_abi::symbols::RELRO_MAIN`. Nothing else of the program has run.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_relro_main() {
    if protect().is_err() {
        fail(b"the system doesn't make the program's constants read-only");
    }
    // SAFETY: the compiler defines the symbol in every program that has this function, with this layout.
    (unsafe { &wasm_aot_relro }.main)()
}

fn protect() -> Result<()> {
    let header = &raw const __ehdr_start;
    // SAFETY: an executable has the segments that its header says, and the first one has both.
    let (base, segments) = unsafe {
        // What isn't position-independent is where it was linked.
        let base = if (*header).e_type == ET_DYN { header.addr() } else { 0 };
        let segments = header.byte_add((*header).e_phoff).cast::<Elf_Phdr>();
        (base, core::slice::from_raw_parts(segments, (*header).e_phnum.into()))
    };
    let page = auxiliary(AT_PAGESZ as usize);
    for segment in segments.iter().filter(|segment| segment.p_type == PT_GNU_RELRO) {
        let start = base + segment.p_vaddr;
        // The first page may begin with other data that is only read. Some linkers end this with a page of the least size, and
        // go on with what is written: where pages are larger, the last one can't be protected.
        let end = (start + segment.p_memsz) & !(page - 1);
        let start = start & !(page - 1);
        if start == end {
            continue;
        }
        // SAFETY: `sys::linux::relocate` has relocated what is there, and nothing else writes it.
        check(unsafe { syscall3(__NR_mprotect, start, end - start, PROT_READ as usize) })?;
    }
    Ok(())
}
