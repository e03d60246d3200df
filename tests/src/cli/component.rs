//! Components at the command line: `--invoke`, with values that were printed by `wasmtime run --invoke`, and `inspect`.

use anyhow::{Context, Result, ensure};

use super::{Bench, test};
use crate::harness::Test;

/// What the core module of the components has: an allocator, functions that return what they get, and a few that
/// return what they must not.
const MODULE: &str = r#"
  (core module $module
    (memory (export "memory") 1)
    (data (i32.const 64) "\ff\00\00\00\00\d8")
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $start i32)
      (local.set $start (i32.and
        (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get 2))))
      (global.set $next (i32.add (local.get $start) (local.get 3)))
      (local.get $start))
    (func (export "nothing"))
    (func (export "same") (param i32) (result i32) (local.get 0))
    (func (export "same-f64") (param f64) (result f64) (local.get 0))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func $pair (export "pair") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0))
      (i32.store (i32.const 20) (local.get 1))
      (i32.const 16))
    (func (export "joined") (param i32 i64 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0))
      (i64.store (i32.const 24) (local.get 1))
      (if (i32.eq (local.get 0) (i32.const 3)) (then (i32.store (i32.const 28) (local.get 2))))
      (i32.const 16))
    (func (export "unaligned") (result i32) (i32.const 18))
    (func (export "outside") (result i32) (i32.const 65536))
    (func (export "far") (result i32) (call $pair (i32.const 65000) (i32.const 1000)))
    (func (export "bad-utf8") (result i32) (call $pair (i32.const 64) (i32.const 1)))
    (func (export "bad-utf16") (result i32) (call $pair (i32.const 68) (i32.const 1)))
    (func (export "surrogate") (result i32) (i32.const 0xd800))
    (func (export "seven") (result i32) (i32.const 7))
    (func (export "unreachable") (param i32) (unreachable)))
  (core instance $core (instantiate $module))
  (alias core export $core "memory" (core memory $memory))
  (alias core export $core "realloc" (core func $realloc))"#;

/// Exported functions: the name, the core function, the type, further options of `canon lift`.
const FUNCTIONS: &[(&str, &str, &str, &str)] = &[
    ("nothing", "nothing", "", ""),
    ("add", "add", r#"(param "a" u32) (param "b" s32) (result u32)"#, ""),
    ("to-s8", "same", r#"(param "x" u8) (result s8)"#, ""),
    ("truth", "same", r#"(param "x" bool) (result bool)"#, ""),
    ("letter", "same", r#"(param "x" char) (result char)"#, ""),
    ("float", "same-f64", r#"(param "x" f64) (result f64)"#, ""),
    ("text", "pair", r#"(param "x" string) (result string)"#, ""),
    ("wide-text", "pair", r#"(param "x" string) (result string)"#, "string-encoding=utf16"),
    ("either-text", "pair", r#"(param "x" string) (result string)"#, "string-encoding=latin1+utf16"),
    ("texts", "pair", r#"(param "x" (list string)) (result (list string))"#, ""),
    ("numbers", "pair", r#"(param "x" (list $all)) (result (list $all))"#, ""),
    ("records", "pair", r#"(param "x" (list $record)) (result (list $record))"#, ""),
    ("choice", "joined", r#"(param "x" $variant) (result $variant)"#, ""),
    ("choices", "pair", r#"(param "x" (list $variant)) (result (list $variant))"#, ""),
    ("colour", "same", r#"(param "x" $colour) (result $colour)"#, ""),
    ("rights", "same", r#"(param "x" $rights) (result $rights)"#, ""),
    ("maybe", "pair", r#"(param "x" (option u32)) (result (option u32))"#, ""),
    ("outcome", "pair", r#"(param "x" (result u32 (error s32))) (result (result u32 (error s32)))"#, ""),
    ("done", "same", r#"(param "x" (result)) (result (result))"#, ""),
    ("large", "same", r#"(param "x" $large) (result $large)"#, ""),
    ("unaligned", "unaligned", "(result string)", ""),
    ("outside", "outside", "(result string)", ""),
    ("far-text", "far", "(result string)", ""),
    ("far-list", "far", "(result (list u8))", ""),
    ("bad-utf8", "bad-utf8", "(result string)", ""),
    ("bad-utf16", "bad-utf16", "(result string)", "string-encoding=utf16"),
    ("bad-letter", "surrogate", "(result char)", ""),
    ("bad-colour", "seven", "(result $colour)", ""),
    ("clean", "same", r#"(param "x" u32) (result u32)"#, r#"(post-return (core func $core "unreachable"))"#),
];

/// A component that exports the functions, and two of them in an instance, too.
fn component() -> String {
    let mut text = format!(
        r#"(component {MODULE}
  (type $record-type (record (field "first" u8) (field "a-b" (option u64)) (field "name" string)))
  (export $record "record-type" (type $record-type))
  (type $variant-type (variant (case "none") (case "a" f32) (case "b" f64) (case "c" string)))
  (export $variant "variant-type" (type $variant-type))
  (type $colour-type (enum "red" "ok" "dark-blue"))
  (export $colour "colour-type" (type $colour-type))
  (type $rights-type (flags "read" "write" "none"))
  (export $rights "rights-type" (type $rights-type))
  (type $all (tuple s8 u8 s16 u16 s32 u32 s64 u64 f32 f64 char bool))
  (type $large (tuple string (tuple u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64)))
"#
    );
    for (name, core, ty, options) in FUNCTIONS {
        text += &format!(
            "  (func ${name} {ty} (canon lift (core func $core \"{core}\")
    (memory (core memory $memory)) (realloc (core func $realloc)) {options}))
  (export \"{name}\" (func ${name}))\n"
        );
    }
    text + r#"  (instance $numbers (export "add" (func $add)) (export "negate" (func $to-s8)))
  (export "local:math/numbers@1.2.3" (instance $numbers)))"#
}

/// Calls, and what they print.
const PRINTED: &[(&str, &str)] = &[
    ("nothing()", "()"),
    ("add(1, -2)", "4294967295"),
    ("negate(200)", "-56"),
    ("local:math/numbers.add@1.2.3(1, 2)", "3"),
    ("to-s8(255)", "-1"),
    ("truth(true)", "true"),
    ("letter('\\u{301}')", "'\\u{301}'"),
    ("float(1e21)", "1000000000000000000000"),
    ("float(-0.0)", "-0"),
    ("float(nan)", "nan"),
    ("float(-inf)", "-inf"),
    ("text(\"\")", "\"\""),
    ("text(\"é\\n\\u{7f}\\u{202e}'\\u{0}😀\")", "\"é\\n\\u{7f}\\u{202e}\\'\\u{0}😀\""),
    ("wide-text(\"é€😀\")", "\"é€😀\""),
    ("either-text(\"é\")", "\"é\""),
    ("either-text(\"é€😀\")", "\"é€😀\""),
    ("texts([\"a\", \"\", \"😀\"])", "[\"a\", \"\", \"😀\"]"),
    ("texts([])", "[]"),
    (
        "numbers([(-1, 255, -300, 65535, -1, 4294967295, -1, 18446744073709551615, 0.5, -1e-3, 'x', true)])",
        "[(-1, 255, -300, 65535, -1, 4294967295, -1, 18446744073709551615, 0.5, -0.001, 'x', true)]",
    ),
    (
        "records([{first: 1, name: \"x\"}, {name: \"y\", first: 2, a-b: some(3)}])",
        "[{first: 1, name: \"x\"}, {first: 2, a-b: some(3), name: \"y\"}]",
    ),
    ("choice(%none)", "%none"),
    ("choice(a(1.5))", "a(1.5)"),
    ("choice(b(-2.5))", "b(-2.5)"),
    ("choice(c(\"text\"))", "c(\"text\")"),
    ("choices([%none, a(1.5), b(-2.5), c(\"text\")])", "[%none, a(1.5), b(-2.5), c(\"text\")]"),
    ("colour(%ok)", "%ok"),
    ("colour(dark-blue)", "dark-blue"),
    ("rights({none, read})", "{read, none}"),
    ("rights({})", "{}"),
    ("maybe(none)", "none"),
    ("maybe(7)", "some(7)"),
    ("outcome(ok(7))", "ok(7)"),
    ("outcome(err(-7))", "err(-7)"),
    ("done(err)", "err"),
    (
        "large((\"x\", (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)))",
        "(\"x\", (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))",
    ),
];

/// Calls whose results the canonical ABI forbids, and the traps.
const TRAPS: &[(&str, &str)] = &[
    ("unaligned()", "unaligned pointer"),
    ("outside()", "out of bounds memory access"),
    ("far-text()", "string content out-of-bounds"),
    ("far-list()", "list content out-of-bounds"),
    ("bad-utf8()", "invalid utf-8 encoding"),
    ("bad-utf16()", "invalid utf-16 encoding"),
    ("bad-letter()", "invalid `char` bit pattern"),
    ("bad-colour()", "invalid variant discriminant"),
];

/// Calls that can't be made, and words of the messages.
const REFUSED: &[(&str, &[&str])] = &[
    (
        "absent()",
        &["--invoke 'absent()'", "exports no function `absent`", "\n  add: func(a: u32, b: s32) -> u32"],
    ),
    ("add", &["no arguments", "`add` is func(a: u32, b: s32) -> u32"]),
    ("add(1)", &["missing required param", "`add` is func("]),
    ("add(1, 2, 3)", &["more param(s) than expected at `3`"]),
    ("add(1, 2", &["unexpected end of input"]),
    ("to-s8(256)", &["invalid value at `256`", "`to-s8` is func(x: u8) -> s8"]),
    ("colour(blue)", &["unknown case", "at `blue`", "enum{red, ok, dark-blue}"]),
    ("records([{first: 1}])", &["missing field"]),
    ("a\u{1b}[31mb()", &["no function `a\\x1b[31mb`"]),
];

pub fn tests() -> Vec<Test> {
    vec![
        test("component/invoke", |bench| {
            bench.write("c.wat", component())?;
            for (invocation, printed) in PRINTED {
                bench.aot(&["build", "c.wat", "-o", "out", "--invoke", invocation])?.code(0)?;
                let outcome = bench.start("out", &[])?;
                outcome.code(0)?;
                ensure!(outcome.stdout == format!("{printed}\n"), "{invocation}: {}", outcome.stdout);
            }
            Ok(())
        }),
        test("component/invoke traps", |bench| {
            bench.write("c.wat", component())?;
            for (invocation, trap) in TRAPS {
                bench.aot(&["build", "c.wat", "-o", "out", "--invoke", invocation])?.code(0)?;
                let outcome = bench.start("out", &[])?;
                outcome.code(134)?.stderr_has(&[&format!("wasm trap: {trap}\n")])?;
                ensure!(outcome.stdout.is_empty(), "{invocation}: {}", outcome.stdout);
            }
            bench.aot(&["build", "c.wat", "-o", "out", "--invoke", "clean(1)"])?.code(0)?;
            bench.start("out", &[])?.code(134)?.stderr_has(&["wasm trap: unreachable\n"])?;
            Ok(())
        }),
        test("component/invoke refused", |bench| {
            bench.write("c.wat", component())?;
            for (invocation, words) in REFUSED {
                bench.aot(&["build", "c.wat", "-o", "out", "--invoke", invocation])?.failed(words)?;
                bench.has_only(&["c.wat"])?;
            }
            Ok(())
        }),
        test("component/nothing to run", |bench| {
            bench.write("c.wat", component())?;
            let exports =
                ["`wasi:cli/run`", "\n  add: func(a: u32, b: s32) -> u32\n", "\n  and 11 more\n--invoke"];
            bench.aot(&["build", "c.wat"])?.failed(&exports)?;
            Ok(())
        }),
        test("component/the latest version runs", |bench| {
            let runs: String = [("0.2.0", 1), ("0.2.10", 1), ("0.2.9", 1), ("0.3.0", 0)]
                .iter()
                .map(|(version, result)| {
                    format!(
                        r#"(core module $m{version} (func (export "run") (result i32) (i32.const {result})))
                        (core instance $i{version} (instantiate $m{version}))
                        (func $f{version} (result (result)) (canon lift (core func $i{version} "run")))
                        (instance $r{version} (export "run" (func $f{version})))
                        (export "wasi:cli/run@{version}" (instance $r{version}))"#
                    )
                })
                .collect();
            bench.write("c.wat", format!("(component {runs})"))?;
            bench.aot(&["build", "c.wat", "-o", "out"])?.code(0)?;
            bench.start("out", &[])?.code(0)?;
            Ok(())
        }),
        test("component/imports that trap", |bench| {
            for (interface, options, trap) in [
                (
                    "local:unknown/one@0.2.0",
                    "--trap-unknown-imports",
                    "call of an import that nothing provides",
                ),
                ("wasi:io/poll@0.3.0", "--trap-unknown-imports", "call of an import that nothing provides"),
                ("wasi:http/types@0.2.0", "-v", "call of an import that isn't supported yet"),
            ] {
                bench.write("c.wat", calling(interface))?;
                bench.aot(&["build", "c.wat", "-o", "out", options])?.code(0)?;
                let words = [&format!("wasm trap: {trap}\n"), &format!("0: {interface}#f")];
                bench.start("out", &[])?.code(134)?.stderr_has(&words.map(|words| &**words))?;
            }
            Ok(())
        }),
        test("component/inspect", inspect),
        test("component/flags that nobody sees as 0", |bench| {
            let adapter = |calls_out: bool| -> Result<String> {
                bench.write("c.wat", passing_a_string(calls_out))?;
                bench.aot(&["build", "c.wat", "--emit", "clif", "-o", "c.clif"])?.code(0)?;
                let listing = std::fs::read_to_string(bench.path("c.clif"))?;
                let (_, adapter) = listing.split_once(";; adapter0\n").context("there is an adapter")?;
                Ok(adapter.split("\n;; ").next().unwrap_or_default().to_owned())
            };
            ensure!(!adapter(false)?.contains("\"globals\""), "the adapter uses flags");
            bench.aot(&["build", "c.wat", "-o", "out"])?.code(0)?;
            bench.start("out", &[])?.code(0)?;
            ensure!(adapter(true)?.contains("\"globals\""), "the adapter uses no flags");
            bench.aot(&["build", "c.wat", "-o", "out"])?.code(0)?;
            bench
                .start("out", &[])?
                .code(134)?
                .stderr_has(&["wasm trap: cannot leave component instance\n"])?;
            Ok(())
        }),
    ]
}

/// A command that passes a string to another component, whose `realloc` may call out.
fn passing_a_string(calls_out: bool) -> String {
    let call = if calls_out { "(drop (call $random))" } else { "" };
    format!(
        r#"(component
        (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
        (component $callee
          (import "random" (func $random (result u64)))
          (core func $random (canon lower (func $random)))
          (core module $m
            (import "" "random" (func $random (result i64)))
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) {call} (i32.const 256))
            (func (export "f") (param i32 i32) (result i32) (local.get 1)))
          (core instance $i (instantiate $m (with "" (instance (export "random" (func $random))))))
          (func (export "f") (param "a" string) (result u32)
            (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
        (instance $callee (instantiate $callee (with "random" (func $random "get-random-u64"))))
        (component $caller
          (import "callee" (instance $callee (export "f" (func (param "a" string) (result u32)))))
          (core module $memory (memory (export "memory") 1))
          (core instance $memory (instantiate $memory))
          (core func $f (canon lower (func $callee "f") (memory (core memory $memory "memory"))))
          (core module $m
            (import "" "f" (func $f (param i32 i32) (result i32)))
            (func (export "run") (result i32) (i32.ne (call $f (i32.const 8) (i32.const 3)) (i32.const 3))))
          (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
          (func (export "run") (result (result)) (canon lift (core func $i "run"))))
        (instance $caller (instantiate $caller (with "callee" (instance $callee))))
        (instance $run (export "run" (func $caller "run")))
        (export "wasi:cli/run@0.2.0" (instance $run)))"#
    )
}

/// A command that calls the function `f` of an interface.
fn calling(interface: &str) -> String {
    format!(
        r#"(component
          (import "{interface}" (instance $host (export "f" (func))))
          (core func $f (canon lower (func $host "f")))
          (core module $m (import "" "f" (func $f)) (func (export "run") (result i32) (call $f) (i32.const 0)))
          (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
          (func $run (result (result)) (canon lift (core func $i "run")))
          (instance $run (export "run" (func $run)))
          (export "wasi:cli/run@0.2.3" (instance $run)))"#
    )
}

fn inspect(bench: &Bench<'_>) -> Result<()> {
    bench.write("library.wat", component())?;
    let shown = [
        "library.wat: a component of ",
        "\n  records: func(x: list<record{first: u8, a-b: option<u64>, name: string}>)",
        "\n  local:math/numbers@1.2.3\n    add: func(a: u32, b: s32) -> u32\n",
        "\ncore modules: 1\n",
        "build: would succeed with --invoke 'NAME(ARGUMENTS)': the component doesn't export `wasi:cli/run`\n",
    ];
    bench.aot(&["inspect", "library.wat"])?.code(0)?.stdout_has(&shown)?;
    bench.write(
        "command.wat",
        r#"(component
          (import "wasi:clocks/wall-clock@0.2.3" (instance $clock
            (type $d (record (field "seconds" u64) (field "nanoseconds" u32)))
            (export "datetime" (type $datetime (eq $d)))
            (export "now" (func (result $datetime)))
            (export "resolution" (func (result $datetime)))))
          (import "wasi:http/types@0.2.0" (instance $http (export "f" (func))))
          (core module $memory (memory (export "m") 1))
          (core instance $memory (instantiate $memory))
          (core func $now (canon lower (func $clock "now") (memory (core memory $memory "m"))))
          (core func $f (canon lower (func $http "f")))
          (core module $m
            (import "" "now" (func $now (param i32)))
            (import "" "f" (func $f))
            (func (export "run") (result i32) (call $now (i32.const 0)) (i32.const 0)))
          (core instance $i (instantiate $m (with "" (instance
            (export "now" (func $now)) (export "f" (func $f))))))
          (func $run (result (result)) (canon lift (core func $i "run")))
          (instance $run (export "run" (func $run)))
          (export "wasi:cli/run@0.2.3" (instance $run)))"#,
    )?;
    let shown = [
        "\nimported functions: 2\n  wasi:clocks/wall-clock@0.2.3\n    now: func() -> datetime\n",
        "\n  wasi:http/types@0.2.0\n    f: func() (not provided)\n",
        "\nexported functions: 1\n  wasi:cli/run@0.2.3\n    run: func() -> result\n",
        "\nreachable functions: 1 of 1\nbuild: would succeed\n",
    ];
    bench.aot(&["inspect", "command.wat"])?.code(0)?.stdout_has(&shown)?;
    Ok(())
}
