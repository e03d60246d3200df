//! `wasi:clocks`.

use super::{Interface, function};

pub static INTERFACES: [Interface; 2] = [
    Interface {
        name: "wasi:clocks/monotonic-clock",
        functions: &[
            function("now", "() -> u64"),
            function("resolution", "() -> u64"),
            function("subscribe-instant", "(u64) -> own<pollable>"),
            function("subscribe-duration", "(u64) -> own<pollable>"),
        ],
    },
    Interface {
        name: "wasi:clocks/wall-clock",
        functions: &[function("now", "() -> datetime"), function("resolution", "() -> datetime")],
    },
];
