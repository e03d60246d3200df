//! The functions that the runtime provides, with their types: WASI preview 1
//! (wasi_snapshot_preview1.witx), preview 0 (wasi_unstable.witx), which differs in five functions and lacks
//! one, and wasi-threads. Types are strings: `i` is i32, `I` is i64.

/// A function of the runtime.
#[derive(Debug, PartialEq, Eq)]
pub struct HostFunction {
    pub module: &'static str,
    pub name: &'static str,
    pub params: &'static str,
    pub results: &'static str,
}

const WASI: &str = "wasi_snapshot_preview1";
const PREVIEW0: &str = "wasi_unstable";

const fn wasi(name: &'static str, params: &'static str) -> HostFunction {
    HostFunction { module: WASI, name, params, results: "i" }
}

/// The only function of wasi-threads.
pub const THREAD_SPAWN: HostFunction =
    HostFunction { module: "wasi", name: "thread-spawn", params: "i", results: "i" };

static HOST_FUNCTIONS: [HostFunction; 47] = [
    wasi("args_get", "ii"),
    wasi("args_sizes_get", "ii"),
    wasi("clock_res_get", "ii"),
    wasi("clock_time_get", "iIi"),
    wasi("environ_get", "ii"),
    wasi("environ_sizes_get", "ii"),
    wasi("fd_advise", "iIIi"),
    wasi("fd_allocate", "iII"),
    wasi("fd_close", "i"),
    wasi("fd_datasync", "i"),
    wasi("fd_fdstat_get", "ii"),
    wasi("fd_fdstat_set_flags", "ii"),
    wasi("fd_fdstat_set_rights", "iII"),
    wasi("fd_filestat_get", "ii"),
    wasi("fd_filestat_set_size", "iI"),
    wasi("fd_filestat_set_times", "iIIi"),
    wasi("fd_pread", "iiiIi"),
    wasi("fd_prestat_dir_name", "iii"),
    wasi("fd_prestat_get", "ii"),
    wasi("fd_pwrite", "iiiIi"),
    wasi("fd_read", "iiii"),
    wasi("fd_readdir", "iiiIi"),
    wasi("fd_renumber", "ii"),
    wasi("fd_seek", "iIii"),
    wasi("fd_sync", "i"),
    wasi("fd_tell", "ii"),
    wasi("fd_write", "iiii"),
    wasi("path_create_directory", "iii"),
    wasi("path_filestat_get", "iiiii"),
    wasi("path_filestat_set_times", "iiiiIIi"),
    wasi("path_link", "iiiiiii"),
    wasi("path_open", "iiiiiIIii"),
    wasi("path_readlink", "iiiiii"),
    wasi("path_remove_directory", "iii"),
    wasi("path_rename", "iiiiii"),
    wasi("path_symlink", "iiiii"),
    wasi("path_unlink_file", "iii"),
    wasi("poll_oneoff", "iiii"),
    HostFunction { module: WASI, name: "proc_exit", params: "i", results: "" },
    wasi("proc_raise", "i"),
    wasi("random_get", "ii"),
    wasi("sched_yield", ""),
    wasi("sock_accept", "iii"),
    wasi("sock_recv", "iiiiii"),
    wasi("sock_send", "iiiii"),
    wasi("sock_shutdown", "ii"),
    THREAD_SPAWN,
];

/// Of preview 0, what has other numbers or structures there.
static PREVIEW0_FUNCTIONS: [HostFunction; 5] = [
    preview0("fd_fdstat_get", "ii"),
    preview0("fd_filestat_get", "ii"),
    preview0("fd_seek", "iIii"),
    preview0("path_filestat_get", "iiiii"),
    preview0("poll_oneoff", "iiii"),
];

const fn preview0(name: &'static str, params: &'static str) -> HostFunction {
    HostFunction { module: PREVIEW0, name, params, results: "i" }
}

/// The host function that an import names.
pub fn find(module: &str, name: &str) -> Option<&'static HostFunction> {
    let named = |function: &&HostFunction| function.name == name;
    if module != PREVIEW0 {
        return HOST_FUNCTIONS.iter().filter(named).find(|function| function.module == module);
    }
    let same = |function: &&HostFunction| function.module == WASI && function.name != "sock_accept";
    PREVIEW0_FUNCTIONS.iter().chain(HOST_FUNCTIONS.iter().filter(same)).find(named)
}

impl HostFunction {
    /// Is it a function of preview 0 that differs from that of preview 1?
    pub fn is_preview0(&self) -> bool {
        self.module == PREVIEW0
    }

    /// Does the function have this type?
    pub fn has_type(&self, ty: &wasmparser::FuncType) -> bool {
        let spelled = |types: &[wasmparser::ValType]| -> String {
            types
                .iter()
                .map(|ty| match ty {
                    wasmparser::ValType::I32 => 'i',
                    wasmparser::ValType::I64 => 'I',
                    _ => '?',
                })
                .collect()
        };
        spelled(ty.params()) == self.params && spelled(ty.results()) == self.results
    }

    /// The type, for people.
    pub fn describe(&self) -> String {
        let list = |spelled: &str| {
            let names: Vec<&str> = spelled.chars().map(|c| if c == 'I' { "i64" } else { "i32" }).collect();
            names.join(", ")
        };
        format!("({}) -> ({})", list(self.params), list(self.results))
    }
}

#[cfg(test)]
mod tests {
    use wasm_aot_abi::trace;

    use super::*;

    /// What tracing says of the parameters of each function fits its type.
    #[test]
    fn traced_parameters() {
        for function in HOST_FUNCTIONS.iter().chain(&PREVIEW0_FUNCTIONS) {
            let text = trace::parameters(function.name, function.is_preview0()).expect(function.name);
            let mut types = String::new();
            for (_, kind) in text.split(' ').filter_map(|word| word.split_once(':')) {
                let wide = matches!(kind, "u64" | "i64" | "rights");
                types.push_str(if wide { "I" } else { &"ii"[..trace::width(kind.as_bytes())] });
            }
            assert_eq!(types, function.params, "{}", function.name);
        }
        assert_eq!(trace::parameters("no_function", false), None);
    }
}
