//! `wasi:cli`.

use super::{Interface, function};
use crate::host::Variant;

pub static INTERFACES: [Interface; 10] = [
    Interface {
        name: "wasi:cli/environment",
        functions: &[
            function("get-environment", "() -> list<tuple<string, string>>")
                .with(&[Variant::NativeEnv, Variant::UserEnv]),
            function("get-arguments", "() -> list<string>"),
            function("initial-cwd", "() -> option<string>"),
        ],
    },
    Interface {
        name: "wasi:cli/exit",
        functions: &[
            function("exit", "(result)").with(&[Variant::Server]),
            function("exit-with-code", "(u8)").with(&[Variant::Server]),
        ],
    },
    Interface { name: "wasi:cli/stdin", functions: &[function("get-stdin", "() -> own<input-stream>")] },
    Interface { name: "wasi:cli/stdout", functions: &[function("get-stdout", "() -> own<output-stream>")] },
    Interface { name: "wasi:cli/stderr", functions: &[function("get-stderr", "() -> own<output-stream>")] },
    Interface { name: "wasi:cli/terminal-input", functions: &[] },
    Interface { name: "wasi:cli/terminal-output", functions: &[] },
    Interface {
        name: "wasi:cli/terminal-stdin",
        functions: &[function("get-terminal-stdin", "() -> option<own<terminal-input>>")],
    },
    Interface {
        name: "wasi:cli/terminal-stdout",
        functions: &[function("get-terminal-stdout", "() -> option<own<terminal-output>>")],
    },
    Interface {
        name: "wasi:cli/terminal-stderr",
        functions: &[function("get-terminal-stderr", "() -> option<own<terminal-output>>")],
    },
];
