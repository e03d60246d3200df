//! The kernel's code in the process, the vDSO, which reads clocks without a system call: an ELF image whose address the
//! kernel gives.

use core::sync::atomic::{AtomicUsize, Ordering};

use linux_raw_sys::auxvec::AT_SYSINFO_EHDR;
use linux_raw_sys::elf::{
    DT_NULL, DT_STRTAB, DT_SYMTAB, Elf_Dyn, Elf_Ehdr, Elf_Phdr, Elf_Sym, PT_DYNAMIC, PT_LOAD, SHN_UNDEF,
};
use linux_raw_sys::general::__kernel_timespec;

use super::start::auxiliary;
use crate::sys::c_str;

/// `clock_gettime`: 0 for success.
pub type ClockGettime = unsafe extern "C" fn(clock: u32, time: *mut __kernel_timespec) -> i32;

/// What it is called, depending on the instruction set.
const NAMES: [&[u8]; 2] = [b"__vdso_clock_gettime", b"__kernel_clock_gettime"];

/// The address of the function, [`NOT_SOUGHT`] or [`NOT_THERE`].
static FOUND: AtomicUsize = AtomicUsize::new(NOT_SOUGHT);
const NOT_SOUGHT: usize = 0;
const NOT_THERE: usize = 1;

/// The kernel's `clock_gettime`, if there is one.
pub fn clock_gettime() -> Option<ClockGettime> {
    let mut found = FOUND.load(Ordering::Relaxed);
    if found == NOT_SOUGHT {
        found = match auxiliary(AT_SYSINFO_EHDR as usize) {
            0 => NOT_THERE,
            // SAFETY: the kernel's image.
            image => unsafe { find(image) }.unwrap_or(NOT_THERE),
        };
        FOUND.store(found, Ordering::Relaxed);
    }
    // SAFETY: the function with this name has this type.
    (found != NOT_THERE).then(|| unsafe { core::mem::transmute::<usize, ClockGettime>(found) })
}

/// The address of the function in an image.
///
/// # Safety
/// A vDSO is at `image`.
#[cold]
unsafe fn find(image: usize) -> Option<usize> {
    // SAFETY: an image has all that its headers say; it ends its dynamic section with DT_NULL, and its strings with 0.
    // The linker script of every kernel puts the strings right behind the symbols, so that these end there.
    unsafe {
        let header = &*(image as *const Elf_Ehdr);
        let segments = (image + header.e_phoff) as *const Elf_Phdr;
        let segments = core::slice::from_raw_parts(segments, header.e_phnum.into());
        let segment = |kind| segments.iter().find(move |segment| segment.p_type == kind);
        let load = segment(PT_LOAD)?;
        let base = image.wrapping_add(load.p_offset).wrapping_sub(load.p_vaddr);
        let mut entry = base.wrapping_add(segment(PT_DYNAMIC)?.p_vaddr) as *const Elf_Dyn;
        let (mut symbols, mut strings) = (0, 0);
        while (*entry).d_tag != DT_NULL {
            let address = base.wrapping_add((*entry).d_un.d_ptr);
            match (*entry).d_tag {
                DT_SYMTAB => symbols = address,
                DT_STRTAB => strings = address,
                _ => {}
            }
            entry = entry.add(1);
        }
        let count = strings.checked_sub(symbols)? / size_of::<Elf_Sym>();
        let symbols = core::slice::from_raw_parts(symbols as *const Elf_Sym, count);
        let is_wanted = |symbol: &&Elf_Sym| {
            let name = c_str::bytes_at((strings + symbol.st_name as usize) as *const u8);
            symbol.st_shndx != SHN_UNDEF && NAMES.contains(&name)
        };
        Some(base.wrapping_add(symbols.iter().find(is_wanted)?.st_value))
    }
}
