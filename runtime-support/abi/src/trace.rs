//! How calls of the host are traced (`WASM_AOT_TRACE=wasi`). For each host function that it imports, a program has a
//! text: the name, and for each parameter a word `NAME:KIND` (see `host`). If the result is a number, [`NUMBER`] stands
//! before these words; else it is an error number.
//!
//! | Kind | what it is, and how many parameters it takes |
//! |---|---|
//! | `fd` `u32` `u64` | a number: 1 |
//! | `i64` | a number with a sign: 1 |
//! | one of [`SETS`] | a set of flags, or one of several values: 1 |
//! | `address` | a pointer, of which only the number is shown: 1 |
//! | `subscriptions` | an array; the parameter after the next one is its length: 1 |
//! | `path` | pointer and length of a string: 2 |
//! | `bytes` | pointer and length of bytes: 2 |
//! | `ciovec` | pointer and length of an array of `ciovec`, whose contents are shown: 2 |
//! | `iovec` | pointer and length of an array of `iovec`, which is read into: 2 |
//! | `buffer` | pointer and size of a buffer: 2 |
//! | `>string` | pointer and size of a buffer that is filled with a string: 2 |
//! | `>u16` `>u32` `>u64` `>filestat` `>fdstat` `>prestat` | pointer to a result: 1 |
//! | `>read` | like `>u32`: the number of bytes of the preceding `iovec` that have been filled: 1 |
//! | `>used` | like `>u32`: the number of bytes of the preceding `buffer` that have been filled with a string: 1 |
//! | `>value` | pointer to a result of a component's function, which isn't shown: 1 |
//! | `>result=OFFSET=NAMES` | pointer to a `result` of a component's function, where its error is, and the names of errors, separated by commas: 1 |
//!
//! `-0` at the end stands for the layout of preview 0.

use crate::host::Flat;

/// Before the parameters of a function whose result is a number.
pub const NUMBER: &str = "# ";

/// Shown in place of the result of a call that doesn't return.
pub const NO_RESULT: u64 = u64::MAX;

/// The number of parameters of the function that a kind takes: pointers come with a length.
pub fn width(kind: &[u8]) -> usize {
    match kind {
        b"path" | b"bytes" | b"ciovec" | b"iovec" | b"buffer" | b">string" => 2,
        _ => 1,
    }
}

/// The types of the parameters that a kind takes; none if there is no such kind.
pub fn flat(kind: &str) -> &'static [Flat] {
    match kind {
        "u64" | "i64" | "rights" => &[Flat::I64],
        "fd" | "u32" | "address" | "subscriptions" | "subscriptions-0" => &[Flat::I32],
        ">u16" | ">u32" | ">u64" | ">read" | ">used" => &[Flat::I32],
        ">filestat" | ">filestat-0" | ">fdstat" | ">prestat" => &[Flat::I32],
        _ if width(kind.as_bytes()) == 2 => &[Flat::I32, Flat::I32],
        _ if SETS.iter().any(|set| set.kind == kind) => &[Flat::I32],
        _ => &[],
    }
}

/// The values of a kind.
pub struct Set {
    pub kind: &'static str,
    /// Whether these are flags, each a bit, rather than values.
    pub flags: bool,
    /// From 0 on; separated by spaces.
    pub names: &'static str,
}

const fn flags(kind: &'static str, names: &'static str) -> Set {
    Set { kind, flags: true, names }
}

const fn values(kind: &'static str, names: &'static str) -> Set {
    Set { kind, flags: false, names }
}

pub static SETS: [Set; 12] = [
    values("advice", "normal sequential random willneed dontneed noreuse"),
    values("clockid", "realtime monotonic process_cputime_id thread_cputime_id"),
    values(
        "filetype",
        "unknown block_device character_device directory regular_file socket_dgram socket_stream symbolic_link",
    ),
    values("whence", "set cur end"),
    values("whence-0", "cur end set"),
    // 33 bytes, see `wasi/trace.rs` of the runtime.
    flags("fdflags", "append dsync nonblock rsync sync "),
    flags("fstflags", "atim atim_now mtim mtim_now"),
    flags("lookupflags", "symlink_follow"),
    flags("oflags", "creat directory excl trunc"),
    flags("riflags", "recv_peek recv_waitall"),
    flags("sdflags", "rd wr"),
    flags(
        "rights",
        "fd_datasync fd_read fd_seek fd_fdstat_set_flags fd_sync fd_tell fd_write fd_advise fd_allocate \
         path_create_directory path_create_file path_link_source path_link_target path_open fd_readdir \
         path_readlink path_rename_source path_rename_target path_filestat_get path_filestat_set_size \
         path_filestat_set_times fd_filestat_get fd_filestat_set_size fd_filestat_set_times path_symlink \
         path_remove_directory path_unlink_file poll_fd_readwrite sock_shutdown sock_accept",
    ),
];
