//! Address space: reserving, committing and moving pages.

use core::ops::Range;
use core::ptr;

use linux_raw_sys::auxvec::AT_PAGESZ;
use linux_raw_sys::general::{
    __NR_madvise, __NR_mmap, __NR_mprotect, __NR_mremap, __NR_munmap, MADV_DODUMP, MADV_DONTDUMP,
    MAP_ANONYMOUS, MAP_FIXED_NOREPLACE, MAP_NORESERVE, MAP_PRIVATE, MREMAP_FIXED, MREMAP_MAYMOVE, PROT_NONE,
    PROT_READ, PROT_WRITE,
};

use super::start::auxiliary;
use super::{Errno, Result, check, syscall3, syscall6};

/// Maps `bytes` of zeroes (`writable`) or of inaccessible address space (not `writable`); at
/// `address`, where nothing may be yet, if it isn't 0.
pub fn map(address: usize, bytes: usize, writable: bool) -> Result<*mut u8> {
    let protection = if writable { PROT_READ | PROT_WRITE } else { PROT_NONE };
    let mut flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    if address != 0 {
        flags |= MAP_FIXED_NOREPLACE;
    }
    let mapped = map_pages(address, bytes, protection, flags)?;
    if address != 0 && mapped != address {
        // A kernel before 4.17 takes the address for a hint.
        // SAFETY: unmaps what was just mapped.
        unsafe { syscall3(__NR_munmap, mapped, bytes, 0) };
        return Err(Errno::EXIST);
    }
    Ok(ptr::with_exposed_provenance_mut(mapped))
}

/// Reserves address space, at `hint` if nothing is there yet.
pub fn reserve_near(hint: usize, bytes: usize) -> Result<*mut u8> {
    let mapped = map_pages(hint, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)?;
    Ok(ptr::with_exposed_provenance_mut(mapped))
}

/// Reserves address space at a multiple of its size, which is a power of two and at least a page.
pub fn reserve_aligned(bytes: usize) -> Result<*mut u8> {
    let start = map(0, 2 * bytes, false)?;
    let before = start.addr().next_multiple_of(bytes) - start.addr();
    // SAFETY: only what was just mapped is unmapped.
    unsafe {
        let aligned = start.add(before);
        for (rest, length) in [(start, before), (aligned.add(bytes), bytes - before)] {
            if length != 0 {
                syscall3(__NR_munmap, rest as usize, length, 0);
            }
        }
        Ok(aligned)
    }
}

/// `flags` don't have MAP_FIXED.
fn map_pages(address: usize, bytes: usize, protection: u32, flags: u32) -> Result<usize> {
    let arguments = [address, bytes, protection as usize, flags as usize, usize::MAX, 0];
    // SAFETY: without MAP_FIXED no existing mapping is touched.
    check(unsafe { mmap(&arguments) })
}

/// The part of a range of addresses that the process can have: nothing else is put at addresses that it names.
pub fn claim(range: Range<usize>) -> Range<usize> {
    range
}

/// Maps zeroes at claimed addresses, where nothing may be yet.
pub fn use_claimed(address: usize, bytes: usize) -> Result<()> {
    map(address, bytes, true).map(drop)
}

/// Unmaps claimed pages.
///
/// # Safety
/// They are in use, and nothing refers to them.
pub unsafe fn release_claimed(address: usize, bytes: usize) {
    if bytes != 0 {
        // SAFETY: as the caller promises.
        unsafe { syscall3(__NR_munmap, address, bytes, 0) };
    }
}

/// Makes reserved pages readable and writable.
///
/// # Safety
/// The range is part of a reservation that the caller owns.
pub unsafe fn commit(address: *mut u8, bytes: usize) -> Result<()> {
    // SAFETY: as the caller promises.
    check(unsafe { syscall3(__NR_mprotect, address as usize, bytes, (PROT_READ | PROT_WRITE) as usize) })?;
    Ok(())
}

pub use commit as commit_across;

/// Says whether pages belong in core dumps (and in what debuggers write). A hint: errors are ignored.
pub fn set_dumped(address: *mut u8, bytes: usize, dumped: bool) {
    let advice = if dumped { MADV_DODUMP } else { MADV_DONTDUMP };
    // SAFETY: changes no contents.
    unsafe { syscall3(__NR_madvise, address as usize, bytes, advice as usize) };
}

/// Whether the system's pages have this size. Some kernels for aarch64 have larger ones: then, whatever shares one with
/// what is moved would be moved away, too.
pub fn has_pages_of(bytes: usize) -> bool {
    !cfg!(target_arch = "aarch64") || auxiliary(AT_PAGESZ as usize) == bytes
}

/// Moves the pages at `from` to `to`, replacing what is mapped there. They keep their protection.
///
/// # Safety
/// Nothing refers to either range; both are owned by the caller and page-aligned.
pub unsafe fn move_pages(from: *const u8, to: *mut u8, bytes: usize) -> Result<()> {
    let flags = (MREMAP_MAYMOVE | MREMAP_FIXED) as usize;
    // SAFETY: as the caller promises.
    check(unsafe { syscall6(__NR_mremap, from as usize, bytes, bytes, flags, to as usize, 0) })?;
    Ok(())
}

/// Grows a mapping by zeroes: where it is, if nothing is behind it, else it moves. `anonymous`: none of its pages came from
/// a file. Then no more than `new_bytes` of address space are in use meanwhile, as there may be a limit; nor in any
/// case if it needn't move.
///
/// # Safety
/// `address` was mapped with `old_bytes`; if it moves, the old address is not used again.
pub unsafe fn grow(address: *mut u8, old_bytes: usize, new_bytes: usize, anonymous: bool) -> Result<*mut u8> {
    if anonymous {
        let (address, flags) = (address.expose_provenance(), MREMAP_MAYMOVE as usize);
        // SAFETY: as the caller promises. What is extended is a single area, and stays one.
        let grown = check(unsafe { syscall6(__NR_mremap, address, old_bytes, new_bytes, flags, 0, 0) });
        if let Ok(grown) = grown {
            return Ok(ptr::with_exposed_provenance_mut(grown));
        }
    }
    if map(address.expose_provenance() + old_bytes, new_bytes - old_bytes, true).is_ok() {
        return Ok(address);
    }
    let larger = map(0, new_bytes, true)?;
    // SAFETY: as the caller promises; both have at least `old_bytes` bytes.
    unsafe {
        // The kernel moves only what it has as a single area: not so while an image is a part of it.
        if move_pages(address, larger, old_bytes).is_err() {
            ptr::copy_nonoverlapping(address, larger, old_bytes);
            syscall3(__NR_munmap, address as usize, old_bytes, 0);
        }
    }
    Ok(larger)
}

/// # Safety
/// As for `mmap`; the arguments are the address, the length, the protection, the flags, the file
/// descriptor and the offset.
#[inline(always)]
pub(super) unsafe fn mmap(arguments: &[usize; 6]) -> isize {
    // SAFETY: as the caller promises.
    unsafe {
        if cfg!(target_arch = "s390x") {
            // The system call takes the address of its arguments there.
            return syscall3(__NR_mmap, arguments.as_ptr() as usize, 0, 0);
        }
        let [address, bytes, protection, flags, file, offset] = *arguments;
        syscall6(__NR_mmap, address, bytes, protection, flags, file, offset)
    }
}

/// Unmaps what is mapped there.
///
/// # Safety
/// All of it is the caller's, and nothing refers to it.
#[cfg(feature = "libraries")]
pub unsafe fn unmap(address: *mut u8, bytes: usize) {
    // SAFETY: as the caller promises.
    unsafe { syscall3(__NR_munmap, address as usize, bytes, 0) };
}
