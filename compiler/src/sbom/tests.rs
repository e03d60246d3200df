//! Bills of small modules and components, written by hand.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::*;
use crate::targets::Target;

fn parsed(wasm: &[u8]) -> Value {
    let plan = BuildPlan::new(Target::find("aarch64-linux").unwrap());
    serde_json::from_str(&bill(&plan, ("a.wasm", wasm), ("a", b"output"))).unwrap()
}

/// A custom section of a module.
fn section(name: &str, contents: &[u8]) -> Vec<u8> {
    let mut body = leb(name.len());
    body.extend(name.as_bytes());
    body.extend(contents);
    [vec![0], leb(body.len()), body].concat()
}

fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0".to_vec(), sections.concat()].concat()
}

#[test]
fn what_a_module_says() {
    let packages = br#"{"packages": [
        {"name": "app", "version": "1.0.0", "source": "local", "root": true},
        {"name": "libm", "version": "0.2.1+x", "source": "crates.io"},
        {"name": "cc", "version": "1.2.0", "source": "crates.io", "kind": "build"}]}"#;
    let mut compressed = ZlibEncoder::new(Vec::new(), Compression::default());
    compressed.write_all(packages).unwrap();
    let wasm = module(&[
        section("name", b"\0\x04\x03app"),
        section("producers", b"\x01\x0cprocessed-by\x01\x05clang\x0419.1"),
        section("version", b"2.1"),
        section("licenses", b"MIT"),
        section(".dep-v0", &compressed.finish().unwrap()),
    ]);
    let bill = parsed(&wasm);
    let app = &bill["components"][0];
    assert_eq!((&app["name"], &app["version"]), (&json!("app"), &json!("2.1")));
    assert_eq!(app["licenses"], json!([{ "expression": "MIT" }]));
    assert_eq!(app["hashes"], json!([hash_of(&wasm)]));
    let own = [("wasm-aot:producers:processed-by", "clang 19.1"), ("wasm-aot:file", "a.wasm")];
    assert_eq!(app["properties"], json!(own.map(|(name, value)| json!({ "name": name, "value": value }))));
    assert_eq!(app["components"][0].get("purl"), None);
    assert_eq!(app["components"][1]["purl"], "pkg:cargo/libm@0.2.1%2Bx");
    assert_eq!(app["components"][2]["scope"], "excluded");
    assert_eq!(bill["metadata"]["component"]["hashes"], json!([hash_of(b"output")]));
    assert_eq!(bill["dependencies"][0]["dependsOn"], json!(["input", "runtime"]));
}

#[test]
fn modules_of_components() {
    let wasm = wat::parse_str(
        "(component $outer (core module $first) (component $inner (core module $second (memory 1)) (core module)))",
    );
    let bill = parsed(&wasm.unwrap());
    let outer = &bill["components"][0];
    assert_eq!(outer["name"], "outer");
    let [first, inner] = [0, 1].map(|index| &outer["components"][index]);
    assert_eq!((&first["name"], &inner["name"]), (&json!("first"), &json!("inner")));
    assert!(first["hashes"].is_array() && inner.get("hashes").is_none());
    assert_eq!(inner["components"][0]["name"], "second");
    assert_eq!(inner["components"][0]["bom-ref"], "input-1-0");
    assert_eq!(inner["components"][1]["name"], "input-1-1");
}

#[test]
fn what_cannot_be_read_is_not_there() {
    let wasm = module(&[
        section("producers", b"\xff\xff"),
        section("name", b"\0\x7f"),
        section("version", b"\xff"),
        section(".dep-v0", b"not compressed"),
    ]);
    let bill = parsed(&wasm);
    assert_eq!(bill["components"][0]["name"], "a.wasm");
    for key in ["version", "properties", "components"] {
        assert_eq!(bill["components"][0].get(key), None, "{key}");
    }
}
