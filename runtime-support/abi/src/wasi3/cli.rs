//! `wasi:cli`.

use super::{Interface, same};

const ENVIRONMENT: &str = "wasi:cli/environment";
const EXIT: &str = "wasi:cli/exit";

pub static INTERFACES: [Interface; 2] = [
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
];
