//! What programs do with files, whatever version of WASI they are for: operations on descriptors and on names. The
//! versions (this folder's neighbours for preview 1, `wasi2::filesystem`) translate numbers and structures, and say how a
//! program passes a name; whatever decides on access is done here and in what this is made of: `resolve`, `walk`, `procfs`.

pub mod names;
pub mod open;
pub mod status;

use core::ffi::CStr;
use core::ops::Deref;

use crate::sys::dir::NewTime;
use crate::sys::file::{self, FileKind, IoVec, Position, Stat};

use super::descriptor::Descriptor;
use super::path::{Path, PathBuffer};
use super::types::Result;
use open::Options;

/// A path as a program passes it: where it is in the program's memory.
pub trait PathArgument: Copy {
    /// Copies it.
    fn read(self, buffer: &mut PathBuffer) -> Result<Path<'_>>;
}

/// A directory and a path beneath it, as a program passes them.
pub trait Name: Copy {
    type Directory: Deref<Target = Descriptor>;
    type Path: PathArgument;

    fn directory(self) -> Result<Self::Directory>;

    fn path(self) -> Self::Path;
}

/// Where files are: on the host only, or in bundles, too. A program has the code of one of them.
pub trait Tree {
    /// Opens a path beneath a directory.
    fn open(directory: &Descriptor, path: &CStr, options: &Options) -> Result<Descriptor>;

    /// Reads a file at a place.
    ///
    /// # Safety
    /// The memory of the pieces may be written, and nobody holds references to it.
    unsafe fn read(file: &Descriptor, pieces: &[IoVec], position: u64) -> Result<usize>;

    /// What is beneath a directory but not on the host: the number, kind and name of the first entry from `number` on.
    fn added_entry(directory: &Descriptor, number: u32) -> Result<Option<(u32, FileKind, &'static [u8])>>;

    fn stat(descriptor: &Descriptor) -> Result<Stat>;

    /// The status of what a name stands for; `follow`: not of a link.
    fn stat_at(name: impl Name, follow: bool) -> Result<Stat>;

    /// Sets the times of access and modification; `follow`: not of a link.
    fn set_times_at(name: impl Name, follow: bool, accessed: NewTime, modified: NewTime) -> Result<()>;

    /// Shows the target of a link.
    fn read_link(name: impl Name, show: &mut impl FnMut(&[u8])) -> Result<()>;

    fn create_directory(name: impl Name) -> Result<()>;

    fn remove_directory(name: impl Name) -> Result<()>;

    /// Removes the name of anything but a directory.
    fn unlink(name: impl Name) -> Result<()>;

    /// Makes a link to a path, which is relative to the link's directory.
    fn symlink(target: impl PathArgument, name: impl Name) -> Result<()>;

    /// Gives a file another name; `follow` is refused.
    fn link<N: Name>(from: N, follow: bool, to: N) -> Result<()>;

    fn rename<N: Name>(from: N, to: N) -> Result<()>;
}

/// The files of the host.
pub struct Host;

impl Tree for Host {
    #[inline(always)]
    fn open(directory: &Descriptor, path: &CStr, options: &Options) -> Result<Descriptor> {
        options.open(directory, path)
    }

    #[inline(always)]
    unsafe fn read(file: &Descriptor, pieces: &[IoVec], position: u64) -> Result<usize> {
        // SAFETY: as the caller promises.
        Ok(unsafe { file::read(file.host, pieces, Position::At(position)) }?)
    }

    #[inline(always)]
    fn added_entry(_: &Descriptor, _: u32) -> Result<Option<(u32, FileKind, &'static [u8])>> {
        Ok(None)
    }

    #[inline(always)]
    fn stat(descriptor: &Descriptor) -> Result<Stat> {
        status::stat(descriptor)
    }

    #[inline(always)]
    fn stat_at(name: impl Name, follow: bool) -> Result<Stat> {
        status::stat_at(name, follow)
    }

    #[inline(always)]
    fn set_times_at(name: impl Name, follow: bool, accessed: NewTime, modified: NewTime) -> Result<()> {
        status::set_times_at(name, follow, accessed, modified)
    }

    #[inline(always)]
    fn read_link(name: impl Name, show: &mut impl FnMut(&[u8])) -> Result<()> {
        names::read_link(name, show)
    }

    #[inline(always)]
    fn create_directory(name: impl Name) -> Result<()> {
        names::create_directory(name)
    }

    #[inline(always)]
    fn remove_directory(name: impl Name) -> Result<()> {
        names::remove(name, true)
    }

    #[inline(always)]
    fn unlink(name: impl Name) -> Result<()> {
        names::remove(name, false)
    }

    #[inline(always)]
    fn symlink(target: impl PathArgument, name: impl Name) -> Result<()> {
        names::symlink(target, name)
    }

    #[inline(always)]
    fn link<N: Name>(from: N, follow: bool, to: N) -> Result<()> {
        names::link(from, follow, to)
    }

    #[inline(always)]
    fn rename<N: Name>(from: N, to: N) -> Result<()> {
        names::rename(from, to)
    }
}
