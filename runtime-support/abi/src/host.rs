//! The functions that the host provides to programs: a row for each, from which come the type that an import must
//! have, the symbol of the runtime's function in each kind of program, and what tracing shows of a call.
//!
//! To add one, add a row here and a function with its symbol to the runtime; a test compares the two.

use crate::symbols;
use crate::trace;

/// The type of a parameter or result of Wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flat {
    I32,
    I64,
}

/// What a function returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An error number, 0 for success.
    Errno,
    /// A number.
    Number,
    /// Nothing: it doesn't return.
    Never,
}

/// A function of the runtime that replaces the ordinary one and has the same type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// In programs built with `--native`.
    NativeEnv,
    /// In programs whose user may set environment variables.
    UserEnv,
    /// In programs with bundles.
    Bundle,
    /// In programs that can't tell what directories they have.
    NoDirectories,
    /// In programs that have to do the same each time, as their state is kept.
    Fixed,
    /// In servers.
    Server,
}

/// The modules that a function is imported from, and the prefix of its symbols.
#[derive(Debug, PartialEq, Eq)]
pub struct Interface {
    /// The names of its modules.
    pub modules: &'static [&'static str],
    prefix: &'static str,
    bundle_prefix: &'static str,
}

const NAME_OF_PREVIEW1: &str = "wasi_snapshot_preview1";
const NAME_OF_PREVIEW0: &str = "wasi_unstable";

/// WASI preview 1 (wasi_snapshot_preview1.witx), where preview 0 (wasi_unstable.witx) is the same.
const BOTH: Interface = Interface { modules: &[NAME_OF_PREVIEW1, NAME_OF_PREVIEW0], ..PREVIEW1 };
/// Functions that only preview 1 has, or that differ there.
const PREVIEW1: Interface = Interface {
    modules: &[NAME_OF_PREVIEW1],
    prefix: symbols::WASI_PREFIX,
    bundle_prefix: symbols::BUNDLE_PREFIX,
};
/// Functions that have other numbers or structures in preview 0.
const PREVIEW0: Interface = Interface {
    modules: &[NAME_OF_PREVIEW0],
    prefix: symbols::PREVIEW0_PREFIX,
    bundle_prefix: symbols::BUNDLE_PREVIEW0_PREFIX,
};
/// The wasi-threads proposal.
const THREADS: Interface = Interface { modules: &["wasi"], ..PREVIEW1 };

/// A function that the host provides.
#[derive(Debug, PartialEq, Eq)]
pub struct HostFunction {
    pub interface: Interface,
    pub name: &'static str,
    /// Its symbols without the prefix.
    pub symbol: &'static str,
    /// Its parameters, as words `NAME:KIND`; the kinds are those of [`trace`].
    pub parameters: &'static str,
    pub outcome: Outcome,
    /// In the order of precedence.
    pub variants: &'static [Variant],
}

impl Interface {
    /// A function of the interface, which returns an error number.
    const fn function(self, name: &'static str, parameters: &'static str) -> HostFunction {
        HostFunction {
            interface: self,
            name,
            symbol: name,
            parameters,
            outcome: Outcome::Errno,
            variants: &[],
        }
    }
}

impl HostFunction {
    const fn with(self, variants: &'static [Variant]) -> HostFunction {
        HostFunction { variants, ..self }
    }

    const fn that_gives(self, outcome: Outcome) -> HostFunction {
        HostFunction { outcome, ..self }
    }

    /// The types of the parameters.
    pub fn params(&self) -> impl Iterator<Item = Flat> {
        let kinds = self.parameters.split(' ').filter_map(|word| word.split_once(':'));
        kinds.flat_map(|(_, kind)| trace::flat(kind)).copied()
    }

    /// The type of the result, if there is one.
    pub fn result(&self) -> Option<Flat> {
        match self.outcome {
            Outcome::Errno | Outcome::Number => Some(Flat::I32),
            Outcome::Never => None,
        }
    }

    /// The prefix of the symbol in a program to which these variants apply; `self.symbol` follows it.
    pub fn prefix(&self, applies: impl Fn(Variant) -> bool) -> &'static str {
        match self.variants.iter().find(|variant| applies(**variant)) {
            // Preview 1 programs that can't tell have none of its functions.
            None | Some(Variant::NoDirectories | Variant::Server) => self.interface.prefix,
            Some(Variant::NativeEnv) => symbols::NATIVE_ENV_PREFIX,
            Some(Variant::UserEnv) => symbols::USER_ENV_PREFIX,
            Some(Variant::Bundle) => self.interface.bundle_prefix,
            Some(Variant::Fixed) => symbols::FIXED_PREFIX,
        }
    }
}

/// The function that an import names.
pub fn find(module: &str, name: &str) -> Option<&'static HostFunction> {
    FUNCTIONS.iter().find(|function| function.name == name && function.interface.modules.contains(&module))
}

/// The only function of wasi-threads.
pub const THREAD_SPAWN: HostFunction = HostFunction {
    symbol: "thread_spawn",
    ..THREADS.function("thread-spawn", "start_arg:u32").that_gives(Outcome::Number)
};

const BUNDLE: &[Variant] = &[Variant::Bundle];
const ENVIRONMENT: &[Variant] = &[Variant::NativeEnv, Variant::UserEnv];
const FIXED: &[Variant] = &[Variant::Fixed];

pub static FUNCTIONS: [HostFunction; 52] = [
    BOTH.function("args_get", "argv:address argv_buf:address"),
    BOTH.function("args_sizes_get", "argc:>u32 argv_buf_size:>u32"),
    BOTH.function("clock_res_get", "id:clockid resolution:>u64").with(FIXED),
    BOTH.function("clock_time_get", "id:clockid precision:u64 time:>u64").with(FIXED),
    BOTH.function("environ_get", "environ:address environ_buf:address").with(ENVIRONMENT),
    BOTH.function("environ_sizes_get", "environ_count:>u32 environ_buf_size:>u32").with(ENVIRONMENT),
    BOTH.function("fd_advise", "fd:fd offset:u64 len:u64 advice:advice").with(BUNDLE),
    BOTH.function("fd_allocate", "fd:fd offset:u64 len:u64"),
    BOTH.function("fd_close", "fd:fd"),
    BOTH.function("fd_datasync", "fd:fd").with(BUNDLE),
    PREVIEW1.function("fd_fdstat_get", "fd:fd stat:>fdstat").with(BUNDLE),
    PREVIEW0.function("fd_fdstat_get", "fd:fd stat:>fdstat").with(BUNDLE),
    BOTH.function("fd_fdstat_set_flags", "fd:fd flags:fdflags").with(BUNDLE),
    BOTH.function("fd_fdstat_set_rights", "fd:fd fs_rights_base:rights fs_rights_inheriting:rights"),
    PREVIEW1.function("fd_filestat_get", "fd:fd buf:>filestat").with(BUNDLE),
    PREVIEW0.function("fd_filestat_get", "fd:fd buf:>filestat-0").with(BUNDLE),
    BOTH.function("fd_filestat_set_size", "fd:fd size:u64"),
    BOTH.function("fd_filestat_set_times", "fd:fd atim:u64 mtim:u64 fst_flags:fstflags"),
    BOTH.function("fd_pread", "fd:fd iovs:iovec offset:u64 nread:>read").with(BUNDLE),
    BOTH.function("fd_prestat_dir_name", "fd:fd path:>string"),
    BOTH.function("fd_prestat_get", "fd:fd buf:>prestat"),
    BOTH.function("fd_pwrite", "fd:fd iovs:ciovec offset:u64 nwritten:>u32"),
    BOTH.function("fd_read", "fd:fd iovs:iovec nread:>read").with(BUNDLE),
    BOTH.function("fd_readdir", "fd:fd buf:buffer cookie:u64 bufused:>u32").with(BUNDLE),
    BOTH.function("fd_renumber", "fd:fd to:fd"),
    PREVIEW1.function("fd_seek", "fd:fd offset:i64 whence:whence newoffset:>u64").with(BUNDLE),
    PREVIEW0.function("fd_seek", "fd:fd offset:i64 whence:whence-0 newoffset:>u64").with(BUNDLE),
    BOTH.function("fd_sync", "fd:fd").with(BUNDLE),
    BOTH.function("fd_tell", "fd:fd offset:>u64").with(BUNDLE),
    BOTH.function("fd_write", "fd:fd iovs:ciovec nwritten:>u32"),
    BOTH.function("path_create_directory", "fd:fd path:path").with(BUNDLE),
    PREVIEW1.function("path_filestat_get", "fd:fd flags:lookupflags path:path buf:>filestat").with(BUNDLE),
    PREVIEW0.function("path_filestat_get", "fd:fd flags:lookupflags path:path buf:>filestat-0").with(BUNDLE),
    BOTH.function(
        "path_filestat_set_times",
        "fd:fd flags:lookupflags path:path atim:u64 mtim:u64 fst_flags:fstflags",
    )
    .with(BUNDLE),
    BOTH.function("path_link", "old_fd:fd old_flags:lookupflags old_path:path new_fd:fd new_path:path")
        .with(BUNDLE),
    BOTH.function(
        "path_open",
        "fd:fd dirflags:lookupflags path:path oflags:oflags fs_rights_base:rights \
         fs_rights_inheriting:rights fdflags:fdflags opened_fd:>u32",
    )
    .with(BUNDLE),
    BOTH.function("path_readlink", "fd:fd path:path buf:buffer bufused:>used").with(BUNDLE),
    BOTH.function("path_remove_directory", "fd:fd path:path").with(BUNDLE),
    BOTH.function("path_rename", "fd:fd old_path:path new_fd:fd new_path:path").with(BUNDLE),
    BOTH.function("path_symlink", "old_path:path fd:fd new_path:path").with(BUNDLE),
    BOTH.function("path_unlink_file", "fd:fd path:path").with(BUNDLE),
    PREVIEW1.function("poll_oneoff", "in:subscriptions out:address nsubscriptions:u32 nevents:>u32"),
    PREVIEW0.function("poll_oneoff", "in:subscriptions-0 out:address nsubscriptions:u32 nevents:>u32"),
    BOTH.function("proc_exit", "rval:u32").that_gives(Outcome::Never),
    BOTH.function("proc_raise", "sig:u32"),
    BOTH.function("random_get", "buf:buffer").with(FIXED),
    BOTH.function("sched_yield", ""),
    PREVIEW1.function("sock_accept", "fd:fd flags:fdflags ro_fd:>u32"),
    BOTH.function("sock_recv", "fd:fd ri_data:iovec ri_flags:riflags ro_datalen:>read ro_flags:>u16"),
    BOTH.function("sock_send", "fd:fd si_data:ciovec si_flags:u32 so_datalen:>u32"),
    BOTH.function("sock_shutdown", "fd:fd how:sdflags"),
    THREAD_SPAWN,
];

#[cfg(test)]
mod tests {
    extern crate std;

    use std::collections::BTreeMap;
    use std::string::{String, ToString};
    use std::vec::Vec;
    use std::{format, fs, path::Path};

    use super::*;

    /// The parameters and the result of a function of the runtime.
    type Type = (Vec<Flat>, Option<Flat>);

    fn flat(ty: &str) -> Flat {
        match ty {
            "u32" | "i32" => Flat::I32,
            "u64" | "i64" => Flat::I64,
            _ => panic!("no parameter or result of a host function is of type {ty}"),
        }
    }

    /// The functions in a source file whose names have a prefix of host functions.
    fn declared(source: &str, functions: &mut BTreeMap<String, Type>) {
        let prefixes = [
            symbols::WASI_PREFIX,
            symbols::PREVIEW0_PREFIX,
            symbols::BUNDLE_PREFIX,
            symbols::USER_ENV_PREFIX,
            symbols::NATIVE_ENV_PREFIX,
            symbols::FIXED_PREFIX,
        ];
        for declaration in source.split("extern \"C\" fn ").skip(1) {
            let (name, rest) = declaration.split_once('(').unwrap();
            if !prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                continue;
            }
            let (parameters, rest) = rest.split_once(") -> ").unwrap();
            let result = rest.split_once(" {").unwrap().0;
            let params = parameters.split(',').filter_map(|parameter| parameter.split_once(':'));
            let params = params.map(|(_, ty)| flat(ty.trim())).collect();
            functions.insert(name.to_string(), (params, (result != "!").then(|| flat(result))));
        }
    }

    fn read(directory: &Path, functions: &mut BTreeMap<String, Type>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, functions);
            } else {
                declared(&fs::read_to_string(path).unwrap(), functions);
            }
        }
    }

    /// The runtime has a function for each row and variant, with the type that follows from the row, and no others.
    #[test]
    fn the_runtime_has_these_functions() {
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src");
        if !runtime.exists() {
            std::eprintln!("skipped: the runtime isn't in the package of this crate");
            return;
        }
        let mut found = BTreeMap::new();
        read(&runtime, &mut found);
        let mut expected = BTreeMap::new();
        for function in &FUNCTIONS {
            let ty = || (function.params().collect(), function.result());
            let ordinary = function.prefix(|_| false);
            let variants =
                function.variants.iter().map(|variant| function.prefix(|applies| applies == *variant));
            for prefix in variants.chain([ordinary]) {
                let earlier: Option<Type> = expected.insert(format!("{prefix}{}", function.symbol), ty());
                assert_eq!(earlier, None, "{prefix}{} is there twice", function.symbol);
            }
        }
        assert_eq!(found, expected);
    }

    /// An import names at most one row.
    #[test]
    fn imports_name_one_function() {
        for function in &FUNCTIONS {
            for module in function.interface.modules {
                assert_eq!(find(module, function.name), Some(function));
            }
        }
        assert_eq!(find(NAME_OF_PREVIEW0, "sock_accept"), None);
        assert_eq!(find("wasi", "thread-spawn"), Some(&THREAD_SPAWN));
        assert_eq!(find("wasi", "fd_read"), None);
    }

    #[test]
    fn kinds_are_known() {
        for function in &FUNCTIONS {
            for word in function.parameters.split(' ').filter(|word| !word.is_empty()) {
                let (_, kind) = word.split_once(':').unwrap();
                assert_ne!(trace::flat(kind), [], "{}: {kind}", function.name);
                assert_eq!(trace::flat(kind).len(), trace::width(kind.as_bytes()));
            }
        }
    }
}
