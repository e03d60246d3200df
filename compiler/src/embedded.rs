//! The runtime-support archives inside this binary, put there by `build.rs`.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
