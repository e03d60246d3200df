//! The fuzzer of the translator; what it does is in `tests/src/fuzz/translate.rs`, where it is linted and tested.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wasm_aot_tests::fuzz::translate::translate(data));
