//! Pages that many memories begin with: each has them as they were, and copies only those that it writes to.

use linux_raw_sys::general::{
    __NR_ftruncate, __NR_madvise, __NR_memfd_create, MADV_DONTNEED, MAP_FIXED, MAP_NORESERVE, MAP_PRIVATE,
    MFD_CLOEXEC, PROT_READ, PROT_WRITE,
};

use super::file::{self, Fd, IoVec, Position};
use super::map::mmap;
use super::{Result, check, syscall3};

/// Pages of zeroes, to be filled and then mapped any number of times.
pub fn make(bytes: usize) -> Result<Fd> {
    let name = c"wasm memory".as_ptr() as usize;
    // SAFETY: the kernel reads the name.
    let image = check(unsafe { syscall3(__NR_memfd_create, name, MFD_CLOEXEC as usize, 0) })? as Fd;
    // SAFETY: takes no pointers.
    if let Err(error) = check(unsafe { syscall3(__NR_ftruncate, image as usize, bytes, 0) }) {
        file::close(image);
        return Err(error);
    }
    Ok(image)
}

/// Writes `length` bytes of them.
///
/// # Safety
/// The bytes are readable.
pub unsafe fn fill(image: Fd, offset: u64, bytes: *const u8, length: usize) -> Result<()> {
    let mut done = 0;
    while done < length {
        // SAFETY: as the caller promises. The system reads it only.
        unsafe {
            let rest = IoVec { base: bytes.add(done).cast_mut(), length: length - done };
            done += file::write(image, &[rest], Position::At(offset + done as u64))?;
        }
    }
    Ok(())
}

/// Maps the pages, replacing what is at the address.
///
/// # Safety
/// The range is the caller's, and nothing refers to it.
pub unsafe fn map(image: Fd, address: *mut u8, bytes: usize) -> Result<()> {
    let protection = (PROT_READ | PROT_WRITE) as usize;
    let flags = (MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE) as usize;
    let arguments = [address.expose_provenance(), bytes, protection, flags, image as usize, 0];
    // SAFETY: as the caller promises.
    check(unsafe { mmap(&arguments) })?;
    Ok(())
}

/// Makes pages of a private mapping what they were before anybody wrote to them.
///
/// # Safety
/// The range is the caller's, and nothing refers to it.
pub unsafe fn restore(address: *mut u8, bytes: usize) -> Result<()> {
    // SAFETY: as the caller promises. The system refuses pages that are locked.
    check(unsafe { syscall3(__NR_madvise, address.addr(), bytes, MADV_DONTNEED as usize) })?;
    Ok(())
}
