//! Compiles `checksum.wasm` to a static library and a Rust module, and links it.

fn main() {
    wasm_aot::build_script::library("checksum.wasm");
}
