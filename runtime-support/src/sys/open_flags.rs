//! How files are opened. The numbers of the flags are each system's own (`numbers`).

use core::ops::{BitOr, BitOrAssign};

use super::numbers;

/// A set of flags, among them exactly one of `READ_ONLY`, `WRITE_ONLY` and `READ_WRITE`, unless there is `PATH`.
#[derive(Clone, Copy)]
pub struct OpenFlags(pub(super) u32);

macro_rules! flags {
    ($($(#[doc = $doc:literal])* $name:ident = $number:ident,)*) => {
        #[allow(dead_code, reason = "as in `errno`")]
        impl OpenFlags {
            $($(#[doc = $doc])* pub const $name: OpenFlags = OpenFlags(numbers::$number);)*
        }
    };
}

flags! {
    READ_ONLY = O_RDONLY,
    WRITE_ONLY = O_WRONLY,
    READ_WRITE = O_RDWR,
    /// Creates a regular file if there is nothing.
    CREATE = O_CREAT,
    /// With `CREATE`: fails if there is something.
    EXCLUSIVE = O_EXCL,
    TRUNCATE = O_TRUNC,
    APPEND = O_APPEND,
    NONBLOCK = O_NONBLOCK,
    /// A terminal doesn't become that of the process.
    NO_CONTROLLING_TERMINAL = O_NOCTTY,
    /// Fails if it isn't a directory.
    DIRECTORY = O_DIRECTORY,
    /// Fails if the last name is that of a symbolic link; with `PATH`, opens the link itself.
    NO_FOLLOW = O_NOFOLLOW,
    /// To ask about it or, if it is a directory, to go through it: needs no right to read.
    PATH = O_PATH,
}

impl OpenFlags {
    /// Whether any of these flags is set.
    #[inline(always)]
    pub fn intersects(self, flags: OpenFlags) -> bool {
        self.0 & flags.0 != 0
    }
}

impl BitOr for OpenFlags {
    type Output = OpenFlags;

    #[inline(always)]
    fn bitor(self, flags: OpenFlags) -> OpenFlags {
        OpenFlags(self.0 | flags.0)
    }
}

impl BitOrAssign for OpenFlags {
    #[inline(always)]
    fn bitor_assign(&mut self, flags: OpenFlags) {
        self.0 |= flags.0;
    }
}
