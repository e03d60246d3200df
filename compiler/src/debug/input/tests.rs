//! Which debug information belongs to a module.

use super::*;

#[test]
fn files_beside_the_module_count() {
    let section = |name: &str, text: &str| {
        let mut contents = vec![name.len() as u8];
        contents.extend(name.bytes().chain([text.len() as u8]).chain(text.bytes()));
        [&[0, contents.len() as u8][..], &contents].concat()
    };
    let module = |name: &str, other: &str| {
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        for (kind, name) in [("sourceMappingURL", name), ("external_debug_info", other)] {
            wasm.extend(section(kind, name));
            // Only the first one counts.
            wasm.extend(section(kind, "second"));
        }
        wasm
    };
    for name in ["../up", "/etc/passwd", "http://x/y", ""] {
        assert_eq!(referred(&module(name, name)), [""; 0]);
    }
    let wasm = module("./b/c.map", "a.wasm");
    assert_eq!(referred(&wasm), ["./b/c.map", "a.wasm"]);
    assert_eq!(referred(&wasm[..wasm.len() - 1]), ["./b/c.map", "a.wasm"]);
    // The modules of a component, and what is in it behind them.
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    for wasm in [module("x", "y"), module("x", "z")] {
        component.extend([1, wasm.len() as u8 | 0x80, (wasm.len() >> 7) as u8]);
        component.extend(wasm);
    }
    component.extend(section("sourceMappingURL", "w"));
    assert_eq!(referred(&component), ["x", "y", "z"]);
    assert_eq!(referred(b"nothing"), [""; 0]);
}

#[test]
fn tombstones() {
    assert!([0, 0xffff_ffff, 0xffff_fffe, u64::MAX, u64::MAX - 1].into_iter().all(is_tombstone));
    assert!(![1, 0xffff_fffd].into_iter().any(is_tombstone));
}
