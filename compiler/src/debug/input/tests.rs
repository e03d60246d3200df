//! Which debug information belongs to a module.

use super::*;

#[test]
fn files_beside_the_module_count() {
    let section = |name: &str, text: &str| {
        let mut contents = vec![name.len() as u8];
        contents.extend(name.bytes().chain([text.len() as u8]).chain(text.bytes()));
        [&[0, contents.len() as u8][..], &contents].concat()
    };
    let names = ["a.wasm", "./b/c.map", "../up", "/etc/passwd", "http://x/y", ""];
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    for name in names {
        wasm.extend(section("sourceMappingURL", name));
        wasm.extend(section("external_debug_info", name));
    }
    assert_eq!(referred(&wasm), ["./b/c.map", "a.wasm"]);
    assert_eq!(referred(&wasm[..wasm.len() - 1]), ["./b/c.map", "a.wasm"]);
    assert_eq!(referred(b"nothing"), [""; 0]);
}

#[test]
fn tombstones() {
    assert!([0, 0xffff_ffff, 0xffff_fffe, u64::MAX, u64::MAX - 1].into_iter().all(is_tombstone));
    assert!(![1, 0xffff_fffd].into_iter().any(is_tombstone));
}
