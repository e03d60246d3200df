//! Policies: the file, what the user adds at start, `inspect` of executables, `--native`, limits.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::run::{ECHO, FILES, prints};
use super::{Bench, Outcome, test};
use crate::harness::Test;

/// Grows its memory by a page and its table by an element until that fails; exits with ten times the
/// pages and the elements.
const GROW: &str = r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (table $t 1 funcref)
  (func (export "_start")
    (loop $l (br_if $l (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0))))
    (loop $l (br_if $l (i32.ge_s (table.grow $t (ref.null func) (i32.const 1)) (i32.const 0))))
    (call $exit (i32.add (i32.mul (memory.size) (i32.const 10)) (table.size $t)))))"#;

/// Waits for standard input.
const WAIT: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $wait (export "_start")
    (i32.store (i32.const 4) (i32.const 8))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;

const LOOP: &str = r#"(module (func $spin (export "_start") (loop $l (br $l))))"#;

/// Prints the names of its directories, a line each.
pub const DIRECTORIES: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $fd i32) (local $length i32)
    (local.set $fd (i32.const 3))
    (loop $next
      (if (i32.eqz (call $prestat (local.get $fd) (i32.const 16)))
        (then
          (local.set $length (i32.load (i32.const 20)))
          (drop (call $name (local.get $fd) (i32.const 64) (local.get $length)))
          (i32.store8 (i32.add (i32.const 64) (local.get $length)) (i32.const 10))
          (i32.store (i32.const 0) (i32.const 64))
          (i32.store (i32.const 4) (i32.add (local.get $length) (i32.const 1)))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
          (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
          (br $next))))))"#;

const FILE: &str = r#"
allow-override = false
inherit-env = true
arg0 = "built"
listeners = ["127.0.0.1:0"]
dirs = [{ host = "data", guest = "/guest", read-only = true }, { host = "." }]

[env]
A = "1"
B = "two \"words\""

[limits]
memory = "1MiB"
table = 1000
stack = "64KiB"
timeout = "1min"
fuel = 1000000
soft = true
"#;

pub fn tests() -> Vec<Test> {
    vec![
        test("policy/file and back", round_trip),
        test("policy/flags add to the file", flags_add),
        test("policy/errors", errors),
        test("policy/the user's environment", user_environment),
        test("policy/the user's directories", user_directories),
        test("policy/locked", locked),
        test("policy/inspect of other executables", other_executables),
        test("policy/--native", native),
        test("limits/--max-memory and --max-table", grow),
        test("limits/--soft-limits", soft_limits),
        test("limits/--timeout", timeout),
        test("limits/--fuel", fuel),
    ]
}

/// Runs a program of the directory with an environment of its own.
fn start(bench: &Bench<'_>, name: &str, env: &[(&str, &str)]) -> Result<Outcome> {
    let mut command = Command::new(bench.path(name));
    command.current_dir(bench.directory).env_clear().envs(env.iter().copied());
    Ok(Outcome::of(command.output()?))
}

/// What `inspect` prints is a policy file again, and gives the same executable, on every target.
fn round_trip(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", GROW)?;
    bench.write("policy.toml", FILE)?;
    for target in ["x86_64-linux", "aarch64-linux", "riscv64-linux"] {
        let build = |policy: &str, output: &str| {
            bench.aot(&["build", "a.wat", "--target", target, "--policy", policy, "-o", output])
        };
        build("policy.toml", "first")?.code(0)?;
        let inspected = bench.aot(&["inspect", "first"])?;
        inspected.code(0)?.stdout_has(&[
            target,
            "allow-override = false",
            "inherit-env = true",
            "arg0 = \"built\"",
            "listeners = [\"127.0.0.1:0\"]",
            "{ host = \"data\", guest = \"/guest\", read-only = true }",
            "{ host = \".\", guest = \".\" }",
            "\"B\" = \"two \\\"words\\\"\"",
            "memory = \"1MiB\"",
            "table = 1000",
            "stack = \"64KiB\"",
            "timeout = \"1min\"",
            "fuel = 1000000",
            "soft = true",
        ])?;
        bench.write("again.toml", &inspected.stdout)?;
        build("again.toml", "second")?.code(0)?;
        let bytes = |name| std::fs::read(bench.path(name));
        ensure!(bytes("first")? == bytes("second")?, "{target}: another executable");
    }
    Ok(())
}

fn flags_add(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", ECHO)?;
    bench.write("policy.toml", FILE)?;
    let mut arguments =
        vec!["build", "a.wat", "--policy", "policy.toml", "--fuel", "5", "--max-memory", "2M"];
    arguments.extend(["--env", "A=3", "--env", "C=4", "--arg0", "flag", "--dir", "x::/guest", "--dir", "y"]);
    bench.aot(&arguments)?.code(0)?;
    let inspected = bench.aot(&["inspect", "a"])?;
    inspected.stdout_has(&[
        "arg0 = \"flag\"",
        "dirs = [\n    { host = \"x\", guest = \"/guest\" },\n    { host = \".\", guest = \".\" },\n    \
         { host = \"y\", guest = \"y\" },\n]",
        "\"A\" = \"3\"",
        "\"C\" = \"4\"",
        "memory = \"2MiB\"",
        "timeout = \"1min\"",
        "fuel = 5",
    ])?;
    ensure!(!inspected.stdout.contains("\"A\" = \"1\""), "{}", inspected.stdout);
    Ok(())
}

fn errors(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", ECHO)?;
    let build = || bench.aot(&["build", "a.wat", "--policy", "policy.toml"]);
    build()?.failed(&["can't read the policy policy.toml", "No such file"])?;
    bench.write("policy.toml", "[limits]\nmemory = \"much\"\n")?;
    build()?.failed(&["in the policy policy.toml", "line 2", "memory = \"much\"", "64KiB"])?;
    bench.write("policy.toml", "directories = []\n")?;
    build()?.failed(&["in the policy policy.toml", "unknown field `directories`", "`dirs`"])?;
    bench.write("policy.toml", [0xff, 0xfe])?;
    build()?.failed(&["can't read the policy policy.toml", "UTF-8"])?;
    bench.has_only(&["a.wat", "policy.toml"])
}

fn user_environment(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", ECHO)?;
    bench.aot(&["build", "a.wat", "--arg0", "a", "--env", "A=1", "--env", "B=2"])?.code(0)?;
    let run = |list: &str| start(bench, "a", &[("WASM_AOT_ENV", list), ("X", "1;2"), ("A", "9")]);
    prints(&start(bench, "a", &[("X", "1")])?, "a\nA=1\nB=2\n")?;
    prints(&run("")?, "a\nA=1\nB=2\n")?;
    prints(&run("B=3;;C=x=y;")?, "a\nA=1\nB=3\nC=x=y\n")?;
    prints(&run("X;MISSING;C=1;C=2")?, "a\nA=1\nB=2\nX=1;2\nC=2\n")?;
    // What the build has set stays as it is.
    let all = run("*;D=5")?;
    all.stdout_has(&["\nX=1;2\n", "\nA=1\n", "\nB=2\n", "\nD=5\n", "\nWASM_AOT_ENV=*;D=5\n"])?;
    ensure!(!all.stdout.contains("A=9"), "{}", all.stdout);
    prints(&run("A")?, "a\nB=2\nA=9\n")
}

fn user_directories(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", FILES)?;
    for (directory, contents) in [("one", "first\n"), ("two", "second\n")] {
        std::fs::create_dir(bench.path(directory))?;
        bench.write(&format!("{directory}/file"), contents)?;
    }
    bench.aot(&["build", "a.wat", "-o", "none"])?.code(0)?;
    bench.aot(&["build", "a.wat", "-o", "some", "--dir", "one::/d"])?.code(0)?;
    let run = |name: &str, list: &str| start(bench, name, &[("WASM_AOT_DIRS", list)]);
    run("none", "")?.code(108)?;
    prints(run("none", "one::/x")?.code(0)?, "/x:first\n")?;
    // A directory replaces the one with the same name.
    prints(run("some", "two::/other")?.code(0)?, "/d:first\n")?;
    prints(run("some", "two::/d:ro")?.code(63)?, "/d:second\n")?;
    run("none", "missing")?
        .code(1)?
        .stderr_has(&["`missing` that WASM_AOT_DIRS grants", "no such directory"])?;
    run("none", "one;::x")?.code(1)?.stderr_has(&["WASM_AOT_DIRS takes HOST[::GUEST][:ro]", "`::x`"])?;
    let many: Vec<String> = (0..200).map(|number| format!("one::{number}")).collect();
    run("none", &many.join(";"))?.code(1)?.stderr_has(&["WASM_AOT_DIRS has too many directories"])?;
    Ok(())
}

fn locked(bench: &Bench<'_>) -> Result<()> {
    std::fs::create_dir(bench.path("one"))?;
    bench.write("one/file", "contents\n")?;
    bench.write("files.wat", FILES)?;
    bench.write("echo.wat", ECHO)?;
    for name in ["files", "echo"] {
        bench.aot(&["build", &format!("{name}.wat"), "--lock-policy", "--arg0", "a"])?.code(0)?;
        let program = std::fs::read(bench.path(name))?;
        let has = |word: &str| program.windows(word.len()).any(|window| window == word.as_bytes());
        ensure!(!has("WASM_AOT_"), "{name} has code for what the user grants");
        bench.aot(&["inspect", name])?.stdout_has(&["allow-override = false"])?;
    }
    let env = [("WASM_AOT_DIRS", "one"), ("WASM_AOT_ENV", "A=1;*")];
    start(bench, "files", &env)?.code(108)?;
    prints(&start(bench, "echo", &env)?, "a\n")
}

/// Files that aren't executables made by wasm-aot, and damaged ones that are: a message and no panic.
fn other_executables(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", ECHO)?;
    bench.write("policy.toml", FILE)?;
    bench.aot(&["build", "a.wat", "--policy", "policy.toml"])?.code(0)?;
    bench.aot(&["build", "a.wat", "--emit", "obj"])?.code(0)?;
    bench.aot(&["inspect", "a.o"])?.failed(&["a.o: this is an object (--emit obj)"])?;
    let own = std::env::current_exe()?;
    let own = own.to_str().context("a path of UTF-8")?;
    bench.aot(&["inspect", own])?.failed(&["wasn't made by wasm-aot", ".wasm_aot.policy"])?;
    let whole = std::fs::read(bench.path("a"))?;
    for length in (4..whole.len()).step_by(whole.len() / 40) {
        bench.write("part", &whole[..length])?;
        let outcome = bench.aot(&["inspect", "part"])?;
        ensure!(outcome.code <= 1 && !outcome.stderr.contains("panicked"), "{length}: {}", outcome.stderr);
    }
    // Another version of the compiler.
    let stdout = bench.tool("readelf", &["-SW", "a"])?.stdout;
    let line = stdout.lines().find(|line| line.contains(".wasm_aot.policy")).context("no section")?;
    let offset =
        line.split_whitespace().skip_while(|word| *word != "PROGBITS").nth(2).context("no offset")?;
    let mut other = whole;
    other[usize::from_str_radix(offset, 16)?] ^= 0x40;
    bench.write("other", other)?;
    bench.aot(&["inspect", "other"])?.failed(&["has version 69", "knows version 5"])?;
    Ok(())
}

/// The root, the working directory, and what is in the root under its name, but for names that the working
/// directory has, too.
fn native(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", DIRECTORIES)?;
    bench.write("echo.wat", ECHO)?;
    bench.aot(&["build", "a.wat", "--native"])?.code(0)?;
    for target in ["x86_64-windows", "aarch64-windows", "x86_64-macos", "aarch64-macos"] {
        bench.aot(&["build", "a.wat", "--native", "--target", target, "-o", "other"])?.code(0)?;
    }
    bench.aot(&["build", "echo.wat", "--native", "--arg0", "a"])?.code(0)?;
    let names = start(bench, "a", &[])?.stdout;
    let mut lines = names.lines();
    ensure!(lines.next() == Some("/") && lines.next() == Some("."), "{names}");
    let mut found: Vec<&str> = lines.collect();
    found.sort_unstable();
    let mut expected = Vec::new();
    for entry in std::fs::read_dir("/")? {
        let entry = entry?;
        if entry.path().is_dir() {
            expected.push(format!("/{}", entry.file_name().to_string_lossy()));
        }
    }
    expected.sort();
    ensure!(found == expected, "{found:?}, not {expected:?}");
    std::fs::create_dir(bench.path("usr"))?;
    let names = start(bench, "a", &[])?.stdout;
    ensure!(!names.contains("/usr\n") && names.contains("/etc\n"), "{names}");
    let directory = bench.directory.canonicalize()?;
    prints(&start(bench, "echo", &[("B", "2")])?, &format!("a\nB=2\nPWD={}\n", directory.display()))
}

/// Growing beyond a limit is a trap, beyond the maximum of a type isn't.
fn grow(bench: &Bench<'_>) -> Result<()> {
    let run = |limits: &[&str]| bench.aot(&[&["run"][..], limits, &["a.wat"]].concat());
    let memory = ["wasm trap: memory limit reached\n", "start"];
    bench.write("a.wat", GROW)?;
    run(&["--max-memory", "320K"])?.code(134)?.stderr_has(&memory)?;
    run(&["--max-memory", "320K", "--memory-guard=none"])?.code(134)?.stderr_has(&memory)?;
    // Growth within the limits isn't affected.
    bench.write("a.wat", GROW.replace("(loop $l", "(block $l"))?;
    run(&["--max-memory", "128K", "--max-table", "2"])?.code(22)?;
    bench.write("a.wat", GROW.replace("(memory.grow (i32.const 1))", "(memory.grow (i32.const 0))"))?;
    run(&["--max-memory", "64K", "--max-table", "1", "--timeout", "1s"])?.stderr_has(&["trap: timeout"])?;
    bench.write(
        "a.wat",
        GROW.replace("(loop $l (br_if $l (i32.ge_s (memory", "(block $l (br_if $l (i32.ge_s (memory"),
    )?;
    run(&["--max-table", "7"])?.code(134)?.stderr_has(&["wasm trap: table limit reached\n", "start"])?;
    bench.write("a.wat", GROW.replace("\"memory\") 1", "\"memory\") 1 4").replace("$t 1", "$t 1 3"))?;
    run(&["--max-memory", "320K", "--max-table", "7"])?.code(43)?;
    run(&["--max-memory", "256K", "--max-table", "3"])?.code(43)?;
    // 64-bit indices, and a growth that no type allows.
    bench.write(
        "a.wat",
        GROW.replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") i64 1)")
            .replace("(memory.grow (i32.const 1))", "(i32.wrap_i64 (memory.grow (i64.const 1)))")
            .replace("(memory.size)", "(i32.wrap_i64 (memory.size))"),
    )?;
    run(&["--max-memory", "320K"])?.code(134)?.stderr_has(&memory)?;
    let too_much = GROW.replace("(memory.grow (i32.const 1))", "(memory.grow (i32.const 65536))");
    bench.write("a.wat", too_much.replace("$t 1", "$t 1 3"))?;
    run(&["--max-memory", "320K"])?.code(13)?;
    Ok(())
}

fn soft_limits(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", GROW)?;
    for guard in ["region", "none"] {
        let guard = format!("--memory-guard={guard}");
        let limits = ["--soft-limits", "--max-memory", "320K", "--max-table", "7"];
        bench.aot(&[&["run", &guard][..], &limits, &["a.wat"]].concat())?.code(57)?;
    }
    // A limit inside a page lets the memory have the whole pages below it.
    bench.aot(&["run", "--soft-limits", "--max-memory", "200000B", "--max-table", "1", "a.wat"])?.code(31)?;
    let build = |flag: &str, limit: &str| bench.aot(&["build", "a.wat", flag, limit]);
    build("--max-memory", "65535B")?.failed(&["a memory of 65536 bytes is too large", "65535"])?;
    build("--max-table", "0")?.failed(&["a table of 1 elements is too large", "0"])?;
    Ok(())
}

fn timeout(bench: &Bench<'_>) -> Result<()> {
    for (text, function) in [(LOOP, "spin"), (WAIT, "wait")] {
        bench.write("a.wat", text)?;
        bench.aot(&["build", "a.wat", "--timeout", "200ms"])?.code(0)?;
        let began = Instant::now();
        // Nothing writes to the pipe.
        let outcome = bench.shell("test -p fifo || mkfifo fifo; exec ./a <>fifo")?;
        outcome.code(134)?.stderr_has(&["wasm trap: timeout\n", function])?;
        ensure!(began.elapsed() >= Duration::from_millis(200), "{:?}", began.elapsed());
    }
    // A program that finishes in time isn't affected.
    bench.write("a.wat", ECHO)?;
    bench.aot(&["run", "--timeout", "1h", "a.wat"])?.code(1)?;
    Ok(())
}

fn fuel(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", LOOP)?;
    bench
        .aot(&["run", "--fuel", "100000", "a.wat"])?
        .code(134)?
        .stderr_has(&["wasm trap: out of fuel\n", "spin"])?;
    bench.write("shared.wat", r#"(module (memory 1 1 shared) (func (export "_start")))"#)?;
    bench.aot(&["build", "shared.wat", "--fuel", "1"])?.failed(&["fuel", "shared memory"])?;
    // The same place each time, at every level of optimisation.
    bench.write("b.wat", FUEL.replace("COUNT", "1000"))?;
    let mut needed = Vec::new();
    for level in ["0", "2"] {
        let (mut least, mut most) = (0, 100_000);
        while most - least > 1 {
            let middle = (least + most) / 2;
            let fuel = middle.to_string();
            match bench.aot(&["run", "-O", level, "--fuel", &fuel, "b.wat"])?.code {
                0 => most = middle,
                134 => least = middle,
                other => anyhow::bail!("exit code {other}"),
            }
        }
        needed.push(most);
    }
    // An iteration of the loop costs 7, the function that it calls 5.
    ensure!(needed == [needed[0]; 2], "{needed:?}");
    ensure!((11_980..12_020).contains(&needed[0]), "{needed:?}");
    Ok(())
}

const FUEL: &str = r#"(module
  (func $f (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else (i32.const 2))))
  (func (export "_start") (local $i i32)
    (local.set $i (i32.const COUNT))
    (loop $l
      (drop (call $f (local.get $i)))
      (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))))"#;
