//! Sizes and times of files.

use crate::sys::dir::{self, NewTime, TimesOf};
use crate::sys::file::{self, Stat};
use crate::sys::{self, OpenFlags};

use super::super::descriptor::Descriptor;
use super::super::path::{PathBuffer, TrailingSlashes};
use super::super::resolve::{self, Parent};
use super::super::types::{Errno, Result};
use super::super::walk;
use super::{Name, PathArgument};

#[inline(always)]
pub fn stat(descriptor: &Descriptor) -> Result<Stat> {
    Ok(file::stat(descriptor.host)?)
}

/// The status of what a name stands for; `follow`: not of a link.
#[inline]
pub fn stat_at(name: impl Name, follow: bool) -> Result<Stat> {
    let directory = name.directory()?;
    let mut buffer = PathBuffer::new();
    let path = name.path().read(&mut buffer)?;
    if !follow && path.is_name() {
        return Ok(dir::stat_name(directory.host, path.as_c_str())?);
    }
    resolve::stat(&directory, path.as_c_str(), follow)
}

/// Sets the size of a file.
#[inline(always)]
pub fn set_size(file: &Descriptor, size: u64) -> Result<()> {
    file.check_writable()?;
    Ok(file::truncate(file.host, size)?)
}

/// Sets the times of access and modification of a file or directory.
#[inline(always)]
pub fn set_times(descriptor: &Descriptor, accessed: NewTime, modified: NewTime) -> Result<()> {
    descriptor.check_writable()?;
    if descriptor.is_stream() || descriptor.is_socket() {
        return Err(Errno::BADF);
    }
    Ok(dir::set_times(TimesOf::File(descriptor.host), accessed, modified)?)
}

/// Sets the times of what a name stands for; `follow`: not of a link.
#[inline(always)]
pub fn set_times_at(name: impl Name, follow: bool, accessed: NewTime, modified: NewTime) -> Result<()> {
    let directory = name.directory()?;
    let mut buffer = PathBuffer::new();
    let path = name.path().read(&mut buffer)?;
    directory.check_writable()?;
    if !follow {
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
