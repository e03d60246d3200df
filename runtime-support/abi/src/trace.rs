//! How calls of the host are traced (`WASM_AOT_TRACE=wasi`): what the parameters of each function are, by name
//! and kind, as words `NAME:KIND`. A program carries this text for each function that it imports.
//!
//! | Kind | what it is, and how many parameters it takes |
//! |---|---|
//! | `fd` `u32` `u64` | a number: 1 |
//! | `i64` | a number with a sign: 1 |
//! | one of [`SETS`] | a set of flags, or one of several values: 1 |
//! | `address` | a pointer that nothing is shown of: 1 |
//! | `subscriptions` | an array; how many is the parameter after the next one: 1 |
//! | `path` | pointer and length of a string: 2 |
//! | `ciovec` | pointer and length of an array of `ciovec`, whose contents are shown: 2 |
//! | `iovec` | as that, for what will be read: 2 |
//! | `buffer` | pointer and size of a buffer: 2 |
//! | `>string` | as that, filled with a string: 2 |
//! | `>u16` `>u32` `>u64` `>filestat` `>fdstat` `>prestat` | pointer to a result: 1 |
//! | `>read` | as `>u32`: how many bytes of the `iovec` before have been filled: 1 |
//! | `>used` | as `>u32`: how many bytes of the `buffer` before have been filled, with a string: 1 |
//!
//! `-0` at the end stands for the layout of preview 0. The result is an error number; that of a function whose
//! text begins with `#` is a number.

/// A function of the host.
pub struct Function {
    pub name: &'static str,
    pub parameters: &'static str,
}

const fn function(name: &'static str, parameters: &'static str) -> Function {
    Function { name, parameters }
}

/// What passes for a result in front of a call that doesn't return.
pub const NO_RESULT: u64 = u64::MAX;

/// The functions of preview 1, and of wasi-threads.
pub static FUNCTIONS: [Function; 47] = [
    function("args_get", "argv:address argv_buf:address"),
    function("args_sizes_get", "argc:>u32 argv_buf_size:>u32"),
    function("clock_res_get", "id:clockid resolution:>u64"),
    function("clock_time_get", "id:clockid precision:u64 time:>u64"),
    function("environ_get", "environ:address environ_buf:address"),
    function("environ_sizes_get", "environ_count:>u32 environ_buf_size:>u32"),
    function("fd_advise", "fd:fd offset:u64 len:u64 advice:advice"),
    function("fd_allocate", "fd:fd offset:u64 len:u64"),
    function("fd_close", "fd:fd"),
    function("fd_datasync", "fd:fd"),
    function("fd_fdstat_get", "fd:fd stat:>fdstat"),
    function("fd_fdstat_set_flags", "fd:fd flags:fdflags"),
    function("fd_fdstat_set_rights", "fd:fd fs_rights_base:rights fs_rights_inheriting:rights"),
    function("fd_filestat_get", "fd:fd buf:>filestat"),
    function("fd_filestat_set_size", "fd:fd size:u64"),
    function("fd_filestat_set_times", "fd:fd atim:u64 mtim:u64 fst_flags:fstflags"),
    function("fd_pread", "fd:fd iovs:iovec offset:u64 nread:>read"),
    function("fd_prestat_dir_name", "fd:fd path:>string"),
    function("fd_prestat_get", "fd:fd buf:>prestat"),
    function("fd_pwrite", "fd:fd iovs:ciovec offset:u64 nwritten:>u32"),
    function("fd_read", "fd:fd iovs:iovec nread:>read"),
    function("fd_readdir", "fd:fd buf:buffer cookie:u64 bufused:>u32"),
    function("fd_renumber", "fd:fd to:fd"),
    function("fd_seek", "fd:fd offset:i64 whence:whence newoffset:>u64"),
    function("fd_sync", "fd:fd"),
    function("fd_tell", "fd:fd offset:>u64"),
    function("fd_write", "fd:fd iovs:ciovec nwritten:>u32"),
    function("path_create_directory", "fd:fd path:path"),
    function("path_filestat_get", "fd:fd flags:lookupflags path:path buf:>filestat"),
    function(
        "path_filestat_set_times",
        "fd:fd flags:lookupflags path:path atim:u64 mtim:u64 fst_flags:fstflags",
    ),
    function("path_link", "old_fd:fd old_flags:lookupflags old_path:path new_fd:fd new_path:path"),
    function(
        "path_open",
        "fd:fd dirflags:lookupflags path:path oflags:oflags fs_rights_base:rights fs_rights_inheriting:rights \
         fdflags:fdflags opened_fd:>u32",
    ),
    function("path_readlink", "fd:fd path:path buf:buffer bufused:>used"),
    function("path_remove_directory", "fd:fd path:path"),
    function("path_rename", "fd:fd old_path:path new_fd:fd new_path:path"),
    function("path_symlink", "old_path:path fd:fd new_path:path"),
    function("path_unlink_file", "fd:fd path:path"),
    function("poll_oneoff", "in:subscriptions out:address nsubscriptions:u32 nevents:>u32"),
    function("proc_exit", "rval:u32"),
    function("proc_raise", "sig:u32"),
    function("random_get", "buf:buffer"),
    function("sched_yield", ""),
    function("sock_accept", "fd:fd flags:fdflags ro_fd:>u32"),
    function("sock_recv", "fd:fd ri_data:iovec ri_flags:riflags ro_datalen:>read ro_flags:>u16"),
    function("sock_send", "fd:fd si_data:ciovec si_flags:u32 so_datalen:>u32"),
    function("sock_shutdown", "fd:fd how:sdflags"),
    function("thread-spawn", "# start_arg:u32"),
];

/// Those that preview 0 has in another form.
pub static PREVIEW0: [Function; 4] = [
    function("fd_filestat_get", "fd:fd buf:>filestat-0"),
    function("fd_seek", "fd:fd offset:i64 whence:whence-0 newoffset:>u64"),
    function("path_filestat_get", "fd:fd flags:lookupflags path:path buf:>filestat-0"),
    function("poll_oneoff", "in:subscriptions-0 out:address nsubscriptions:u32 nevents:>u32"),
];

/// The parameters of a function. `preview0`: of `wasi_unstable`.
pub fn parameters(name: &str, preview0: bool) -> Option<&'static str> {
    let old = PREVIEW0.iter().filter(|_| preview0);
    old.chain(&FUNCTIONS).find(|function| function.name == name).map(|function| function.parameters)
}

/// How many parameters of the function a kind takes: pointers come with a length.
pub fn width(kind: &[u8]) -> usize {
    match kind {
        b"path" | b"ciovec" | b"iovec" | b"buffer" | b">string" => 2,
        _ => 1,
    }
}

/// The values of a kind.
pub struct Set {
    pub kind: &'static str,
    /// Flags, each a bit, and not values.
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
