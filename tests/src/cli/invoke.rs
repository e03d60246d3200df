//! `--invoke`, and the warnings about modules that only export: the values were printed by `wasmtime run
//! --invoke`.

use anyhow::{Result, ensure};

use super::{Bench, test};
use crate::harness::Test;

const MODULE: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "said\n")
  (global $state (mut i32) (i32.const 0))
  (global (export "global") i32 (i32.const 5))
  (type $struct (struct))
  (type $signature (func (param i32)))
  (tag $tag)
  (func (export "_initialize") (global.set $state (i32.const 41)))
  (func (export "state") (result i32) (global.get $state))
  (func (export "nothing"))
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "v128") (param v128) (result v128) (local.get 0))
  (func (export "sub") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
  (func (export "several") (result i32 f64 i64 v128 f32)
    (i32.const -3) (f64.const 0.1) (i64.const -1) (v128.const i64x2 -1 5) (f32.const 0.1))
  (func (export "references") (result funcref funcref externref externref anyref eqref nullref exnref)
    (ref.func $say) (ref.null func) (extern.convert_any (ref.i31 (i32.const 0))) (ref.null extern)
    (struct.new $struct) (ref.null eq) (ref.null none)
    (block (result exnref) (try_table (catch_all_ref 0) (throw $tag)) (unreachable)))
  (func (export "typed") (param (ref null $signature)) (result (ref null $signature)) (local.get 0))
  (func (export "extern") (param externref) (result i32) (ref.is_null (local.get 0)))
  (func (export "non-null") (param (ref extern)))
  (func $say (export "say") (result i32)
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 5))
    (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func (export "trap") (result i32) (unreachable))
  (func (export "a (b)") (result i32) (i32.const 9)))"#;

/// Calls, and what they print.
const PRINTED: &[(&str, &str)] = &[
    ("state", "41\n"),
    ("_initialize", ""),
    ("nothing", ""),
    ("nothing()", ""),
    ("i32(-2147483648)", "-2147483648\n"),
    ("i32(4294967295)", "-1\n"),
    ("i32(0x10)", "16\n"),
    ("i32(0)", "0\n"),
    ("i64(-1)", "-1\n"),
    ("i64(-9223372036854775808)", "-9223372036854775808\n"),
    ("i64(0x7fffffffffffffff)", "9223372036854775807\n"),
    ("f32(0.1)", "0.1\n"),
    ("f32(-0)", "-0\n"),
    ("f32(nan)", "NaN\n"),
    ("f32(-nan)", "NaN\n"),
    ("f32(-inf)", "-inf\n"),
    ("f32(16777216)", "16777216\n"),
    ("f32(1e-45)", "0.000000000000000000000000000000000000000000001\n"),
    ("f64(1e20)", "100000000000000000000\n"),
    ("f64(0.00001)", "0.00001\n"),
    ("f64(5)", "5\n"),
    ("f64(-0.0)", "-0\n"),
    ("f64(inf)", "inf\n"),
    ("v128(0x1234)", "4660\n"),
    ("v128(340282366920938463463374607431768211455)", "340282366920938463463374607431768211455\n"),
    ("sub( 1, 2 )", "-1\n"),
    ("several", "-3\n0.1\n-1\n110680464442257309695\n0.1\n"),
    (
        "references",
        "<funcref>\n<null funcref>\n<externref>\n<null externref>\n<anyref>\n<null anyref>\n<null anyref>\n<exnref>\n",
    ),
    ("typed(null)", "<null funcref>\n"),
    ("extern(null)", "1\n"),
    ("say", "said\n0\n"),
    ("a (b)", "9\n"),
    ("a (b)()", "9\n"),
];

/// Calls that can't be made, and words of the messages.
const REFUSED: &[(&str, &[&str])] = &[
    (
        "absent",
        &[
            "--invoke 'absent'",
            "the module exports no function `absent`",
            "it exports the functions state () -> (i32), ",
        ],
    ),
    ("absent(1)", &["the module exports no function `absent`", " and ", " more"]),
    ("global", &["the export `global` is not a function", "state () -> (i32)"]),
    ("", &["the module exports no function ``"]),
    ("i32", &["`i32` is a function (i32) -> (i32): it takes 1 argument, not 0"]),
    ("sub(1)", &["`sub` is a function (i32, i32) -> (i32): it takes 2 arguments, not 1"]),
    ("nothing(1)", &["it takes no arguments, not 1"]),
    ("i32(x)", &["argument 1 of `i32`: `x` is not a valid i32: an integer"]),
    ("sub(1,4294967296)", &["argument 2 of `sub`: `4294967296` is not a valid i32"]),
    ("i32(1.5)", &["`1.5` is not a valid i32"]),
    ("f32(0x1p3)", &["`0x1p3` is not a valid f32: a decimal number"]),
    ("extern(1)", &["`1` is not a valid externref", "null"]),
    ("non-null(null)", &["argument 1 of `non-null`"]),
    ("a\u{1b}[31mb", &["no function `a\\x1b[31mb`"]),
];

pub fn tests() -> Vec<Test> {
    vec![
        test("invoke/printed", printed),
        test("invoke/refused", |bench| {
            bench.write("m.wat", MODULE)?;
            for (invocation, words) in REFUSED {
                bench.aot(&["build", "m.wat", "-o", "out", "--invoke", invocation])?.failed(words)?;
                bench.has_only(&["m.wat"])?;
            }
            Ok(())
        }),
        test("invoke/trap", |bench| {
            bench.write("m.wat", MODULE)?;
            bench.aot(&["build", "m.wat", "-o", "out", "--invoke", "trap"])?.code(0)?;
            bench.start("out", &[])?.code(134)?.stderr_has(&["wasm trap: unreachable\n   0: trap\n"])?;
            Ok(())
        }),
        test("invoke/floats", floats),
        test("invoke/full disk", |bench| {
            bench.write("m.wat", MODULE)?;
            bench.aot(&["build", "m.wat", "-o", "out", "--invoke", "state"])?.code(0)?;
            let full = bench.shell("./out > /dev/full")?;
            full.code(1)?.stderr_has(&["can't write the results to standard output"])?;
            Ok(())
        }),
        test("invoke/only what is used is linked", |bench| {
            bench.write(
                "m.wat",
                r#"(module (func (export "i") (result i32) (i32.const 1)) (func (export "_start")))"#,
            )?;
            bench.aot(&["build", "m.wat", "-o", "command"])?.code(0)?;
            bench.aot(&["build", "m.wat", "-o", "prints", "--invoke", "i"])?.code(0)?;
            let symbols = |name: &str| -> Result<String> {
                Ok(String::from_utf8_lossy(&std::fs::read(bench.path(name))?).into_owned())
            };
            ensure!(!symbols("command")?.contains("wasm_aot_print"));
            ensure!(symbols("prints")?.contains("wasm_aot_print_i32"));
            ensure!(!symbols("prints")?.contains("wasm_aot_print_f64"));
            Ok(())
        }),
        test("invoke/reactors are warned of", reactors),
        test("invoke/results of _start", |bench| {
            bench.write(
                "s.wat",
                r#"(module (func (export "_start") (result i32 v128 externref)
              (i32.const 7) (v128.const i64x2 1 2) (ref.null extern)))"#,
            )?;
            let words = "warning: the results of `_start` are dropped: () -> (i32, v128, externref)\n";
            bench.aot(&["build", "s.wat", "-o", "s"])?.code(0)?.stderr_has(&[words])?;
            let started = bench.start("s", &[])?;
            started.code(0)?;
            ensure!(started.stdout.is_empty() && started.stderr.is_empty());
            bench
                .aot(&["run", "--invoke", "_start", "s.wat"])?
                .code(0)?
                .stdout_has(&["7\n", "<null externref>\n"])?;
            Ok(())
        }),
    ]
}

fn printed(bench: &Bench<'_>) -> Result<()> {
    bench.write("m.wat", MODULE)?;
    for (invocation, expected) in PRINTED {
        let outcome = bench.aot(&["run", "--invoke", invocation, "m.wat"])?;
        outcome.code(0)?;
        ensure!(outcome.stdout == *expected, "{invocation} prints {:?}, not {expected:?}", outcome.stdout);
        ensure!(outcome.stderr.is_empty(), "{invocation}: {}", outcome.stderr);
    }
    Ok(())
}

/// Floats at the edges of their ranges and in their midst are printed as Rust prints them, of which wasmtime makes use.
fn floats(bench: &Bench<'_>) -> Result<()> {
    let mut bits =
        vec![0, 1, 2, (1 << 52) - 1, 1 << 52, (1 << 52) + 1, 0x7fef_ffff_ffff_ffff, 0x7ff0_0000_0000_0000];
    bits.extend((0..200).map(|power| 10_f64.powi(3 * power - 300).to_bits()));
    bits.extend((0..250_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let wide: Vec<f64> =
        bits.iter().map(|bits| f64::from_bits(*bits)).filter(|value| !value.is_nan()).collect();
    let narrow: Vec<f32> = bits.iter().map(|bits| f32::from_bits((bits >> 32) as u32)).collect();
    let narrow = narrow
        .into_iter()
        .chain([f32::MIN_POSITIVE, f32::MAX, f32::from_bits(1)])
        .filter(|value| !value.is_nan());
    let (mut types, mut values, mut expected) = (String::new(), String::new(), String::new());
    for value in wide {
        types.push_str(" f64");
        values.push_str(&format!("(f64.reinterpret_i64 (i64.const {}))", value.to_bits() as i64));
        expected.push_str(&format!("{value}\n"));
    }
    for value in narrow {
        types.push_str(" f32");
        values.push_str(&format!("(f32.reinterpret_i32 (i32.const {}))", value.to_bits() as i32));
        expected.push_str(&format!("{value}\n"));
    }
    bench.write("f.wat", format!(r#"(module (func (export "f") (result{types}) {values}))"#))?;
    let outcome = bench.aot(&["run", "--invoke", "f", "f.wat"])?;
    outcome.code(0)?;
    for (found, expected) in outcome.stdout.lines().zip(expected.lines()) {
        ensure!(found == expected, "{found} is printed, not {expected}");
    }
    ensure!(outcome.stdout == expected);
    Ok(())
}

fn reactors(bench: &Bench<'_>) -> Result<()> {
    let exports: String = (0..30)
        .map(|number| format!("(func (export \"f{number}\") (param i32) (result f64) (f64.const 0))"))
        .collect();
    let long = "x".repeat(5000);
    let cases = [
        (exports.as_str(), "the program does nothing, since the module doesn't export `_start`"),
        (
            r#"(func (export "f0") (param i32)) (func $i (export "_initialize"))"#,
            "the program only runs `_initialize`",
        ),
        (
            r#"(func (export "f0") (param i32)) (func $s) (start $s)"#,
            "the program only runs the start function",
        ),
        ("", "the module has no start function and exports no function"),
        (r#"(func (export "f\1b[31m") (param i32))"#, "f\\x1b[31m (i32) -> ()"),
    ];
    for (fields, words) in cases {
        bench.write("m.wat", format!("(module (memory (export \"memory\") 1) {fields})"))?;
        let built = bench.aot(&["build", "m.wat", "-o", "m"])?;
        built.code(0)?.stderr_has(&["warning: ", words])?;
        ensure!(!built.stderr.contains('\x1b'));
        bench.start("m", &[])?.code(0)?;
        bench.aot(&["inspect", "m.wat"])?.code(0)?.stdout_has(&["build: would succeed\nwarning: ", words])?;
        ensure!(bench.aot(&["build", "-q", "m.wat", "-o", "m"])?.stderr.is_empty());
        std::fs::remove_dir_all(bench.path("cache")).ok();
        bench.aot(&["run", "m.wat"])?.code(0)?.stderr_has(&["warning: ", words])?;
    }
    bench.write("m.wat", format!("(module {exports})"))?;
    let built = bench.aot(&["build", "m.wat", "-o", "m"])?;
    built.stderr_has(&[
        "f0 (i32) -> (f64), f1 ",
        "f9 (i32) -> (f64) and 20 more; --invoke 'NAME(ARGUMENTS)'",
    ])?;
    bench.write("m.wat", format!("(module (func (export \"{long}\")))"))?;
    ensure!(bench.aot(&["build", "m.wat", "-o", "m"])?.stderr.len() < 1000, "a long name is shortened");
    let silent = [
        r#"(func (export "_start"))"#,
        r#"(func (export "_start")) (func (export "other"))"#,
        r#"(func (export "_initialize"))"#,
        "(func $s) (start $s)",
    ];
    for fields in silent {
        bench.write("m.wat", format!("(module {fields})"))?;
        let built = bench.aot(&["build", "m.wat", "-o", "m"])?;
        ensure!(!built.code(0)?.stderr.contains("warning"), "{fields}: {}", built.stderr);
    }
    Ok(())
}
