//! Linking, of which the values of globals and the initial contents show what was decided.

use std::sync::Arc;

use super::*;
use crate::parse::features::SUPPORTED;
use crate::program::{Builder, Entity, LinkError, Value};

/// Links modules, given as text, and hands the result to `check`.
fn with_linked<T>(
    main: &str,
    linked: &[(&str, &str)],
    check: impl FnOnce(Result<Linking<'_>, LinkError>) -> T,
) -> T {
    let main = wat::parse_str(main).unwrap();
    let linked: Vec<Linked> = linked
        .iter()
        .map(|(name, text)| Linked {
            name: (*name).to_owned(),
            is_shared: false,
            wasm: Arc::from(wat::parse_str(text).unwrap()),
        })
        .collect();
    let modules = Modules::parse(&main, &linked, SUPPORTED).unwrap();
    check(link(&modules, Builder::new(false)))
}

fn error(main: &str, linked: &[(&str, &str)]) -> String {
    with_linked(main, linked, |linking| linking.err().expect("it can't be linked").to_string())
}

/// The value of the global that an instance has at this index.
fn global(linking: &Linking<'_>, instance: usize, index: u32) -> Value {
    let instance = linking.builder.instance(linking.instances[instance]);
    linking.builder.global_value(instance.globals[crate::parse::GlobalIndex::from_u32(index)])
}

/// An ordinary program: its memory has one page, its table two elements.
const MAIN: &str = r#"(module
    (memory (export "memory") 1)
    (table (export "__indirect_function_table") 2 2 funcref)
    (global (export "__stack_pointer") (mut i32) (i32.const 1000))
    (global (export "variable") i32 (i32.const 2000))
    (func $function (export "function"))
    (func (export "other"))
    (elem (i32.const 1) $function))"#;

/// A library with 100 bytes at a multiple of 16 and three elements at a multiple of 4.
const LIBRARY: &str = r#"(module
    (@dylink.0 (mem-info (memory 100 4) (table 3 2)) (import-info "env" "nothing" binding-weak undefined))
    (import "env" "memory" (memory 1))
    (import "env" "__indirect_function_table" (table 3 funcref))
    (import "env" "__stack_pointer" (global (mut i32)))
    (import "env" "__memory_base" (global $base i32))
    (import "env" "__table_base" (global $table i32))
    (import "GOT.mem" "variable" (global (mut i32)))
    (import "GOT.mem" "own" (global (mut i32)))
    (import "GOT.func" "function" (global (mut i32)))
    (import "GOT.func" "other" (global (mut i32)))
    (import "GOT.func" "nothing" (global (mut i32)))
    (import "env" "nothing" (func))
    (global (export "own") i32 (i32.const 8))
    (data (global.get $base) "data")
    (elem (global.get $table) $f)
    (func $f (export "f"))
    (func (export "__wasm_apply_data_relocs"))
    (func (export "__wasm_call_ctors")))"#;

#[test]
fn each_library_has_its_part_of_memory_and_table() {
    with_linked(MAIN, &[("a", LIBRARY), ("b", LIBRARY)], |linking| {
        let linking = linking.unwrap();
        // The main module comes first, then the libraries.
        assert_eq!(linking.instances[0], linking.main);
        let bases = |instance| [1, 2].map(|index| global(&linking, instance, index));
        assert_eq!(bases(1), [Value::I32(0x1_0000), Value::I32(4)]);
        assert_eq!(bases(2), [Value::I32(0x1_0070), Value::I32(8)]);
        let main = linking.builder.instance(linking.main);
        let Some(Entity::Memory(memory)) = main.export("memory") else { panic!("a memory") };
        assert_eq!(linking.builder.memory_type(memory).initial, 2);
        let Some(Entity::Table(table)) = main.export("__indirect_function_table") else { panic!("a table") };
        // Eleven, and the one function that no segment puts there.
        assert_eq!(linking.builder.table_type(table).initial, 12);
        // Relocations of both, then constructors of both.
        assert_eq!(linking.calls.len(), 4);
        assert_eq!(linking.host_memory, Some(memory));
    });
}

#[test]
fn addresses_are_known() {
    with_linked(MAIN, &[("a", LIBRARY)], |linking| {
        let linking = linking.unwrap();
        let values: Vec<Value> = (3..8).map(|index| global(&linking, 1, index)).collect();
        let [variable, own, function, other, nothing] = values[..] else { unreachable!("five") };
        assert_eq!([variable, own], [Value::I32(2000), Value::I32(0x1_0008)]);
        // The main module's own address of its function; the next element for one that has none yet; null.
        assert_eq!([function, other, nothing], [1, 7, 0].map(Value::I32));
    });
}

#[test]
fn an_independent_program_gets_memory_table_and_stack() {
    let main = r#"(module
        (@dylink.0 (mem-info (memory 10 0) (table 1 0)) (needed "lib/a.so"))
        (import "env" "memory" (memory 1))
        (import "env" "__indirect_function_table" (table 1 funcref))
        (import "env" "__stack_pointer" (global (mut i32)))
        (import "env" "__memory_base" (global i32))
        (import "env" "__table_base" (global i32))
        (import "GOT.mem" "__heap_base" (global (mut i32)))
        (import "GOT.mem" "own" (global (mut i32))))"#;
    with_linked(main, &[("a.so", LIBRARY_ALONE)], |linking| {
        let linking = linking.unwrap();
        let values: Vec<Value> = (0..5).map(|index| global(&linking, 0, index)).collect();
        // The stack is below the data, the heap behind that of the library.
        let stack = 1024 + (1 << 20);
        assert_eq!(values[..3], [stack, stack, 1].map(Value::I32));
        assert_eq!(values[3..], [stack + 16 + 16, stack + 16 + 4].map(Value::I32));
    });
    assert!(error(main, &[]).contains("the main module needs the shared library `lib/a.so`"));
}

/// A library that imports nothing.
const LIBRARY_ALONE: &str =
    r#"(module (@dylink.0 (mem-info (memory 10 4))) (global (export "own") i32 (i32.const 4)))"#;

#[test]
fn what_nothing_exports_is_named() {
    let main = r#"(module (memory (export "memory") 1))"#;
    let text = error(main, &[("a", LIBRARY)]);
    assert!(text.contains("in the linked module `a`"), "{text}");
    assert!(text.contains("env.__indirect_function_table") && text.contains("--export-table"), "{text}");
    assert!(
        text.contains("global GOT.mem.variable: the address of a variable that nothing exports"),
        "{text}"
    );
    assert!(text.contains("global GOT.func.other") && !text.contains("nothing\n"), "{text}");
}

#[test]
fn sizes_are_limited() {
    let huge = |memory: u32, table: u32| {
        format!("(module (@dylink.0 (mem-info (memory {memory} 0) (table {table} 0))))")
    };
    assert!(error(MAIN, &[("a", &huge(u32::MAX, 0))]).contains("at most 4294967296"));
    assert!(error(MAIN, &[("a", &huge(0, u32::MAX))]).contains("too large"));
    let limited = r#"(module (memory (export "memory") 1 1))"#;
    assert!(error(limited, &[("a", &huge(1, 0))]).contains("131072 bytes, but it can have at most 65536"));
    with_linked(limited, &[("a", &huge(0, 0))], |linking| assert!(linking.is_ok()));
    // Imports that no memory has.
    let imports = |limits: &str| {
        format!(r#"(module (@dylink.0 (mem-info (memory 0 0))) (import "env" "memory" (memory {limits})))"#)
    };
    assert!(error(&imports("10"), &[("a", &imports("1 5"))]).contains("can have at most"));
}

#[test]
fn damaged_sections_are_refused() {
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    let damaged = b"\x08dylink.0\x01\x7f";
    wasm.push(0);
    wasm.push(damaged.len() as u8);
    wasm.extend(damaged);
    let error = Modules::parse(&wasm, &[], SUPPORTED).err().expect("it is damaged");
    assert!(error.to_string().contains("`dylink.0` is damaged"), "{error}");
    let aligned = wat::parse_str("(module (@dylink.0 (mem-info (memory 1 63))))").unwrap();
    assert!(Modules::parse(&aligned, &[], SUPPORTED).err().unwrap().to_string().contains("alignment"));
}

#[test]
fn segments_are_applied_at_compile_time() {
    with_linked(MAIN, &[("a", LIBRARY)], |linking| {
        let linking = linking.unwrap();
        assert!(linking.instances.iter().all(|id| linking.builder.instance(*id).init.is_empty()));
    });
}

#[test]
fn addresses_that_are_no_integers_are_refused() {
    let library =
        r#"(module (@dylink.0 (mem-info (memory 1 0))) (import "GOT.mem" "variable" (global (mut f64))))"#;
    assert!(error(MAIN, &[("a", library)]).contains("GOT.mem.variable"));
}

/// Calls of such an export would end the program's C library.
#[test]
fn command_exports_are_refused() {
    let main = |start: &str| {
        format!(
            r#"(module (memory (export "memory") 1)
            (func $construct) (func $destruct) (func $run)
            (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
            (func (export "_start") {start} (call $run) (call $destruct))
            (func (export "twice") (param i32) (result i32)
                (call $construct) (call $twice (local.get 0)) (call $destruct)))"#
        )
    };
    let library = r#"(module (@dylink.0 (mem-info (memory 1 0)))
        (import "env" "twice" (func (param i32) (result i32))))"#;
    let text = error(&main("(call $construct)"), &[("a", library)]);
    assert!(text.contains("`twice` runs all constructors and destructors"), "{text}");
    with_linked(&main("nop"), &[("a", library)], |linking| assert!(linking.is_ok()));
    with_linked(&main(""), &[("a", library)], |linking| assert!(linking.is_ok()));
    let text = error(&main("").replace("(call $construct) (call $twice", "(call $twice"), &[("a", library)]);
    assert!(text.contains("`twice` runs all"), "{text}");
}
