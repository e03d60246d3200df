//! Directories and names: opening, creating, removing, renaming. Everything but what [`AT_FDCWD`] stands for is
//! relative to an open directory and takes one name, so no path can lead out of it; links are never followed.

use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::ptr;

use super::api::{
    CreateFileW, HANDLE, INVALID_HANDLE_VALUE, IO_STATUS_BLOCK, NTSTATUS, NtCreateFile, NtSetInformationFile,
    OBJECT_ATTRIBUTES, UNICODE_STRING,
};
use super::clock::{Clock, now};
use super::error::{check_status, last};
use super::file::{self, Fd, FileKind, Stat, descriptor, handle, system_time};
use super::name::{self, Name};
use super::numbers::{
    O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY,
};
use super::{Errno, OpenFlags, Result};

pub use crate::sys::types::{NewTime, TimesOf};

/// The working directory.
pub const AT_FDCWD: Fd = -100;

/// Bytes of the longest path, with its terminator.
pub const PATH_MAX: u32 = 4096;

/// Whether anything can be opened with `OpenFlags::PATH`, to ask about it.
pub const OPENS_PATHS: bool = true;

/// The flags that say what a file is opened for.
const O_ACCMODE: u32 = O_RDONLY | O_WRONLY | O_RDWR;

const DELETE: u32 = 0x1_0000;
const SYNCHRONIZE: u32 = 0x10_0000;
const FILE_READ_DATA: u32 = 1;
const FILE_TRAVERSE: u32 = 0x20;
const FILE_READ_ATTRIBUTES: u32 = 0x80;
const FILE_WRITE_ATTRIBUTES: u32 = 0x100;
/// FILE_WRITE_DATA and FILE_APPEND_DATA.
const WRITE: u32 = 6;

/// FILE_SHARE_READ, WRITE and DELETE: as on other systems, nobody is kept from anything.
const SHARE_ALL: u32 = 7;

const FILE_OPEN: u32 = 1;
const FILE_CREATE: u32 = 2;
const FILE_OPEN_IF: u32 = 3;

const FILE_DIRECTORY_FILE: u32 = 1;
const FILE_SYNCHRONOUS_IO_NONALERT: u32 = 0x20;
const FILE_NON_DIRECTORY_FILE: u32 = 0x40;
const FILE_OPEN_FOR_BACKUP_INTENT: u32 = 0x4000;
const FILE_OPEN_REPARSE_POINT: u32 = 0x20_0000;

const OBJ_CASE_INSENSITIVE: u32 = 0x40;

/// Opens or creates a name in a directory. What it stands for is opened itself, if it is a link.
fn create(directory: Fd, name: &Name, access: u32, disposition: u32, options: u32) -> Result<HANDLE> {
    let units = name.units();
    let bytes = size_of_val(units) as u16;
    let text = UNICODE_STRING { Length: bytes, MaximumLength: bytes, Buffer: units.as_ptr().cast_mut() };
    let attributes = OBJECT_ATTRIBUTES {
        Length: size_of::<OBJECT_ATTRIBUTES>() as u32,
        RootDirectory: handle(directory),
        ObjectName: &raw const text,
        Attributes: OBJ_CASE_INSENSITIVE,
        SecurityDescriptor: ptr::null(),
        SecurityQualityOfService: ptr::null(),
    };
    let (mut result, mut status) = (0, IO_STATUS_BLOCK::default());
    let options =
        options | FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_FOR_BACKUP_INTENT | FILE_OPEN_REPARSE_POINT;
    // SAFETY: reads the attributes and the name, writes the result and the status.
    check_status(unsafe {
        NtCreateFile(
            &raw mut result,
            access | SYNCHRONIZE,
            &raw const attributes,
            &raw mut status,
            ptr::null(),
            super::api::FILE_ATTRIBUTE_NORMAL,
            SHARE_ALL,
            disposition,
            options,
            ptr::null(),
            0,
        )
    })?;
    Ok(result)
}

/// As `create`, with the right to set times, too, if it can be had.
fn create_with_times(
    directory: Fd,
    name: &Name,
    access: u32,
    disposition: u32,
    options: u32,
) -> Result<HANDLE> {
    match create(directory, name, access | FILE_WRITE_ATTRIBUTES, disposition, options) {
        Err(Errno::ACCES) => create(directory, name, access, disposition, options),
        other => other,
    }
}

/// Opens a name in a directory, or any path of the host, for [`AT_FDCWD`].
pub fn open(directory: Fd, path: &CStr, OpenFlags(flags): OpenFlags) -> Result<Fd> {
    if directory == AT_FDCWD {
        return open_path(path.to_bytes(), flags);
    }
    let name = Name::new(path.to_bytes())?;
    let writes = flags & O_ACCMODE != O_RDONLY;
    let mut access = FILE_READ_ATTRIBUTES | FILE_TRAVERSE;
    if flags & O_PATH == 0 {
        if flags & O_ACCMODE != O_WRONLY {
            access |= FILE_READ_DATA;
        }
        if writes {
            access |= WRITE;
        }
    }
    let disposition = match flags & (O_CREAT | O_EXCL) {
        0 | O_EXCL => FILE_OPEN,
        O_CREAT => FILE_OPEN_IF,
        _ => FILE_CREATE,
    };
    let options = if flags & O_DIRECTORY != 0 || name.is_directory {
        FILE_DIRECTORY_FILE
    } else if flags & O_CREAT != 0 {
        FILE_NON_DIRECTORY_FILE
    } else {
        0
    };
    let opened = create_with_times(directory, &name, access, disposition, options)?;
    let mut fd = descriptor(opened);
    finish(fd, flags).inspect_err(|_| file::close(fd))?;
    file::set_open_mode(&mut fd, flags & O_APPEND != 0, flags & O_NONBLOCK != 0)?;
    Ok(fd)
}

/// Refuses what was opened with flags that don't fit it; truncates it.
fn finish(fd: Fd, flags: u32) -> Result<()> {
    let kind = file::stat(fd)?.kind;
    if flags & O_PATH != 0 {
        return Ok(());
    }
    match kind {
        // As with O_NOFOLLOW elsewhere; whoever wants the link followed looks at it.
        FileKind::SymbolicLink => Err(Errno::LOOP),
        FileKind::Directory if flags & O_ACCMODE != O_RDONLY => Err(Errno::ISDIR),
        _ if flags & O_TRUNC != 0 => file::truncate(fd, 0),
        _ => Ok(()),
    }
}

/// Opens a path of the host, which the policy or the user gives, following links.
fn open_path(path: &[u8], flags: u32) -> Result<Fd> {
    const GENERIC_READ: u32 = 0x8000_0000;
    const GENERIC_WRITE: u32 = 0x4000_0000;
    const OPEN_EXISTING: u32 = 3;
    const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x200_0000;
    let mut units = [0; PATH_MAX as usize];
    let length = name::utf16(path, &mut units)?;
    if length == units.len() {
        return Err(Errno::NAMETOOLONG);
    }
    let access = match flags & O_ACCMODE {
        _ if flags & O_PATH != 0 => FILE_READ_ATTRIBUTES | FILE_TRAVERSE,
        O_RDONLY => GENERIC_READ,
        _ => GENERIC_READ | GENERIC_WRITE,
    };
    // SAFETY: reads the terminated path.
    let opened = unsafe {
        let options = FILE_FLAG_BACKUP_SEMANTICS;
        CreateFileW(units.as_ptr(), access, SHARE_ALL, ptr::null(), OPEN_EXISTING, options, 0)
    };
    if opened == INVALID_HANDLE_VALUE {
        return Err(last());
    }
    let fd = descriptor(opened);
    let wrong = flags & O_DIRECTORY != 0 && file::stat(fd)?.kind != FileKind::Directory;
    if wrong {
        file::close(fd);
        return Err(Errno::NOTDIR);
    }
    Ok(fd)
}

/// The system has no counterpart: paths are resolved name by name.
pub fn open_beneath(_directory: Fd, _path: &CStr, _flags: OpenFlags) -> Result<Fd> {
    Err(Errno::NOSYS)
}

/// The status of a name in a directory; a symbolic link's own.
pub fn stat_name(directory: Fd, name: &CStr) -> Result<Stat> {
    let fd = open(directory, name, OpenFlags::PATH | OpenFlags::NO_FOLLOW)?;
    let stat = file::stat(fd);
    file::close(fd);
    stat
}

pub fn make_directory(directory: Fd, name: &CStr) -> Result<()> {
    create_directory(directory, &Name::new(name.to_bytes())?)
}

fn create_directory(directory: Fd, name: &Name) -> Result<()> {
    let made = create(directory, name, FILE_READ_ATTRIBUTES, FILE_CREATE, FILE_DIRECTORY_FILE)?;
    file::close(descriptor(made));
    Ok(())
}

/// Sets information of an open file: `FILE_INFORMATION_CLASS`.
///
/// # Safety
/// The structure at `from` has `bytes` bytes and is that of the class.
unsafe fn set_information(fd: Fd, from: *const u8, bytes: usize, class: u32) -> NTSTATUS {
    let mut status = IO_STATUS_BLOCK::default();
    // SAFETY: as the caller promises.
    unsafe { NtSetInformationFile(handle(fd), &raw mut status, from.cast(), bytes as u32, class) }
}

/// Has an open file removed. Its name is gone when this handle is closed, or, where the system can't do that, when
/// all are.
fn delete(fd: Fd) -> Result<()> {
    const FILE_DISPOSITION_INFORMATION: u32 = 13;
    const FILE_DISPOSITION_INFORMATION_EX: u32 = 64;
    /// FILE_DISPOSITION_DELETE, POSIX_SEMANTICS, IGNORE_READONLY_ATTRIBUTE.
    static FLAGS: u32 = 0x13;
    // SAFETY: the structures of the classes. Not every file system has the first.
    unsafe {
        check_status(set_information(fd, (&raw const FLAGS).cast(), 4, FILE_DISPOSITION_INFORMATION_EX))
            .or_else(|error| match error {
                Errno::NOTEMPTY => Err(error),
                _ => check_status(set_information(fd, [1].as_ptr(), 1, FILE_DISPOSITION_INFORMATION)),
            })
    }
}

/// Removes a name: of a directory if `is_directory`, else of anything but a directory.
pub fn remove(directory: Fd, name: &CStr, is_directory: bool) -> Result<()> {
    let text = name;
    let name = Name::new(text.to_bytes())?;
    if name.is_directory && !is_directory {
        let is_link = stat_name(directory, text)?.kind == FileKind::SymbolicLink;
        return Err(if is_link { Errno::NOTDIR } else { Errno::ISDIR });
    }
    if name.units().is_empty() {
        return Err(if is_directory { Errno::INVAL } else { Errno::ISDIR });
    }
    let options = if is_directory { FILE_DIRECTORY_FILE } else { FILE_NON_DIRECTORY_FILE };
    let opened = create(directory, &name, DELETE | FILE_READ_ATTRIBUTES, FILE_OPEN, options)?;
    let fd = descriptor(opened);
    let result = delete(fd);
    file::close(fd);
    result
}

/// `FILE_RENAME_INFORMATION` and `FILE_LINK_INFORMATION`.
#[repr(C)]
struct NewName {
    flags: u32,
    directory: HANDLE,
    bytes: u32,
    name: [u16; 256],
}

impl NewName {
    fn new(directory: Fd, name: &Name, flags: u32) -> NewName {
        let mut units = [0; 256];
        units.iter_mut().zip(name.units()).for_each(|(to, from)| *to = *from);
        let bytes = size_of_val(name.units()) as u32;
        NewName { flags, directory: handle(directory), bytes, name: units }
    }

    /// # Safety
    /// The class takes this structure.
    unsafe fn set(&self, fd: Fd, class: u32) -> Result<()> {
        // SAFETY: as the caller promises.
        check_status(unsafe { set_information(fd, ptr::from_ref(self).cast(), size_of::<NewName>(), class) })
    }
}

pub fn rename(from: Fd, from_name: &CStr, to: Fd, to_name: &CStr) -> Result<()> {
    const FILE_RENAME_INFORMATION: u32 = 10;
    const FILE_RENAME_INFORMATION_EX: u32 = 65;
    /// FILE_RENAME_REPLACE_IF_EXISTS, POSIX_SEMANTICS (even if it is open), IGNORE_READONLY_ATTRIBUTE.
    const FLAGS: u32 = 0x43;
    let old = to_name;
    let (from_name, to_name) = (Name::new(from_name.to_bytes())?, Name::new(to_name.to_bytes())?);
    if from_name.units().is_empty() || to_name.units().is_empty() {
        return Err(Errno::BUSY);
    }
    let must_be_directory = from_name.is_directory || to_name.is_directory;
    let options = if must_be_directory { FILE_DIRECTORY_FILE } else { 0 };
    let opened = create(from, &from_name, DELETE | FILE_READ_ATTRIBUTES, FILE_OPEN, options)?;
    let fd = descriptor(opened);
    // SAFETY: the classes take the structure. Not every file system has the first.
    let set = || unsafe {
        NewName::new(to, &to_name, FLAGS)
            .set(fd, FILE_RENAME_INFORMATION_EX)
            .or_else(|_| NewName::new(to, &to_name, 1).set(fd, FILE_RENAME_INFORMATION))
    };
    let is_directory = || file::stat(fd).is_ok_and(|stat| stat.kind == FileKind::Directory);
    // A link to a directory can be opened as one.
    if must_be_directory && !is_directory() {
        file::close(fd);
        return Err(Errno::NOTDIR);
    }
    // Wine would let a directory take the place of a file.
    let is_refused = match stat_name(to, old) {
        Ok(stat) => stat.kind != FileKind::Directory && is_directory(),
        Err(error) => error == Errno::NOTDIR && is_directory(),
    };
    let result = if is_refused { Err(Errno::NOTDIR) } else { set() };
    let result = result.or_else(|error| {
        make_way(fd, to, &to_name).unwrap_or(Err(error))?;
        // A directory can't be moved below itself, for example: then all is as it was.
        set().inspect_err(|_| _ = create_directory(to, &to_name))
    });
    file::close(fd);
    result
}

/// Other systems let a directory take the place of an empty one, and say what is wrong with anything else that is
/// in the way: removes the empty one. None if nothing is in the way.
#[cold]
fn make_way(fd: Fd, to: Fd, name: &Name) -> Option<Result<()>> {
    let is_directory = |fd: Fd| file::stat(fd).is_ok_and(|stat| stat.kind == FileKind::Directory);
    let target = descriptor(create(to, name, DELETE | FILE_READ_ATTRIBUTES, FILE_OPEN, 0).ok()?);
    let result = match (is_directory(fd), is_directory(target)) {
        (false, true) => Some(Err(Errno::ISDIR)),
        (true, false) => Some(Err(Errno::NOTDIR)),
        (true, true) => Some(delete(target)),
        (false, false) => None,
    };
    file::close(target);
    result
}

/// Gives a file another name. Symbolic links aren't followed.
pub fn link(from: Fd, from_name: &CStr, to: Fd, to_name: &CStr) -> Result<()> {
    const FILE_LINK_INFORMATION: u32 = 11;
    let new = to_name;
    let (from_name, to_name) = (Name::new(from_name.to_bytes())?, Name::new(to_name.to_bytes())?);
    let access = FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES;
    let opened = create(from, &from_name, access, FILE_OPEN, FILE_NON_DIRECTORY_FILE);
    // What is wrong with a new name, if it can be seen from the name.
    let is_taken = || match stat_name(to, new) {
        Ok(_) => Some(Errno::EXIST),
        Err(Errno::NOTDIR) if to_name.is_directory => Some(Errno::EXIST),
        Err(Errno::NOENT) if !to_name.is_directory => None,
        Err(other) => Some(other),
    };
    let opened = opened.map_err(|error| match error {
        // It comes first, as on Linux.
        Errno::ISDIR => is_taken().unwrap_or(Errno::PERM),
        other => other,
    })?;
    let fd = descriptor(opened);
    if to_name.is_directory
        && let Some(error) = is_taken()
    {
        file::close(fd);
        return Err(error);
    }
    // SAFETY: the class takes the structure.
    let result = unsafe { NewName::new(to, &to_name, 0).set(fd, FILE_LINK_INFORMATION) };
    file::close(fd);
    result
}

/// Links can be made only with a privilege that most users don't have; so nobody makes any.
pub fn make_symlink(_target: &CStr, _directory: Fd, _name: &CStr) -> Result<()> {
    Err(Errno::NOTSUP)
}

/// Links of this system aren't followed, so their targets aren't revealed.
pub fn read_link<'a>(directory: Fd, name: &CStr, _buffer: &'a mut [MaybeUninit<u8>]) -> Result<&'a [u8]> {
    match stat_name(directory, name)?.kind {
        FileKind::SymbolicLink => Err(Errno::NOTSUP),
        _ => Err(Errno::INVAL),
    }
}

/// Programs know no paths of this system: the working directory has none for them.
pub fn working_directory(_path: &mut [u8]) -> Result<usize> {
    Err(Errno::NOSYS)
}

impl NewTime {
    fn system_time(self) -> Result<i64> {
        Ok(match self {
            NewTime::Keep => 0,
            NewTime::Now => system_time(now(Clock::Realtime)?),
            NewTime::At(time) => system_time(time),
        })
    }
}

pub fn set_times(file: TimesOf<'_>, accessed: NewTime, modified: NewTime) -> Result<()> {
    let (accessed, modified) = (accessed.system_time()?, modified.system_time()?);
    match file {
        TimesOf::File(fd) | TimesOf::Path(fd) => file::set_times(fd, accessed, modified),
        TimesOf::Name(directory, name) => {
            let fd = open(directory, name, OpenFlags::PATH | OpenFlags::NO_FOLLOW)?;
            let result = file::set_times(fd, accessed, modified);
            file::close(fd);
            result
        }
    }
}
