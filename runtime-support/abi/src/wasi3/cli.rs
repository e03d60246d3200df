//! `wasi:cli`.

use super::{Interface, own, same};

const ENVIRONMENT: &str = "wasi:cli/environment";
const IN: &str = "wasi:cli/terminal-stdin";
const OUT: &str = "wasi:cli/terminal-stdout";
const ERROR: &str = "wasi:cli/terminal-stderr";
const EXIT: &str = "wasi:cli/exit";

pub static INTERFACES: [Interface; 11] = [
    Interface {
        name: ENVIRONMENT,
        functions: &[
            same("get-environment", "() -> list<tuple<string, string>>", ENVIRONMENT, "get-environment"),
            same("get-arguments", "() -> list<string>", ENVIRONMENT, "get-arguments"),
            same("get-initial-cwd", "() -> option<string>", ENVIRONMENT, "initial-cwd"),
        ],
    },
    Interface {
        name: EXIT,
        functions: &[
            same("exit", "(result)", EXIT, "exit"),
            same("exit-with-code", "(u8)", EXIT, "exit-with-code"),
        ],
    },
    Interface { name: "wasi:cli/types", functions: &[] },
    Interface {
        name: "wasi:cli/stdin",
        functions: &[own("read-via-stream", "() -> tuple<stream<u8>, future<result<_, stdio-error-code>>>")],
    },
    Interface {
        name: "wasi:cli/stdout",
        functions: &[own("write-via-stream", "(stream<u8>) -> future<result<_, stdio-error-code>>")],
    },
    Interface {
        name: "wasi:cli/stderr",
        functions: &[own("write-via-stream", "(stream<u8>) -> future<result<_, stdio-error-code>>")],
    },
    Interface { name: "wasi:cli/terminal-input", functions: &[] },
    Interface { name: "wasi:cli/terminal-output", functions: &[] },
    Interface {
        name: IN,
        functions: &[same(
            "get-terminal-stdin",
            "() -> option<own<terminal-input>>",
            IN,
            "get-terminal-stdin",
        )],
    },
    Interface {
        name: OUT,
        functions: &[same(
            "get-terminal-stdout",
            "() -> option<own<terminal-output>>",
            OUT,
            "get-terminal-stdout",
        )],
    },
    Interface {
        name: ERROR,
        functions: &[same(
            "get-terminal-stderr",
            "() -> option<own<terminal-output>>",
            ERROR,
            "get-terminal-stderr",
        )],
    },
];
