//! `wasi:random`.

use super::{Interface, function};

pub static INTERFACES: [Interface; 3] = [
    Interface {
        name: "wasi:random/insecure-seed",
        functions: &[function("insecure-seed", "() -> tuple<u64, u64>")],
    },
    Interface {
        name: "wasi:random/insecure",
        functions: &[
            function("get-insecure-random-bytes", "(u64) -> list<u8>"),
            function("get-insecure-random-u64", "() -> u64"),
        ],
    },
    Interface {
        name: "wasi:random/random",
        functions: &[
            function("get-random-bytes", "(u64) -> list<u8>"),
            function("get-random-u64", "() -> u64"),
        ],
    },
];
