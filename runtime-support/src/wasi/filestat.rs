//! Sizes and times of files: `fd_filestat_get`, `fd_filestat_set_size`, `fd_filestat_set_times`,
//! `path_filestat_get`, `path_filestat_set_times`.

use crate::sys::dir::{self, NewTime, TimesOf};
use crate::sys::file::{self, Stat};
use crate::sys::{self, OpenFlags};

use super::descriptor;
use super::fdstat::stream_type;
use super::path::{PathBuffer, TrailingSlashes};
use super::resolve::{self, Parent};
use super::types::{Errno, Filetype, Result, answer, check_flags, lookupflags, write_filestat};
use super::walk;

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
    let stat = file::stat(descriptor.host)?;
    write(result, Some(&stat), stat.kind.into());
    Ok(())
}

fn fd_set_size(number: u32, size: u64) -> Result<()> {
    let descriptor = descriptor::get_file(number)?;
    descriptor.check_writable()?;
    Ok(file::truncate(descriptor.host, size)?)
}

#[inline]
pub fn path_get(fd: u32, flags: u32, path: u32, length: u32, result: u32, write: Write) -> Result<()> {
    check_flags(flags, lookupflags::ALL)?;
    let directory = descriptor::get_directory(fd)?;
    let mut buffer = PathBuffer::new();
    let path = buffer.read(path, length)?;
    let follow = flags & lookupflags::SYMLINK_FOLLOW != 0;
    let stat = if !follow && path.is_name() {
        dir::stat_name(directory.host, path.as_c_str())?
    } else {
        resolve::stat(&directory, path.as_c_str(), follow)?
    };
    write(result, Some(&stat), stat.kind.into());
    Ok(())
}

/// New times as the guest gives them, with `fstflags`.
struct Times {
    accessed: u64,
    modified: u64,
    flags: u32,
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
    if descriptor.is_stream() || descriptor.is_socket() {
        return Err(Errno::BADF);
    }
    descriptor.check_writable()?;
    Ok(dir::set_times(TimesOf::File(descriptor.host), accessed, modified)?)
}

fn path_set_times(fd: u32, flags: u32, path: (u32, u32), times: &Times) -> Result<()> {
    check_flags(flags, lookupflags::ALL)?;
    let (accessed, modified) = times.decode()?;
    let directory = descriptor::get_directory(fd)?;
    let mut buffer = PathBuffer::new();
    let path = buffer.read(path.0, path.1)?;
    directory.check_writable()?;
    if flags & lookupflags::SYMLINK_FOLLOW == 0 {
        let (parent, name) = path.split(TrailingSlashes::Directory)?;
        let parent = Parent::open(&directory, parent)?;
        return Ok(dir::set_times(TimesOf::Name(parent.fd(), name), accessed, modified)?);
    }
    if !dir::OPENS_PATHS {
        return walk::at_name_beneath(&directory, path.as_c_str(), true, |parent, name| {
            dir::set_times(TimesOf::Name(parent, name), accessed, modified)
        });
    }
    let opened = resolve::open(&directory, path.as_c_str(), OpenFlags::PATH)?;
    match dir::set_times(TimesOf::Path(opened.fd()), accessed, modified) {
        // An old kernel: it takes only files that were opened to be used.
        Err(sys::Errno::INVAL) => {
            let opened =
                resolve::open(&directory, path.as_c_str(), OpenFlags::READ_ONLY | OpenFlags::NONBLOCK)?;
            Ok(dir::set_times(TimesOf::File(opened.fd()), accessed, modified)?)
        }
        other => Ok(other?),
    }
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
    answer(path_get(fd, flags, path, length, result, write_filestat))
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
    answer(path_set_times(fd, lookup, (path, length), &Times { accessed, modified, flags }))
}
