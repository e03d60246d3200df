//! Modules that need a feature which isn't supported: the message names the feature, the function
//! if it is one that uses it, and the byte offset. When a feature comes to be supported, its rows go.

use super::test;
use crate::harness::Test;

struct Row {
    feature: &'static str,
    module: Module,
    /// The function that uses it, by index and name.
    function: Option<&'static str>,
    offset: &'static str,
}

enum Module {
    Text(&'static str),
    Binary(&'static [u8]),
}

use Module::{Binary, Text};

const fn row(
    feature: &'static str,
    module: Module,
    function: Option<&'static str>,
    offset: &'static str,
) -> Row {
    Row { feature, module, function, offset }
}

const ROWS: &[Row] = &[
    row("stack switching", Text("(module (type $f (func)) (type (cont $f)))"), None, "0xe"),
    row("custom descriptors", Text("(module (type $s (struct)) (func (param (ref null (exact $s)))))"), None, "0xd"),
    // Valid with the types that custom descriptors give to casts, and invalid without.
    row("custom descriptors", Text("(module (type $s (struct)) (func $cast (param (ref any)) (result (ref null $s)) (block (result (ref any)) (br_on_cast 1 (ref any) (ref null $s) (local.get 0))) unreachable))"), Some("0 (cast)"), "0x22"),
    row("memory control", Binary(b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x05\x03\x01\0\x01\x0a\x0b\x01\x09\0\x41\0\x41\0\xfc\x12\0\x0b"), Some("0"), "0x20"),
];

pub fn tests() -> Vec<Test> {
    let rows = ROWS.iter().enumerate();
    let mut tests = vec![test("unsupported/--features", |bench| {
        bench.write("module.wasm", wat::parse_str("(module (func (drop (v128.const i64x2 0 0))))")?)?;
        let build = |features: &'static str| ["build", "module.wasm", "--features", features, "-o", "out"];
        bench.aot(&build("all,-simd"))?.failed(&["unsupported WebAssembly feature", ": SIMD ("])?;
        bench.aot(&build("wasm1"))?.failed(&["unsupported WebAssembly feature", ": SIMD ("])?;
        bench.write("gc.wasm", wat::parse_str("(module (type (struct)))")?)?;
        let refused = bench.aot(&["build", "gc.wasm", "--features", "all,-gc", "-o", "out"])?;
        refused.failed(&["unsupported WebAssembly feature", ": garbage collection ("])?;
        std::fs::remove_file(bench.path("gc.wasm"))?;
        bench.write(
            "imports.wasm",
            wat::parse_str(r#"(module (import "m" (item "f") (item "g") (func)))"#)?,
        )?;
        let refused =
            bench.aot(&["build", "imports.wasm", "--features", "all,-compact-imports", "-o", "out"])?;
        refused.failed(&[
            "unsupported WebAssembly feature",
            ": compact imports (",
            "it is not among --features",
        ])?;
        std::fs::remove_file(bench.path("imports.wasm"))?;
        bench.aot(&build("quantum"))?.failed(&["unknown feature `quantum`; known: "])?;
        bench.aot(&build("component-model"))?.failed(&["`component-model` is not supported"])?;
        bench.has_only(&["module.wasm"])?;
        bench.aot(&build("wasm1,simd"))?.code(0)?;
        Ok(())
    })];
    tests.extend(rows.map(|(number, row)| {
        test(&format!("unsupported/{} ({number})", row.feature), move |bench| {
            let wasm = match row.module {
                Text(text) => wat::parse_str(text)?,
                Binary(bytes) => bytes.to_vec(),
            };
            bench.write("module.wasm", wasm)?;
            let offset = format!("byte offset {}:", row.offset);
            let function = row.function.map_or(String::new(), |function| format!("in function {function}:"));
            let feature = format!(": {} (", row.feature);
            let words =
                ["can't build module.wasm", "unsupported WebAssembly feature", &feature, &offset, &function];
            bench.aot(&["build", "module.wasm", "-o", "out"])?.failed(&words)?;
            bench.has_only(&["module.wasm"])?;
            let inspected = bench.aot(&["inspect", "module.wasm"])?;
            inspected.code(0)?.stdout_has(&["build: would fail", row.feature, &offset])?;
            Ok(())
        })
    }));
    tests
}
