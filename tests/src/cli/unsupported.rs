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
    row("exception handling", Text("(module (tag $e))"), None, "0x10"),
    row("exception handling", Text("(module (func $c (block $b (try_table (catch_all $b)))))"), Some("0 (c)"), "0x19"),
    row("exception handling", Text("(module (func (param exnref)))"), None, "0xb"),
    // try nop catch_all nop end
    row(
        "legacy exception handling",
        Binary(b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x0a\x01\x08\0\x06\x40\x01\x19\x01\x0b\x0b"),
        Some("0"),
        "0x17",
    ),
    row("garbage collection", Text("(module (type (struct (field i32))))"), None, "0xb"),
    row("garbage collection", Text("(module (type (array i32)))"), None, "0xb"),
    row("garbage collection", Text("(module (type (sub (func))))"), None, "0xb"),
    row("garbage collection", Text("(module (rec (type (func)) (type (func))))"), None, "0xb"),
    row("garbage collection", Text("(module (func (param anyref)))"), None, "0xb"),
    row("garbage collection", Text("(module (func $i (drop (ref.i31 (i32.const 0)))))"), Some("0 (i)"), "0x19"),
    row("tail calls", Text("(module (func $t (return_call $t)))"), Some("0 (t)"), "0x17"),
    row("tail calls", Text("(module (table 1 funcref) (func $t (return_call_indirect (i32.const 0))))"), Some("0 (t)"), "0x1f"),
    row("typed function references", Text("(module (type $t (func)) (func (param (ref $t))))"), None, "0xe"),
    row("typed function references", Text("(module (func $b (param funcref) (block (br_on_null 0 (local.get 0)) drop)))"), Some("0 (b)"), "0x1c"),
    row("typed function references", Text("(module (table 1 funcref (ref.func $f)) (func $f))"), None, "0x15"),
    row("stack switching", Text("(module (type $f (func)) (type (cont $f)))"), None, "0xe"),
];

pub fn tests() -> Vec<Test> {
    let rows = ROWS.iter().enumerate();
    rows.map(|(number, row)| {
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
    })
    .collect()
}
