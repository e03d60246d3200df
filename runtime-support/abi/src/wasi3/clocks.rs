//! `wasi:clocks`.

use super::{Interface, own, same};

const MONOTONIC: &str = "wasi:clocks/monotonic-clock";
const WALL: &str = "wasi:clocks/wall-clock";

pub static INTERFACES: [Interface; 3] = [
    Interface { name: "wasi:clocks/types", functions: &[] },
    Interface {
        name: MONOTONIC,
        functions: &[
            same("now", "() -> u64", MONOTONIC, "now"),
            same("get-resolution", "() -> u64", MONOTONIC, "resolution"),
            own("wait-until", "async (u64)"),
            own("wait-for", "async (u64)"),
        ],
    },
    Interface {
        name: "wasi:clocks/system-clock",
        functions: &[
            // A time since 1970 is the same with and without a sign.
            same("now", "() -> instant", WALL, "now"),
            own("get-resolution", "() -> u64"),
        ],
    },
];
