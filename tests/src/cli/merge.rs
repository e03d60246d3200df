//! Merged objects: what `wasm_aot::link::merge` makes of an object and the runtime is linked by the linkers that people
//! have, two of them in one program, beside a C library whose functions have the names of the runtime's. The objects
//! are compiled from C, so that the runtime alone is what is tested.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};
use wasm_aot::link::debug::Debug;
use wasm_aot::link::{Inputs, Linker, Style, merge, unpack};
use wasm_aot::targets::{Format, RuntimeKind, Target};

use super::{Bench, find_on_path, test};
use crate::harness::{Skipped, Test};
use crate::programs::case::repository;
use crate::programs::fetch::fetch;
use crate::programs::targets::TARGETS;

/// An object that uses the runtime: by calls, and by addresses in data. What is only in `unused` isn't called, but
/// reaches most of the runtime. The names of what it defines begin with `P`, which is defined on the command line.
const LIBRARY: &str = r#"
#define JOIN(a, b) a##_##b
#define NAME(p, n) JOIN(p, n)
typedef __SIZE_TYPE__ size;
double wasm_aot_fma_f64(double, double, double);
float wasm_aot_fma_f32(float, float, float);
void *memcpy(void *, const void *, size);
void *memset(void *, int, size);
int memcmp(const void *, const void *, size);
void wasm_aot_wasi_fd_write(void), wasm_aot_wasi_path_open(void), wasm_aot_wasi_poll_oneoff(void),
    wasm_aot_wasi_fd_readdir(void), wasm_aot_memory_grow(void),
    wasm_aot_enter(void), wasm_aot_library_instantiate(void);
_Alignas(64) char wasm_aot_program[4096], wasm_aot_library[4096];
void (*const NAME(P, unused)[])(void) = {
    wasm_aot_wasi_fd_write, wasm_aot_wasi_path_open, wasm_aot_wasi_poll_oneoff, wasm_aot_wasi_fd_readdir,
    wasm_aot_memory_grow, wasm_aot_enter, wasm_aot_library_instantiate};
int NAME(P, import_twice)(int);
static void *(*volatile copy)(void *, const void *, size) = memcpy;
static void *(*volatile fill)(void *, int, size) = memset;
static int (*volatile compare)(const void *, const void *, size) = memcmp;
static int counter;
int NAME(P, count)(void) { return ++counter; }
double NAME(P, fma)(double a, double b, double c) { return wasm_aot_fma_f64(a, b, c); }
int NAME(P, ask)(int x) { return NAME(P, import_twice)(x) + (int)wasm_aot_fma_f32(2, 3, 4); }
int NAME(P, copied)(void) {
  char a[64], b[64];
  fill(a, 7, 64);
  copy(b, a, 64);
  return compare(a, b, 64) == 0 && b[63] == 7;
}
"#;

/// A program with two of them. Its exit code is 0 if all is well. With `ALONE` it has no C library, but functions with
/// the names of one's.
const MAIN: &str = r#"
#define DECLARE(p) int p##_count(void), p##_ask(int), p##_copied(void); double p##_fma(double, double, double);
DECLARE(one) DECLARE(two)
typedef __SIZE_TYPE__ size;
void *memcpy(void *, const void *, size), *memset(void *, int, size);
static void *(*volatile copy)(void *, const void *, size) = memcpy;
static void *(*volatile fill)(void *, int, size) = memset;
int one_import_twice(int x) { return 2 * x; }
int two_import_twice(int x) { return 2 * x + 1; }
int check(void) {
  char a[32], b[32];
  fill(a, 5, 32);
  copy(b, a, 32);
  if (b[31] != 5) return 1;
  if (one_count() != 1 || two_count() != 1 || one_count() != 2 || two_count() != 2) return 2;
  if (one_fma(0x1p27 + 1, 0x1p27 + 1, -0x1p54) != 0x1p28 + 1 || two_fma(2, 3, 4) != 10) return 3;
  if (one_ask(4) != 18 || two_ask(4) != 19) return 4;
  if (!one_copied() || !two_copied()) return 5;
  return 0;
}
#if !defined(ALONE) || defined(__APPLE__)
int main(void) { return check(); }
#endif
#ifdef ALONE
void *memcpy(void *to, const void *from, size n) {
  for (size i = 0; i < n; i++) ((char *)to)[i] = ((const char *)from)[i];
  return to;
}
void *memset(void *to, int byte, size n) {
  for (size i = 0; i < n; i++) ((volatile char *)to)[i] = byte;
  return to;
}
#if defined(_WIN32)
int start(void) { return check(); }
#elif !defined(__APPLE__)
void _start(void) {
  long code = check();
#if defined(__aarch64__)
  register long x8 __asm__("x8") = 93, x0 __asm__("x0") = code;
  __asm__ volatile("svc 0" : : "r"(x8), "r"(x0));
#elif defined(__riscv)
  register long a7 __asm__("a7") = 93, a0 __asm__("a0") = code;
  __asm__ volatile("ecall" : : "r"(a7), "r"(a0));
#elif defined(__s390x__)
  register long r1 __asm__("r1") = 1, r2 __asm__("r2") = code;
  __asm__ volatile("svc 0" : : "r"(r1), "r"(r2));
#elif defined(__x86_64__)
  __asm__ volatile("syscall" : : "a"(60), "D"(code) : "rcx", "r11");
#endif
}
#endif
#endif
"#;

/// The functions of the interface, after the prefix.
const FUNCTIONS: [&str; 4] = ["count", "fma", "ask", "copied"];

const PREFIXES: [&str; 2] = ["one", "two"];

/// Ways in which GNU's compiler makes a program, by which a linker is called differently.
const PROGRAMS: [(&str, &[&str]); 5] = [
    ("any address", &[]),
    ("a fixed address", &["-no-pie"]),
    ("no dynamic linker", &["-static"]),
    ("collected", &["-Wl,--gc-sections"]),
    ("stripped", &["-s", "-static", "-Wl,--gc-sections"]),
];

pub fn tests() -> Vec<Test> {
    let mut tests = Vec::new();
    for target in wasm_aot::targets::TARGETS.iter() {
        if target.format != Format::MachO {
            tests.push(test(&format!("merge/{}: LLVM links it", target.name), move |bench| {
                alone(bench, target)
            }));
        }
        tests.push(test(&format!("merge/{}: runtime", target.name), move |bench| runtime(bench, target)));
    }
    for linker in ["bfd", "gold", "lld", "mold"] {
        for (name, options) in PROGRAMS {
            tests.push(test(&format!("merge/{linker} links it: {name}"), move |bench| {
                by_gcc(bench, linker, &[options, &["-o", "main", "main.c", "libone.a", "libtwo.a"]].concat())
            }));
        }
        tests.push(test(&format!("merge/{linker} links it: shared"), move |bench| shared(bench, linker)));
    }
    for target in ["x86_64-macos", "aarch64-macos"] {
        tests.push(test(&format!("merge/{target}: LLVM links it"), move |bench| by_ld64(bench, target)));
    }
    tests.push(test("merge/x86_64-windows: GNU links it", by_mingw));
    tests
}

/// What zig calls a target.
pub fn triple(target: &Target) -> String {
    let system = match target.format {
        Format::Elf(_) => "musl",
        Format::Pe => "gnu",
        Format::MachO => return format!("{}.11.0-none", target.name),
    };
    format!("{}-{system}", target.name)
}

/// Runs a tool that comes with zig.
pub fn zig(bench: &Bench<'_>, tool: &str, arguments: &[&str]) -> Result<()> {
    let zig = fetch(["zig"], [])?.tool("zig")?.display().to_string();
    let cache = bench.path("zig").display().to_string();
    let variables = ["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"].map(|name| format!("{name}={cache}"));
    let command = [&variables[0], &variables[1], &zig, tool];
    bench.tool("env", &[&command[..], arguments].concat())?.code(0)?;
    Ok(())
}

/// Compiles C of the directory without anything that needs a library.
fn compile(bench: &Bench<'_>, target: &Target, source: &str, object: &str, more: &[&str]) -> Result<()> {
    let triple = triple(target);
    let arguments = ["-target", &triple, "-c", source, "-o", object, "-O1", "-fPIC", "-ffreestanding"];
    let plain = ["-fno-builtin", "-fno-sanitize=all", "-fno-stack-protector"];
    zig(bench, "cc", &[&arguments[..], &plain, more].concat())
}

/// The files of static libraries for both prefixes, and `main.c`.
fn libraries(bench: &Bench<'_>, target: &'static Target) -> Result<Vec<String>> {
    let packed = target
        .runtime(RuntimeKind::Libraries)
        .ok_or_else(|| Skipped(format!("no runtime for {}", target.name)))?;
    let runtime = unpack(packed)?;
    bench.write("library.c", LIBRARY)?;
    bench.write("main.c", MAIN)?;
    let mut files = Vec::new();
    for prefix in PREFIXES {
        compile(bench, target, "library.c", "library.o", &[&format!("-DP={prefix}")])?;
        let object = std::fs::read(bench.path("library.o"))?;
        let interface: Vec<String> = FUNCTIONS.iter().map(|name| format!("{prefix}_{name}")).collect();
        let import = format!("{prefix}_import_twice");
        let merged = merge::merge(target, &object, &runtime, &interface, &|name| name == import)?;
        ensure!(
            merged == merge::merge(target, &object, &runtime, &interface, &|name| name == import)?,
            "two merges differ"
        );
        check(target, &merged, &interface, &import)?;
        let file = target.format.static_library().around(prefix).to_string_lossy().into_owned();
        bench.write(&format!("{prefix}.o"), &merged)?;
        bench.write(&file, merge::archive(target, &format!("{prefix}.o"), &merged)?)?;
        files.push(file);
    }
    Ok(files)
}

/// Asserts that only the interface is global, and that it has the sections that it should.
fn check(target: &Target, merged: &[u8], interface: &[String], import: &str) -> Result<()> {
    let file = object::File::parse(merged)?;
    let name = |symbol: &str| match target.format {
        Format::MachO => symbol.strip_prefix('_').unwrap_or(symbol).to_owned(),
        _ => symbol.to_owned(),
    };
    let mut defined: Vec<String> = Vec::new();
    for symbol in file.symbols().filter(|symbol| symbol.is_global()) {
        let symbol_name = name(symbol.name()?);
        if symbol.is_definition() {
            defined.push(symbol_name);
        } else {
            let is_import = symbol_name == import;
            ensure!(
                is_import || !symbol_name.starts_with("wasm_aot_") && !symbol_name.starts_with("mem"),
                "{symbol_name} is undefined"
            );
        }
    }
    defined.sort();
    let mut expected = interface.to_vec();
    expected.sort();
    ensure!(defined == expected, "the global symbols are {defined:?}");
    let sections: Vec<_> =
        file.sections().filter_map(|section| Some(section.name().ok()?.to_owned())).collect();
    let note = sections.iter().any(|name| name == ".note.GNU-stack");
    ensure!(note == matches!(target.format, Format::Elf(_)), "sections: {sections:?}");
    Ok(())
}

/// Runs the program `main`.
fn run(bench: &Bench<'_>, target: &Target, program: &str) -> Result<()> {
    let Some(tests) = TARGETS.iter().find(|other| other.name == target.name) else { return Ok(()) };
    let program = bench.path(program).display().to_string();
    let mut words = tests.runner();
    if let Some(first) = words.first_mut()
        && !tests.is_host()
    {
        *first = fetch([tests.emulator], [])?.tool(tests.emulator)?.display().to_string();
    }
    words.push(program);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    bench.tool("env", &words)?.code(0)?;
    Ok(())
}

/// LLVM's linker for the systems where the tests have no C library for all targets: the program has none.
fn alone(bench: &Bench<'_>, target: &'static Target) -> Result<()> {
    let libraries = libraries(bench, target)?;
    compile(bench, target, "main.c", "main.o", &["-DALONE"])?;
    let mut arguments = vec!["main.o"];
    arguments.extend(libraries.iter().map(String::as_str));
    if target.format == Format::Pe {
        let machine = if target.name.starts_with("aarch64") { "arm64" } else { "x64" };
        let machine = format!("-machine:{machine}");
        let imports = import_libraries(bench, target)?;
        arguments.extend(["-entry:start", "-subsystem:console", "-out:main.exe", &machine]);
        arguments.extend(imports.iter().map(String::as_str));
        for more in ["-opt:ref", "-opt:noref"] {
            zig(bench, "lld-link", &[&arguments[..], &[more]].concat())?;
            run(bench, target, "main.exe")?;
        }
        return Ok(());
    }
    arguments.extend(["-o", "main"]);
    for more in [&["-static"][..], &["-static", "--gc-sections", "-s"]] {
        zig(bench, "ld.lld", &[&arguments[..], more].concat())?;
        run(bench, target, "main").with_context(|| format!("linked with {more:?}"))?;
    }
    Ok(())
}

/// Makes import libraries of what the runtime uses of Windows.
fn import_libraries(bench: &Bench<'_>, target: &Target) -> Result<Vec<String>> {
    let machine = if target.name.starts_with("aarch64") { "arm64" } else { "i386:x86-64" };
    let make = |name: &str| {
        let definition = repository().join(format!("linker-scripts/{name}.def")).display().to_string();
        let library = format!("{name}.lib");
        zig(bench, "dlltool", &["-m", machine, "-d", &definition, "-l", &library])?;
        Ok(library)
    };
    ["bcrypt", "kernel32", "ntdll", "ws2_32"].into_iter().map(make).collect()
}

/// The system's libraries that the runtime uses beside those which every program gets.
const WINDOWS: [&str; 3] = ["-lbcrypt", "-lntdll", "-lws2_32"];

fn host() -> Result<&'static Target> {
    let target = Target::find("x86_64-linux")?;
    if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
        return Err(Skipped("this isn't x86-64 Linux".into()).into());
    }
    Ok(target)
}

/// GNU's compiler with a linker.
fn gcc(bench: &Bench<'_>, linker: &str, arguments: &[&str]) -> Result<()> {
    let program = match linker {
        "mold" => find_on_path("mold"),
        "lld" => {
            let versions = (14..40).rev().map(|version| format!("ld.lld-{version}"));
            std::iter::once("ld.lld".to_owned()).chain(versions).find_map(|name| find_on_path(&name))
        }
        other => find_on_path(&format!("ld.{other}")),
    };
    let program: PathBuf = program.ok_or_else(|| Skipped(format!("{linker} is not installed")))?;
    // The compiler knows linkers by these names only.
    let link = bench.path(&format!("ld.{linker}"));
    if !link.exists() {
        std::os::unix::fs::symlink(program, link)?;
    }
    let choice = [&format!("-fuse-ld={linker}"), "-B.", "-Wall", "-Wl,--fatal-warnings", "-fno-builtin"];
    let outcome = bench.tool("gcc", &[&choice[..], arguments].concat())?;
    outcome.code(0)?;
    ensure!(outcome.stderr.is_empty(), "{}", outcome.stderr);
    Ok(())
}

fn by_gcc(bench: &Bench<'_>, linker: &str, arguments: &[&str]) -> Result<()> {
    let target = host()?;
    libraries(bench, target)?;
    gcc(bench, linker, arguments)?;
    run(bench, target, "main")
}

/// Each in a shared library, whose other symbols aren't seen.
fn shared(bench: &Bench<'_>, linker: &str) -> Result<()> {
    let target = host()?;
    libraries(bench, target)?;
    for prefix in PREFIXES {
        let (object, library) = (format!("{prefix}.o"), format!("lib{prefix}.so"));
        gcc(bench, linker, &["-shared", "-o", &library, &object])?;
        let bytes = std::fs::read(bench.path(&library))?;
        let file = object::File::parse(&*bytes)?;
        let exports: Vec<_> = file
            .dynamic_symbols()
            .filter(|symbol| symbol.is_definition())
            .filter_map(|symbol| Some(symbol.name().ok()?.to_owned()))
            .filter(|name| !name.starts_with('_'))
            .collect();
        ensure!(exports.len() == FUNCTIONS.len(), "{library} exports {exports:?}");
    }
    // The program is a shared library's, too: of its imports.
    let options = ["-rdynamic", "-Wl,-rpath,$ORIGIN", "-L.", "-o", "main", "main.c", "-lone", "-ltwo"];
    let archives = PREFIXES.map(|prefix| format!("lib{prefix}.a"));
    for archive in archives {
        std::fs::remove_file(bench.path(&archive))?;
    }
    gcc(bench, linker, &options)?;
    run(bench, target, "main")
}

fn by_mingw(bench: &Bench<'_>) -> Result<()> {
    let target = Target::find("x86_64-windows")?;
    let libraries = libraries(bench, target)?;
    let mut arguments = vec!["-fno-builtin", "main.c", "-o", "main.exe"];
    arguments.extend(libraries.iter().map(String::as_str));
    arguments.extend(WINDOWS);
    for more in [&[][..], &["-Wl,--gc-sections"]] {
        let arguments = [&arguments[..], more].concat();
        let outcome = bench.tool("x86_64-w64-mingw32-gcc", &arguments)?;
        outcome.code(0)?;
        ensure!(outcome.stderr.is_empty(), "{}", outcome.stderr);
        run(bench, target, "main.exe")?;
    }
    Ok(())
}

/// LLVM's linker for macOS, with and without leaving out what isn't needed. The emulation of macOS doesn't read what it
/// writes, so what is run is what our own linker makes of the same files.
fn by_ld64(bench: &Bench<'_>, target: &str) -> Result<()> {
    let target = Target::find(target)?;
    let versions = (18..40).rev().map(|version| format!("ld64.lld-{version}"));
    let linker =
        std::iter::once("ld64.lld".to_owned()).chain(versions).find(|name| find_on_path(name).is_some());
    let linker = linker.ok_or_else(|| Skipped("ld64.lld is not installed".into()))?;
    let libraries = libraries(bench, target)?;
    compile(bench, target, "main.c", "main.o", &["-DALONE"])?;
    let architecture = if target.name.starts_with("aarch64") { "arm64" } else { "x86_64" };
    let stub = repository().join("linker-scripts/libSystem.tbd").display().to_string();
    for more in [&[][..], &["-dead_strip"]] {
        let mut arguments = vec!["-arch", architecture, "-platform_version", "macos", "11.0", "11.0"];
        arguments.extend(["-fixup_chains", "-adhoc_codesign", "-o", "main", "main.o", &stub]);
        arguments.extend(libraries.iter().map(String::as_str));
        let outcome = bench.tool(&linker, &[&arguments[..], more].concat())?;
        outcome.code(0)?;
        ensure!(outcome.stderr.is_empty(), "{}", outcome.stderr);
    }
    // An archive may be appended to another without its header.
    let mut runtime = std::fs::read(bench.path(&libraries[0]))?;
    runtime.extend(&std::fs::read(bench.path(&libraries[1]))?[b"!<arch>\n".len()..]);
    let object = std::fs::read(bench.path("main.o"))?;
    let style = Style { pie: true, debug: Debug::default() };
    let program = Linker::Embedded.link(target, Inputs { object, runtime, stack_size: 1 << 20 }, &style)?;
    let path = bench.write("main", program.bytes)?;
    std::fs::set_permissions(path, Permissions::from_mode(0o755))?;
    run(bench, target, "main")
}

/// `wasm-aot runtime` writes an archive of which only the symbols for the compiler's objects can be seen.
fn runtime(bench: &Bench<'_>, target: &'static Target) -> Result<()> {
    if target.runtime(RuntimeKind::Libraries).is_none() {
        return Err(Skipped(format!("no runtime for {}", target.name)).into());
    }
    let default = target.format.static_library().around("wasm_aot_runtime").to_string_lossy().into_owned();
    bench.aot(&["runtime", "--target", target.name])?.code(0)?;
    let bytes = std::fs::read(bench.path(&default))?;
    bench.aot(&["runtime", "--target", target.triple, "-o", "again"])?.code(0)?;
    ensure!(bytes == std::fs::read(bench.path("again"))?, "two runs differ");
    let archive = object::read::archive::ArchiveFile::parse(&*bytes)?;
    let members: Vec<_> = archive.members().collect::<Result<_, _>>()?;
    let member = members.iter().find(|member| member.name() == b"wasm_aot_runtime.o").context("no member")?;
    let object = object::File::parse(member.data(&*bytes)?)?;
    let mut count = 0;
    for symbol in object.symbols().filter(|symbol| symbol.is_global() && symbol.is_definition()) {
        let name = symbol.name()?;
        ensure!(name.trim_start_matches('_').starts_with("wasm_aot_"), "{name} is global");
        count += 1;
    }
    ensure!(count > 20, "there are only {count} symbols");
    let index: Vec<_> = archive.symbols()?.context("no index")?.collect::<Result<_, _>>()?;
    ensure!(index.len() == count, "the index has {} symbols of {count}", index.len());
    Ok(())
}
