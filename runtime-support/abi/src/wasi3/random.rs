//! `wasi:random`.

use super::{Interface, same};

const SEED: &str = "wasi:random/insecure-seed";
const INSECURE: &str = "wasi:random/insecure";
const RANDOM: &str = "wasi:random/random";

pub static INTERFACES: [Interface; 3] = [
    Interface {
        name: SEED,
        functions: &[same("get-insecure-seed", "() -> tuple<u64, u64>", SEED, "insecure-seed")],
    },
    Interface {
        name: INSECURE,
        functions: &[
            same("get-insecure-random-bytes", "(u64) -> list<u8>", INSECURE, "get-insecure-random-bytes"),
            same("get-insecure-random-u64", "() -> u64", INSECURE, "get-insecure-random-u64"),
        ],
    },
    Interface {
        name: RANDOM,
        functions: &[
            same("get-random-bytes", "(u64) -> list<u8>", RANDOM, "get-random-bytes"),
            same("get-random-u64", "() -> u64", RANDOM, "get-random-u64"),
        ],
    },
];
