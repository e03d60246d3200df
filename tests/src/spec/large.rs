//! Functions whose code is larger than the reach of some branches: on aarch64 a conditional branch and an `adr` reach
//! 1 MiB, on riscv64 a conditional branch 4 KiB. (bytecodealliance/wasmtime#12968, fixed by #13392 on 2026-05-16; no
//! advisory.) They are written here, since as files they would have some megabytes.

use std::fmt::Write as _;

/// Statements between two targets: at least 1 MiB of code on each instruction set.
const STATEMENTS: u64 = 60_000;

/// The files: name and text.
pub fn files() -> Vec<(String, String)> {
    vec![("wasmtime-12968.wast".to_owned(), far_targets())]
}

/// Targets of `br_table` and `br_if`, forwards and backwards, with much code between them.
fn far_targets() -> String {
    let code = |seed: u64| {
        (1..=STATEMENTS).fold(String::new(), |mut text, number| {
            let value = (number + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let _ = writeln!(text, "(i64.store (i32.const {}) (i64.const {value:#x}))", number * 8 % 65536);
            text
        })
    };
    format!(
        r#"(module
  (memory 1)
  (func (export "far") (param $n i32) (param $rounds i32) (result i32)
    (local $sum i32)
    (loop $again
      (block $end
        (block $third
          (block $second
            (block $first
              (br_if $end (i32.gt_u (local.get $n) (i32.const 9)))
              (br_table $first $second $third $end (local.get $n)))
            (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
            {first}
            (br_if $end (i32.eq (local.get $rounds) (i32.const 7))))
          (local.set $sum (i32.add (local.get $sum) (i32.const 10)))
          {second}
          (br $end))
        (local.set $sum (i32.add (local.get $sum) (i32.const 100))))
      (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum))
  (func (export "last") (result i64) (i64.load (i32.const {last}))))

(assert_return (invoke "far" (i32.const 2) (i32.const 1)) (i32.const 100))
(assert_return (invoke "last") (i64.const 0))
(assert_return (invoke "far" (i32.const 1) (i32.const 1)) (i32.const 10))
(assert_return (invoke "last") (i64.const {written:#x}))
(assert_return (invoke "far" (i32.const 0) (i32.const 1)) (i32.const 11))
(assert_return (invoke "far" (i32.const 0) (i32.const 7)) (i32.const 67))
(assert_return (invoke "far" (i32.const 1) (i32.const 3)) (i32.const 30))
(assert_return (invoke "far" (i32.const 3) (i32.const 2)) (i32.const 0))
(assert_return (invoke "far" (i32.const 10) (i32.const 2)) (i32.const 0))
(assert_return (invoke "far" (i32.const -1) (i32.const 2)) (i32.const 0))
"#,
        first = code(0),
        second = code(1 << 32),
        last = STATEMENTS * 8 % 65536,
        written = (STATEMENTS + (1 << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15),
    )
}
