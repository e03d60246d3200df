//! Sizes and times of files: `fd_filestat_get`, `fd_filestat_set_size`, `fd_filestat_set_times`,
//! `path_filestat_get`, `path_filestat_set_times`.

use crate::sys::dir::NewTime;
use crate::sys::file::Stat;

use super::descriptor;
use super::fdstat::stream_type;
use super::files::{Host, Tree, status};
use super::path::GuestName;
use super::types::{Errno, Filetype, Result, answer, check_flags, lookupflags, write_filestat};

/// How a `filestat` is written, to a pointer; perhaps only the type is known.
pub type Write = fn(u32, Option<&Stat>, Filetype);

#[inline]
pub fn fd_get(number: u32, result: u32, write: Write) -> Result<()> {
    let descriptor = descriptor::get(number)?;
    if descriptor.is_stream() {
        // The guest learns nothing about what is behind it.
        write(result, None, stream_type(&descriptor));
        return Ok(());
    }
    if descriptor.is_socket() {
        write(result, None, Filetype::SocketStream);
        return Ok(());
    }
    let stat = status::stat(&descriptor)?;
    write(result, Some(&stat), stat.kind.into());
    Ok(())
}

fn fd_set_size(number: u32, size: u64) -> Result<()> {
    status::set_size(&*descriptor::get_file(number)?, size)
}

#[inline]
pub fn path_get<T: Tree>(name: GuestName, flags: u32, result: u32, write: Write) -> Result<()> {
    check_flags(flags, lookupflags::ALL)?;
    let stat = T::stat_at(name, flags & lookupflags::SYMLINK_FOLLOW != 0)?;
    write(result, Some(&stat), stat.kind.into());
    Ok(())
}

/// New times as the guest gives them, with `fstflags`.
pub struct Times {
    pub accessed: u64,
    pub modified: u64,
    pub flags: u32,
}

impl Times {
    fn decode(&self) -> Result<(NewTime, NewTime)> {
        check_flags(self.flags, 0xf)?;
        let one = |time, flags| match flags & 3 {
            0 => Ok(NewTime::Keep),
            1 => Ok(NewTime::At(time)),
            2 => Ok(NewTime::Now),
            _ => Err(Errno::INVAL),
        };
        Ok((one(self.accessed, self.flags)?, one(self.modified, self.flags >> 2)?))
    }
}

fn fd_set_times(number: u32, times: &Times) -> Result<()> {
    let (accessed, modified) = times.decode()?;
    let descriptor = descriptor::get(number)?;
    status::set_times(&descriptor, accessed, modified)
}

#[inline]
pub fn path_set_times<T: Tree>(name: GuestName, flags: u32, times: &Times) -> Result<()> {
    check_flags(flags, lookupflags::ALL)?;
    let (accessed, modified) = times.decode()?;
    T::set_times_at(name, flags & lookupflags::SYMLINK_FOLLOW != 0, accessed, modified)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_filestat_get(fd: u32, result: u32) -> i32 {
    answer(fd_get(fd, result, write_filestat))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_filestat_set_size(fd: u32, size: u64) -> i32 {
    answer(fd_set_size(fd, size))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_fd_filestat_set_times(
    fd: u32,
    accessed: u64,
    modified: u64,
    flags: u32,
) -> i32 {
    answer(fd_set_times(fd, &Times { accessed, modified, flags }))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_filestat_get(
    fd: u32,
    flags: u32,
    path: u32,
    length: u32,
    result: u32,
) -> i32 {
    answer(path_get::<Host>(GuestName { fd, path, length }, flags, result, write_filestat))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_path_filestat_set_times(
    fd: u32,
    lookup: u32,
    path: u32,
    length: u32,
    accessed: u64,
    modified: u64,
    flags: u32,
) -> i32 {
    let times = Times { accessed, modified, flags };
    answer(path_set_times::<Host>(GuestName { fd, path, length }, lookup, &times))
}
