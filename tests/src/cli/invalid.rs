//! Inputs that aren't valid modules: exit code 1, a message that says where the error is, nothing left
//! behind.

use anyhow::{Context, Result, ensure};
use wasmparser::{Validator, WasmFeatures};

use super::{Bench, test};
use crate::harness::Test;

/// A module that has every section.
pub const MODULE: &str = r#"(module $sample
  (type $unary (func (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (table $table 2 funcref)
  (memory (export "memory") 1)
  (global $counter (mut i32) (i32.const 0))
  (export "counter" (global $counter))
  (start $count)
  (elem (table $table) (i32.const 0) func $double $double)
  (data $passive "hello\n")
  (data (i32.const 64) "more data")
  (func $count (global.set $counter (i32.add (global.get $counter) (i32.const 1))))
  (func $double (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $main (export "_start") (local $length i32)
    (memory.init $passive (i32.const 16) (i32.const 0) (i32.const 6))
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (call_indirect (type $unary) (i32.const 3) (global.get $counter)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (block $out
      (loop $again
        (br_if $out (i32.gt_u (local.tee $length (i32.add (local.get $length) (i32.const 1))) (i32.const 1000)))
        (br_table $again $out (i32.const 0))))
    (call $proc_exit (i32.const 7))))"#;

/// Files that are refused: name, contents, words of the message.
const FILES: &[(&str, &[u8], &[&str])] = &[
    ("empty.wasm", b"", &["byte offset 0x0"]),
    ("text.wasm", b"This is not WebAssembly.\n", &["byte offset 0x0", "magic"]),
    ("elf.wasm", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", &["byte offset 0x0", "magic"]),
    ("version.wasm", b"\0asm\x02\0\0\0", &["byte offset 0x4", "version"]),
    ("component.wasm", b"\0asm\x0d\0\x01\0", &["`wasi:cli/run`", "exports no functions"]),
    ("wat-as.wasm", b"(module)", &["byte offset 0x0", "magic"]),
    ("syntax.wat", b"(module\n  (func unreachabel))", &["syntax.wat:2:9"]),
    ("open.wat", b"(module", &["open.wat:1"]),
    ("latin.wat", b"(module (; \xe4 ;))", &["latin.wat", "utf-8"]),
    ("component.wat", b"(component)", &["`wasi:cli/run`", "exports no functions"]),
    ("component-section.wasm", b"\0asm\x0d\0\x01\0\x7f\0", &["byte offset 0xa", "section"]),
    (
        "component-body.wat",
        b"(component (core module) (core module (func $f (result i32))))",
        &["in core module 1", "byte offset", "in function 0 (f)", "type mismatch"],
    ),
    (
        "async.wat",
        b"(component (core module $m (func (export \"f\"))) (core instance $i (instantiate $m))
            (func (export \"f\") async (canon lift (core func $i \"f\") async)))",
        &["unsupported WebAssembly feature", "byte offset", ": stackful asynchronous functions of components"],
    ),
    (
        "stream.wat",
        b"(component (type $s (stream u8)) (core module $m (memory (export \"m\") 1)) (core instance $i (instantiate $m))
            (core func (canon stream.read $s (memory (core memory $i \"m\")))))",
        &["unsupported WebAssembly feature", "byte offset", "synchronous `stream.read`"],
    ),
    ("error-context.wat", b"(component (type error-context))", &["error contexts of components"]),
    ("value.wat", b"(component (import \"v\" (value string)))", &["values as imports"]),
    ("map.wat", b"(component (type (map string u8)))", &["maps in components"]),
    ("list.wat", b"(component (type (list u8 4)))", &["lists of a fixed length in components"]),
    (
        "memory64.wat",
        b"(component (core module $m (memory (export \"m\") i64 1)) (core instance $i (instantiate $m))
            (import \"f\" (func $f (param \"s\" string)))
            (core func (canon lower (func $f) (memory (core memory $i \"m\")))))",
        &["components with 64-bit memories"],
    ),
    (
        "import-module.wat",
        b"(component (import \"m\" (core module $m)) (core instance (instantiate $m)))",
        &["imported core modules aren't supported", "m"],
    ),
    ("import-component.wat", b"(component (import \"c\" (component)))", &["component imports"]),
    (
        "export-component.wat",
        b"(component (component $c) (export \"c\" (component $c)))",
        &["exporting a component", "not supported"],
    ),
    (
        "import-function.wat",
        b"(component (import \"local:unknown/one@0.2.0\" (instance $i (export \"f\" (func))))
            (import \"g\" (func $g)) (core func $lowered (canon lower (func $i \"f\"))) (core func $other (canon lower (func $g)))
            (core module $m (import \"\" \"f\" (func)) (import \"\" \"g\" (func)))
            (core instance (instantiate $m (with \"\" (instance (export \"f\" (func $lowered)) (export \"g\" (func $other)))))))",
        &["function local:unknown/one@0.2.0#f", "function $root.g", "--trap-unknown-imports"],
    ),
    ("section.wasm", b"\0asm\x01\0\0\0\x7f\0", &["byte offset 0xa", "section"]),
    ("length.wasm", b"\0asm\x01\0\0\0\x01\xff\xff\xff\xff\x0f", &["byte offset"]),
    ("count.wasm", b"\0asm\x01\0\0\0\x01\x05\xff\xff\xff\xff\x0f", &["byte offset"]),
    (
        "type.wat",
        b"(module (func $broken (result i32) (i64.const 0)))",
        &["in function 0 (broken)", "byte offset 0x1a", "type mismatch"],
    ),
    ("index.wat", b"(module (func) (func (call 9)))", &["in function 1", "byte offset", "unknown function"]),
    (
        "alignment.wat",
        b"(module (memory 1) (func $f (drop (i32.load align=8 (i32.const 0)))))",
        &["(f)", "alignment"],
    ),
    ("start.wat", b"(module (func (export \"_start\") (param i32)))", &["_start", "without parameters"]),
    ("start-kind.wat", b"(module (memory (export \"_start\") 1))", &["_start", "function"]),
    ("table.wat", b"(module (table 10000001 funcref))", &["table", "10000001", "10000000"]),
];

pub fn tests() -> Vec<Test> {
    let mut tests = vec![
        test("invalid/truncated at every length", truncated),
        test("invalid/missing file", |bench| {
            bench.aot(&["build", "missing.wasm"])?.failed(&["missing.wasm", "No such file"])?;
            bench.aot(&["run", "missing.wasm"])?.failed(&["missing.wasm", "No such file"])?;
            bench.aot(&["inspect", "missing.wasm"])?.failed(&["missing.wasm", "No such file"])?;
            bench.has_only(&[])
        }),
        test("invalid/directory", |bench| {
            bench.aot(&["build", ".", "-o", "out"])?.failed(&["can't read .", "directory"])?;
            bench.has_only(&[])
        }),
    ];
    tests.extend(FILES.iter().map(|(name, bytes, words)| {
        test(&format!("invalid/{name}"), move |bench| {
            bench.write(name, bytes)?;
            bench.aot(&["build", name, "-o", "out"])?.failed(words)?.failed(&[name])?;
            bench.has_only(&[name])?;
            bench.aot(&["run", name])?.failed(words)?;
            bench.shell("test ! -e cache || find cache -type f")?.code(0).and_then(|found| {
                ensure!(found.stdout.is_empty(), "in the cache stays {}", found.stdout);
                Ok(())
            })
        })
    }));
    tests
}

fn truncated(bench: &Bench<'_>) -> Result<()> {
    let wasm = wat::parse_str(MODULE)?;
    let mut refused = 0;
    for length in 0..wasm.len() {
        let prefix = &wasm[..length];
        bench.write("prefix.wasm", prefix)?;
        let outcome = bench.aot(&["build", "prefix.wasm", "-o", "out"])?;
        // The start of a module that ends with a section may be a module.
        let valid = Validator::new_with_features(WasmFeatures::default()).validate_all(prefix).is_ok();
        let result = if valid {
            outcome.code(0).and_then(|_| Ok(std::fs::remove_file(bench.path("out"))?))
        } else {
            refused += 1;
            outcome.failed(&["prefix.wasm", "byte offset 0x"]).map(|_| ())
        };
        result.and_then(|()| bench.has_only(&["prefix.wasm"])).with_context(|| format!("{length} bytes"))?;
    }
    ensure!(refused + 20 > wasm.len(), "only {refused} of {} prefixes were refused", wasm.len());
    Ok(())
}
