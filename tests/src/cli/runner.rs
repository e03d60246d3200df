//! `wasm-aot run` in place of a program: its process, and other tools that start programs with it.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::build::check_sample;
use super::invalid::MODULE;
use super::run::{ECHO, prints};
use super::{Bench, Outcome, find_on_path, test};
use crate::harness::{Skipped, Test};

/// Waits for its standard input.
const WAITS: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\01\00\00\00")
  (func (export "_start") (drop (call 0 (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

pub fn tests() -> Vec<Test> {
    vec![
        test("run/name of the process", process_name),
        test("run/without /proc", |bench| {
            bench.write("a.wat", MODULE)?;
            for flags in ["", "", "--no-cache"] {
                let run = format!("exec $AOT run {flags} a.wat");
                let outcome = bench.shell(&format!(
                    "[ $(id -u) = 0 ] || user=-Ur
                    exec unshare $user --mount sh -c 'mount -t tmpfs none /proc || exit 99; {run}'"
                ))?;
                if outcome.code == 99 || outcome.stderr.starts_with("unshare:") {
                    return Err(Skipped(format!("can't hide /proc: {}", outcome.stderr.trim())).into());
                }
                check_sample(&outcome)?;
            }
            Ok(())
        }),
        test("run/too many arguments", |bench| {
            bench.write("a.wat", MODULE)?;
            for flags in [&[][..], &[], &["--no-cache"]] {
                // Below the limit as this program is started with it, beyond it for a name that is longer.
                let mut command = bench.command(&[&["run"], flags, &["a.wat"]].concat());
                let long = "x".repeat(100_000);
                command.args(std::iter::repeat_n(&long, 15));
                let outcome = Outcome::of(command.output()?);
                ensure!(outcome.code == 7, "exit code {}: {}", outcome.code, outcome.stderr);
            }
            Ok(())
        }),
        test("run/wasm-aot-run", |bench| {
            // What binfmt_misc starts: the program's path, then its arguments.
            bench.write("a.wat", ECHO)?;
            symlink(super::compiler()?, bench.path("wasm-aot-run"))?;
            let run = |arguments: &[&str]| {
                let mut command = Command::new(bench.path("wasm-aot-run"));
                command.args(arguments).current_dir(bench.directory);
                anyhow::Ok(Outcome::of(command.env("XDG_CACHE_HOME", bench.path("cache")).output()?))
            };
            let path = bench.path("a.wat").display().to_string();
            prints(run(&[&path, "--dir", "x", "--"])?.code(4)?, "a.wat\n--dir\nx\n--\n")?;
            prints(run(&["--env", "A=1", "a.wat", "run"])?.code(2)?, "a.wat\nrun\nA=1\n")
        }),
        test("run/as cargo's runner", cargo),
        test("run/as CMake's emulator", cmake),
    ]
}

fn process_name(bench: &Bench<'_>) -> Result<()> {
    let names = ["a.wat", "a longer name, cut at 15.wat", "program"];
    // Built, from the cache, and from the cache by another name.
    for name in names.iter().chain(&names) {
        let module = if name.ends_with(".wat") { WAITS.into() } else { wat::parse_str(WAITS)? };
        bench.write(name, module)?;
        let (called, arguments) = observe(bench, &["run", name, "x"])?;
        ensure!(called == name[..name.len().min(15)], "the process of {name} is called {called}");
        ensure!(arguments == format!("{name}\0x\0"), "{arguments}");
    }
    // Linux before 6.14 calls those in memory by a number.
    let (called, arguments) = observe(bench, &["run", "--no-cache", "a.wat", "x"])?;
    let number = called.bytes().all(|byte| byte.is_ascii_digit());
    ensure!(called == "memfd:a.wat" || number, "the process in memory is called {called}");
    ensure!(arguments == "a.wat\0x\0", "{arguments}");
    Ok(())
}

/// The name and the arguments of the process that results from a command.
fn observe(bench: &Bench<'_>, arguments: &[&str]) -> Result<(String, String)> {
    let mut child = bench.command(arguments).stdin(Stdio::piped()).spawn()?;
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", child.id()));
    let start = Instant::now();
    // Until then it is the compiler, and before that the test.
    let is_program =
        || anyhow::Ok(read("cmdline")?.strip_suffix("\0x\0").is_some_and(|name| !name.contains('\0')));
    while !is_program()? && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let seen = (read("comm")?.trim_end_matches('\n').to_owned(), read("cmdline")?);
    drop(child.stdin.take());
    ensure!(child.wait()?.success());
    Ok(seen)
}

/// `cargo run --target wasm32-wasip1`. There may be no standard library for that target, so what stands for rustc
/// puts a module of ours where the compiled one would be; all else is cargo's.
fn cargo(bench: &Bench<'_>) -> Result<()> {
    let Some(cargo) = std::env::var_os("CARGO") else {
        return Err(Skipped("not started by cargo".to_owned()).into());
    };
    bench.write("module.wasm", wat::parse_str(ECHO)?)?;
    std::fs::create_dir_all(bench.path("package/src"))?;
    bench.write("package/Cargo.toml", "[package]\nname = \"echo\"\nedition = \"2024\"\n[workspace]\n")?;
    bench.write("package/src/main.rs", "fn main() {}\n")?;
    let rustc = bench.write(
        "rustc",
        r#"#!/bin/sh
case " $* " in
*" --crate-name echo "*)
    while [ $# -gt 0 ]; do
        case $1 in
        --out-dir) directory=$2 ;;
        extra-filename=*) suffix=${1#*=} ;;
        esac
        shift
    done
    : > "$directory/echo$suffix.d"
    exec cp "$MODULE" "$directory/echo$suffix.wasm" ;;
*) exec rustc "$@" ;;
esac
"#,
    )?;
    std::fs::set_permissions(&rustc, PermissionsExt::from_mode(0o755))?;
    let runner = format!("{} run --env A=1", super::compiler()?.display());
    let run = |separator: &[&str], arguments: &[&str]| {
        let mut command = Command::new(&cargo);
        command.args(["run", "--quiet", "--offline", "--target", "wasm32-wasip1"]).args(separator);
        command.args(arguments).current_dir(bench.path("package")).env_remove("RUSTC_WRAPPER");
        command.env("RUSTC", &rustc).env("MODULE", bench.path("module.wasm"));
        command.env("CARGO_TARGET_DIR", bench.path("target")).env("XDG_CACHE_HOME", bench.path("cache"));
        let output = command.env("CARGO_TARGET_WASM32_WASIP1_RUNNER", &runner).output()?;
        anyhow::Ok(Outcome::of(output))
    };
    prints(run(&[], &[])?.code(1)?, "echo.wasm\nA=1\n")?;
    prints(run(&["--"], &["one", "--dir", "-x"])?.code(4)?, "echo.wasm\none\n--dir\n-x\nA=1\n")
}

/// `add_test` of a target: ctest starts the emulator with the program and its arguments.
fn cmake(bench: &Bench<'_>) -> Result<()> {
    if find_on_path("cmake").is_none() || find_on_path("ctest").is_none() {
        return Err(Skipped("cmake is not installed".to_owned()).into());
    }
    bench.write("module.wasm", wat::parse_str(ECHO)?)?;
    // No compiler for WebAssembly is needed: what stands for one copies the module.
    let compiler = bench.write(
        "cc",
        "#!/bin/sh\nwhile [ $# -gt 0 ]; do case $1 in -o) out=$2 ;; esac; shift; done\nexec cp \"$MODULE\" \"$out\"\n",
    )?;
    std::fs::set_permissions(&compiler, PermissionsExt::from_mode(0o755))?;
    bench.write("echo.c", "int main(void) { return 0; }\n")?;
    bench.write(
        "CMakeLists.txt",
        r#"cmake_minimum_required(VERSION 3.15)
project(echo C)
enable_testing()
add_executable(echo echo.c)
set_target_properties(echo PROPERTIES SUFFIX .wasm)
add_test(NAME echo COMMAND echo one --dir -x)
set_tests_properties(echo PROPERTIES PASS_REGULAR_EXPRESSION "echo.wasm\none\n--dir\n-x\nA=1\n")
"#,
    )?;
    let emulator = format!("{};run;--env;A=1", super::compiler()?.display());
    let script = r#"
        cmake -S . -B out -DCMAKE_SYSTEM_NAME=Generic -DCMAKE_C_COMPILER_WORKS=1 "-DCMAKE_C_COMPILER=$COMPILER" \
            "-DCMAKE_CROSSCOMPILING_EMULATOR=$EMULATOR" && cmake --build out && cd out && ctest -V"#;
    let output = Command::new("sh")
        .args(["-c", script])
        .current_dir(bench.directory)
        .env("MODULE", bench.path("module.wasm"))
        .env("XDG_CACHE_HOME", bench.path("cache"))
        .env("EMULATOR", emulator)
        .env("COMPILER", compiler)
        .output()
        .context("can't start sh")?;
    Outcome::of(output).code(0)?.stdout_has(&["100% tests passed", "one"])?;
    Ok(())
}
