//! Replaces this process by the program. Everything that a system must provide for this is in this file; only
//! Linux is supported.
//!
//! A program is executed by the descriptor that was checked, or by its name in the directory that was checked: the
//! same file, since only this user can write there. The name comes first, because Linux before 6.14 calls the process
//! of a descriptor by the descriptor's number (what `ps -e` and `top` show; the first argument, which `ps -f` shows,
//! is right in any case). A program that isn't in the cache, or can't be executed there because the file system is
//! mounted `noexec`, is executed from memory; its process is called `memfd:` and its name, or before 6.14 a number.
//!
//! `/proc` isn't needed.

use std::ffi::{CStr, CString, OsStr, OsString, c_char, c_int};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;

use anyhow::{Context, Error, Result, anyhow};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::Errno;

use super::Entry;

/// The maximum length in bytes of the name of a file in memory: `NAME_MAX` without `memfd:`.
const LONGEST_NAME: usize = 249;

/// What is to be executed.
pub enum Program {
    Cached(Entry),
    /// The executable.
    Memory(Vec<u8>),
}

/// Executes a program in place of this process: `name` is its first argument and, as far as the system allows,
/// the name of the process.
///
/// Returns only if that fails, with the reason. The program inherits that SIGPIPE is ignored, as it is in Rust; it
/// would ignore it anyway.
pub fn execute(program: Program, name: &OsStr, arguments: &[OsString]) -> Error {
    let strings = std::iter::once(name).chain(arguments.iter().map(OsString::as_os_str));
    let Ok(strings) = strings.map(|text| CString::new(text.as_bytes())).collect::<Result<Vec<_>, _>>() else {
        return anyhow!("an argument has a NUL character in it");
    };
    let arguments = Arguments::new(&strings);
    let executable = match program {
        Program::Memory(executable) => executable,
        Program::Cached(mut entry) => {
            let error = execute_entry(&entry, &arguments);
            if !matches!(Errno::from_io_error(&error), Some(Errno::ACCESS | Errno::PERM)) {
                return error.into();
            }
            let mut executable = vec![0; entry.length as usize];
            if let Err(error) = entry.file.read_exact(&mut executable) {
                return error.into();
            }
            executable
        }
    };
    match in_memory(&executable, name) {
        Ok(file) => execute_file(file.as_fd(), &arguments).into(),
        Err(error) => error,
    }
}

/// A file in memory.
fn in_memory(executable: &[u8], name: &OsStr) -> Result<File> {
    let name = &name.as_bytes()[..name.len().min(LONGEST_NAME)];
    // Kernels before 6.3 don't know the flag, later ones may be set to demand it.
    let create = |flags| memfd_create(name, MemfdFlags::CLOEXEC | flags);
    let fd = create(MemfdFlags::EXEC).or_else(|error| match error {
        Errno::INVAL => create(MemfdFlags::empty()),
        error => Err(error),
    });
    let context =
        "the program can't be put into memory; set XDG_CACHE_HOME to a directory where programs can be run";
    let mut file = File::from(fd.context(context)?);
    file.write_all(executable).context(context)?;
    Ok(file)
}

fn execute_entry(entry: &Entry, arguments: &Arguments<'_>) -> io::Error {
    if let Some(name) = &entry.name {
        let error = execute_at(entry.directory.as_fd(), name, arguments, libc::AT_SYMLINK_NOFOLLOW);
        // These errors concern every program; otherwise the name may have been removed in the meantime.
        if matches!(Errno::from_io_error(&error), Some(Errno::TOOBIG | Errno::NOMEM)) {
            return error;
        }
    }
    execute_file(entry.file.as_fd(), arguments)
}

fn execute_file(file: BorrowedFd<'_>, arguments: &Arguments<'_>) -> io::Error {
    execute_at(file, c"", arguments, libc::AT_EMPTY_PATH)
}

/// Returns only if it failed.
fn execute_at(directory: BorrowedFd<'_>, path: &CStr, arguments: &Arguments<'_>, flags: c_int) -> io::Error {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    // SAFETY: the path and the arguments end with NUL, the lists of arguments and variables with a null pointer, and
    // all of them live until the call returns. No other thread changes the environment.
    unsafe {
        libc::syscall(
            libc::SYS_execveat,
            directory.as_raw_fd(),
            path.as_ptr(),
            arguments.pointers.as_ptr(),
            environ,
            flags,
        );
    }
    io::Error::last_os_error()
}

/// Arguments as the system takes them.
struct Arguments<'s> {
    /// Ends with a null pointer.
    pointers: Vec<*const c_char>,
    strings: std::marker::PhantomData<&'s [CString]>,
}

impl<'s> Arguments<'s> {
    fn new(strings: &'s [CString]) -> Arguments<'s> {
        let pointers = strings.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect();
        Arguments { pointers, strings: std::marker::PhantomData }
    }
}
