//! Debug information in what linkers write, and in files of its own: C objects with it are linked for each target by each
//! linker, and read by others: by the crates `object` and `gimli`, LLVM's checker, and debuggers.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context, Result, ensure};
use gimli::{DebuggingInformationEntry, Dwarf, EndianSlice, RunTimeEndian};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};
use wasm_aot::link::debug::Debug;
use wasm_aot::link::{Executable, Inputs, Linker, Shared, Style, merge};
use wasm_aot::targets::{Format, TARGETS, Target};

use super::image::linked;
use super::invalid::MODULE;
use super::merge::{triple, zig};
use super::{Bench, Mount, find_on_path, names, test};
use crate::harness::{Skipped, Test};

/// The name of the file with the source.
const SOURCE_NAME: &str = "area.c";

/// A program without a library.
const SOURCE: &str = r#"struct point { int x, y; };
static __attribute__((noinline)) int square(int x) {
  int result = x * x;
  return result;
}
__attribute__((noinline)) int area(const struct point *p) {
  return square(p->x) + p->y;
}
const struct point corner = {5, 17};
#if defined(__APPLE__)
int main(void) { return area(&corner); }
#else
void _start(void) {
  long code = area(&corner);
#if defined(__x86_64__) && defined(__linux__)
  __asm__ volatile("syscall" : : "a"(60), "D"(code) : "rcx", "r11");
#endif
  for (;;) ;
}
#endif
"#;

/// The exit code of the program.
const CODE: i32 = 42;

/// An archive without members.
const EMPTY_ARCHIVE: &[u8] = b"!<arch>\n";

pub fn tests() -> Vec<Test> {
    let others = TARGETS.iter().filter(|target| !matches!(target.format, Format::Elf(_)));
    let all =
        linked().chain(others.map(|target| (target.name, "embedded"))).chain([("x86_64-linux", "ld.bfd")]);
    let mut tests = Vec::new();
    for (target, linker) in all {
        let mut add = |name: &str, run: fn(&Program<'_>) -> Result<()>| {
            tests.push(test(&format!("debug-files/{target} by {linker}: {name}"), move |bench| {
                run(&Program::compile(bench, target, linker)?)
            }));
        };
        add("inside", inside);
        add("apart", apart);
        add("stripped", stripped);
        add("merged", merged);
        add("library", library);
    }
    tests.push(test("debug-files/gdb finds it", gdb));
    tests.push(test("debug-files/objects", objects));
    tests.push(test("debug-files/build IDs", build_ids));
    tests.push(test("debug-files/mangled symbols", mangled));
    tests.push(test("debug-files/refused", refused));
    tests.push(test("debug-files/one file twice", one_file_twice));
    tests.push(test("debug-files/files of the module", files_of_the_module));
    tests.push(test("debug-files/without room", without_room));
    tests.push(test("debug-files/without debug information", without_information));
    tests
}

/// A program to be linked.
struct Program<'b> {
    bench: &'b Bench<'b>,
    target: &'static Target,
    linker: Linker,
    object: Vec<u8>,
}

impl<'b> Program<'b> {
    fn compile(bench: &'b Bench<'b>, target: &str, linker: &str) -> Result<Program<'b>> {
        let target = Target::find(target)?;
        let linker = match find_on_path(linker) {
            Some(path) => Linker::Path(path),
            None if linker.starts_with("ld.") => {
                return Err(Skipped(format!("{linker} is not installed")).into());
            }
            None => Linker::parse(linker.as_ref()),
        };
        bench.write(SOURCE_NAME, SOURCE)?;
        let triple = triple(target);
        let plain =
            ["-fPIC", "-ffreestanding", "-fno-sanitize=all", "-fno-stack-protector", "-O0", "-gdwarf-4"];
        let files = ["-target", &triple, "-c", SOURCE_NAME, "-o", "area.o"];
        zig(bench, "cc", &[&files[..], &plain].concat())?;
        Ok(Program { bench, target, linker, object: std::fs::read(bench.path("area.o"))? })
    }

    fn link(&self, debug: &Debug) -> Result<Executable> {
        let link = || {
            let inputs =
                Inputs { object: self.object.clone(), runtime: EMPTY_ARCHIVE.to_vec(), stack_size: 1 << 20 };
            self.linker.link(self.target, inputs, &Style { pie: true, debug: debug.clone() })
        };
        let (one, other) = (link()?, link()?);
        ensure!(one.bytes == other.bytes && one.debug_file == other.debug_file, "two links differ");
        Ok(one)
    }

    /// The name of a symbol.
    fn symbol(&self, name: &str) -> String {
        if self.target.format == Format::MachO { format!("_{name}") } else { name.to_owned() }
    }

    /// The functions that others may call.
    fn functions(&self) -> [String; 2] {
        let entry = if self.target.format == Format::MachO { "main" } else { "_start" };
        ["area", entry].map(str::to_owned)
    }

    /// Asserts that the debug information in a file describes what is at the places of the symbols in another.
    fn check(&self, name: &str, information: &[u8], symbols: &[u8]) -> Result<()> {
        let functions = functions(information)?;
        let file = object::File::parse(symbols)?;
        for name in ["square", "area"] {
            let symbol = file.symbol_by_name(&self.symbol(name));
            let symbol = symbol.with_context(|| format!("there is no symbol {name}"))?;
            let (address, line) = functions.get(name).with_context(|| format!("no information on {name}"))?;
            ensure!(*address == symbol.address(), "{name} is at {:#x}, not {address:#x}", symbol.address());
            let start =
                1 + SOURCE.lines().position(|text| text.contains(&format!("int {name}("))).unwrap_or(0);
            ensure!(*line == Some(start as u64), "{name} begins in line {start}, not {line:?}");
        }
        self.bench.write(name, information)?;
        verify(self.bench, name)
    }
}

/// Has LLVM check a file.
fn verify(bench: &Bench<'_>, name: &str) -> Result<()> {
    let checkers = (14..40).rev().map(|version| format!("llvm-dwarfdump-{version}"));
    let Some(checker) = checkers.into_iter().find(|name| find_on_path(name).is_some()) else {
        return Ok(());
    };
    let outcome = bench.tool(&checker, &["--verify", name])?;
    outcome.code(0)?.stdout_has(&["No errors."])?;
    Ok(())
}

/// Address and line of each function that debug information describes.
fn functions(file: &[u8]) -> Result<BTreeMap<String, (u64, Option<u64>)>> {
    let file = object::File::parse(file)?;
    let endian = if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
    let dwarf = Dwarf::load(|id| -> Result<_> {
        let data = match file.section_by_name(id.name()) {
            Some(section) => section.data()?,
            None => &[],
        };
        Ok(EndianSlice::new(data, endian))
    })?;
    let mut found = BTreeMap::new();
    let mut units = dwarf.units();
    while let Some(header) = units.next()? {
        let unit = dwarf.unit(header)?;
        let mut lines = BTreeMap::new();
        if let Some(program) = unit.line_program.clone() {
            let mut rows = program.rows();
            while let Some((_, row)) = rows.next_row()? {
                lines.entry(row.address()).or_insert(row.line().map(u64::from));
            }
        }
        let mut entries = unit.entries();
        while let Some(entry) = entries.next_dfs()? {
            let entry: &DebuggingInformationEntry<_> = entry;
            if entry.tag() != gimli::DW_TAG_subprogram {
                continue;
            }
            let name = entry.attr_value(gimli::DW_AT_name).context("no name")?;
            let name = dwarf.attr_string(&unit, name)?.to_string()?.to_owned();
            let address = entry.attr_value(gimli::DW_AT_low_pc).context("no address")?;
            let address = dwarf.attr_address(&unit, address)?.context("no address")?;
            found.insert(name, (address, lines.get(&address).copied().flatten()));
        }
    }
    Ok(found)
}

/// Names of the sections with debug information.
fn debug_sections(file: &[u8]) -> Result<Vec<String>> {
    let file = object::File::parse(file)?;
    let names = file.sections().filter_map(|section| Some(section.name().ok()?.to_owned()));
    Ok(names.filter(|name| name.starts_with(".debug_") || name.starts_with("__debug_")).collect())
}

/// By default debug information is part of the executable; what is loaded doesn't depend on it.
fn inside(program: &Program<'_>) -> Result<()> {
    let executable = program.link(&Debug::default())?;
    ensure!(executable.debug_file.is_none());
    program.check("inside", &executable.bytes, &executable.bytes)?;
    let file = object::File::parse(&*executable.bytes)?;
    ensure!(file.build_id()?.is_some() == matches!(program.target.format, Format::Elf(_)));
    ensure!(file.mach_uuid()?.is_some() == (program.target.format == Format::MachO));
    Ok(())
}

/// A file of its own has it, and the executable says where.
fn apart(program: &Program<'_>) -> Result<()> {
    for strip in [false, true] {
        let debug = Debug { strip, file: Some("apart.debug".to_owned()), build_id: None };
        let Executable { bytes, debug_file } = program.link(&debug)?;
        let apart = debug_file.context("there is no file")?;
        program.check("apart.debug", &apart, &apart)?;
        ensure!(debug_sections(&bytes)?.is_empty(), "{:?}", debug_sections(&bytes)?);
        let [executable, debug] = [&bytes, &apart].map(|bytes| object::File::parse(&**bytes));
        let (executable, debug) = (executable?, debug?);
        ensure!(executable.symbol_by_name(&program.symbol("area")).is_some() != strip);
        ensure!(executable.build_id()? == debug.build_id()?);
        ensure!(executable.mach_uuid()? == debug.mach_uuid()?);
        match program.target.format {
            Format::MachO => ensure!(executable.mach_uuid()?.is_some()),
            _ => {
                let link = executable.section_by_name(".gnu_debuglink").context("no link")?.data()?;
                let sum = crc(&apart);
                let sum = if executable.is_little_endian() { sum.to_le_bytes() } else { sum.to_be_bytes() };
                ensure!(link == [b"apart.debug\0".as_slice(), &sum].concat(), "{link:?}");
            }
        }
        for section in executable.sections().filter(|section| section.name() != Ok(".gnu_debuglink")) {
            let name = section.name()?;
            let same = debug
                .sections()
                .find(|other| other.name() == Ok(name) && other.address() == section.address());
            if section.address() != 0 && section.kind() != object::SectionKind::Note && name != ".reloc" {
                let same = same.with_context(|| format!("{name} isn't in the file"))?;
                ensure!(same.size() == section.size(), "{name} has another size");
                ensure!(
                    same.file_range().is_none_or(|(offset, size)| offset == 0 || size == 0),
                    "{name} has contents"
                );
            }
        }
    }
    Ok(())
}

/// The object of a static library keeps it, and linkers find it there.
fn merged(program: &Program<'_>) -> Result<()> {
    let object =
        merge::merge(program.target, &program.object, EMPTY_ARCHIVE, &program.functions(), &|_| false)?;
    let [before, after] = [&program.object, &object].map(|object| debug_sections(object));
    let (mut before, mut after) = (before?, after?);
    before.sort();
    after.sort();
    ensure!(before == after, "{before:?} became {after:?}");
    inside(&Program { object, linker: program.linker.clone(), ..*program })
}

/// In a shared library, and apart from it.
fn library(program: &Program<'_>) -> Result<()> {
    // What nothing needs would be left out of a Mach-O image, and described as if it were at 0.
    let exports = program.functions();
    for file in [None, Some("library.debug".to_owned())] {
        let debug = Debug { file, ..Debug::default() };
        let shared = Shared { name: "library", exports: &exports, imports: &[], unset: "", debug: &debug };
        let inputs =
            Inputs { object: program.object.clone(), runtime: EMPTY_ARCHIVE.to_vec(), stack_size: 0 };
        let linked = program.linker.link_shared(program.target, inputs, &shared)?;
        let information = linked.debug_file.as_deref().unwrap_or(&linked.library);
        program.check("library.debug", information, information)?;
        let is_apart = debug.file.is_some();
        ensure!(linked.debug_file.is_some() == is_apart);
        ensure!(debug_sections(&linked.library)?.is_empty() == is_apart);
    }
    Ok(())
}

/// The CRC-32 of `.gnu_debuglink`, one bit after the other.
fn crc(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    !sum
}

/// Neither debug information nor symbols, nor a build ID.
fn stripped(program: &Program<'_>) -> Result<()> {
    let executable = program.link(&Debug { strip: true, ..Debug::default() })?;
    ensure!(executable.debug_file.is_none() && debug_sections(&executable.bytes)?.is_empty());
    let file = object::File::parse(&*executable.bytes)?;
    ensure!(file.symbol_by_name(&program.symbol("area")).is_none() && file.build_id()?.is_none());
    Ok(())
}

/// A debugger stops in a function of a stripped executable, and shows lines and values, whether the file is beside it or
/// in a directory by build ID.
fn gdb(bench: &Bench<'_>) -> Result<()> {
    if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
        return Err(Skipped("this isn't x86-64 Linux".into()).into());
    }
    let program = Program::compile(bench, "x86_64-linux", "embedded")?;
    let debug = Debug { strip: true, file: Some("main.debug".to_owned()), build_id: None };
    let Executable { bytes, debug_file } = program.link(&debug)?;
    let file = object::File::parse(&*bytes)?;
    let id: Vec<String> =
        file.build_id()?.context("no build ID")?.iter().map(|byte| format!("{byte:02x}")).collect();
    let id = id.concat();
    let elsewhere = format!("store/.build-id/{}/{}.debug", &id[..2], &id[2..]);
    std::fs::create_dir_all(bench.path(&elsewhere).parent().context("a directory")?)?;
    let main = bench.write("main", &bytes)?;
    std::fs::set_permissions(main, Permissions::from_mode(0o755))?;
    for place in ["main.debug", &elsewhere] {
        let path = bench.write(place, debug_file.as_deref().context("no file")?)?;
        let script =
            ["set debug-file-directory store", "file main", "break area", "run", "print *p", "bt", "kill"];
        let mut arguments = vec!["-nx", "-batch"];
        arguments.extend(script.iter().flat_map(|command| ["-ex", command]));
        let outcome = bench.tool("gdb", &arguments)?;
        outcome.code(0)?.stdout_has(&[
            "{x = 5, y = 17}",
            "#0  area (p=",
            "area.c:7",
            "#1 ",
            "_start () at area.c:",
        ])?;
        std::fs::remove_file(path)?;
    }
    let outcome = bench.start("main", &[])?;
    outcome.code(CODE)?;
    Ok(())
}

/// Objects and static libraries of a module have its debug information, as LLVM's checker reads it.
fn objects(bench: &Bench<'_>) -> Result<()> {
    bench.write(SOURCE_NAME, SOURCE)?;
    let options = ["-target", "wasm32-freestanding", "-O0", "-gdwarf-4", "-fno-sanitize=all", "-nostdlib"];
    let files = ["-Wl,--no-entry", "-Wl,--export=area", SOURCE_NAME, "-o", "area.wasm"];
    zig(bench, "cc", &[&options[..], &files].concat())?;
    for target in TARGETS.iter() {
        for emit in ["obj", "staticlib"] {
            let options = ["--target", target.name, "--emit", emit, "-o", "out"];
            bench.aot(&[&["build", "area.wasm"], &options[..]].concat())?.code(0)?;
            verify(bench, "out").with_context(|| format!("{emit} for {}", target.name))?;
        }
        let stripped = ["--target", target.name, "--emit", "obj", "--strip", "-o", "out"];
        bench.aot(&[&["build", "area.wasm"], &stripped[..]].concat())?.code(0)?;
        ensure!(debug_sections(&std::fs::read(bench.path("out"))?)?.is_empty());
    }
    Ok(())
}

/// Symbols are mangled, traps are not. A name that can't be shown is escaped in both.
fn mangled(bench: &Bench<'_>) -> Result<()> {
    const MODULE: &str = r#"(module
      (func $_ZN5space3fooEii (param i32 i32) (unreachable))
      (func $"_RNvC6_123foo3bar" (call $_ZN5space3fooEii (i32.const 1) (i32.const 2)))
      (func $"two\0alines" (call $"_RNvC6_123foo3bar"))
      (func (export "_start") (call $"two\0alines")))"#;
    bench.write("a.wat", MODULE)?;
    for target in TARGETS.iter().filter(|target| target.format != Format::Pe) {
        bench.aot(&["build", "a.wat", "-C", "no-inline", "--target", target.name, "-o", "a"])?.code(0)?;
        let bytes = std::fs::read(bench.path("a"))?;
        let file = object::File::parse(&*bytes)?;
        let prefix = if target.format == Format::MachO { "_" } else { "" };
        for name in ["_ZN5space3fooEii", "_RNvC6_123foo3bar", r"two\nlines"] {
            let name = format!("{prefix}{name}");
            ensure!(file.symbol_by_name(&name).is_some(), "{}: there is no symbol {name}", target.name);
        }
    }
    bench.aot(&["build", "a.wat"])?.code(0)?;
    let outcome = bench.start("a", &[])?;
    outcome.code(134)?.stderr_has(&["space::foo(int, int)", "123foo::bar", r"two\nlines"])?;
    Ok(())
}

/// None by default, a hash that is the same for the same contents, or what is given.
fn build_ids(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for (target, linker) in linked() {
        let id = |options: &[&str]| -> Result<Option<Vec<u8>>> {
            let fixed = ["build", "a.wat", "--target", target, "--linker", linker, "-o", "out"];
            bench.aot(&[&fixed[..], options].concat())?.code(0)?;
            let bytes = std::fs::read(bench.path("out"))?;
            let file = object::File::parse(&*bytes)?;
            Ok(file.build_id()?.map(<[u8]>::to_vec))
        };
        ensure!(id(&[])?.is_none() && id(&["--build-id=none"])?.is_none(), "{target}: there is a build ID");
        let hash = id(&["--build-id"])?.context("no build ID")?;
        ensure!(hash.len() == 20 && hash.iter().any(|byte| *byte != 0), "{hash:?}");
        ensure!(id(&["--build-id=hash"])?.as_ref() == Some(&hash), "{target}: two builds differ");
        ensure!(id(&["--build-id", "-O0"])?.as_ref() != Some(&hash), "{target}: two programs have the same");
        ensure!(
            id(&["--build-id=0x00112233aAbBcCdD"])?
                == Some(vec![0, 0x11, 0x22, 0x33, 0xaa, 0xbb, 0xcc, 0xdd])
        );
    }
    Ok(())
}

/// Options that don't go together, and files that are others.
fn refused(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench.shell("ln -s a.wat link; mkdir directory")?.code(0)?;
    let fails = |options: &[&str], words: &[&str]| -> Result<()> {
        bench.aot(&[&["build", "a.wat"], options].concat())?.failed(words)?;
        Ok(())
    };
    fails(&["--debug-file", "a"], &["--debug-file a", "the same file as the output"])?;
    fails(&["--debug-file", "directory/../a"], &["the same file as the output"])?;
    fails(&["-o", "a.wat.out", "--debug-file", "a.wat"], &["a.wat", "the same file as the input"])?;
    fails(&["--debug-file", "link"], &["the same file as the input a.wat"])?;
    fails(&["--debug-file", "-"], &["--debug-file", "debuggers couldn't find it"])?;
    fails(&["--debug-file", "directory"], &["it is a directory"])?;
    fails(
        &["--emit", "obj", "--debug-file", "b"],
        &["--debug-file is for executables and shared libraries"],
    )?;
    fails(&["--target", "x86_64-windows", "--build-id"], &["--build-id is for", "for Linux"])?;
    let macos = ["--target", "aarch64-macos", "-o", "app"];
    fails(&[&macos[..], &["--debug-file", "app.debug"]].concat(), &["ends in `.dSYM`: app.dSYM"])?;
    bench.aot(&["build", "a.wat", "--build-id=0x123"])?.code(2)?.stderr_has(&["multiple of 8"])?;
    bench.has_only(&["a.wat", "directory", "link"])
}

/// No two of the files that a build writes are the same.
fn one_file_twice(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench.write("lib.wat", r#"(module (func (export "f")))"#)?;
    bench.shell("ln -s out link; mkdir directory")?.code(0)?;
    let fails = |options: &[&str], words: &[&str]| -> Result<()> {
        bench.aot(&[&["build"], options].concat())?.failed(words)?;
        Ok(())
    };
    for same in ["out", "./out", "directory/../out", "link"] {
        let words = format!("--debug-wat {same}: it is the same file as the output out");
        fails(&["a.wat", "-o", "out", "--debug-wat", same], &[&words])?;
    }
    fails(
        &["a.wat", "-o", "out", "--debug-wat", "d", "--debug-file", "d"],
        &["--debug-wat d: it is the same file as --debug-file d"],
    )?;
    for standard in ["-", "/dev/stdout"] {
        let options = ["a.wat", "-o", "-", "--debug-wat", standard];
        fails(&options, &["the same file as the output standard output"])?;
    }
    let redirected = "exec $AOT build a.wat -o - --debug-wat directory/file > directory/file";
    bench.shell(redirected)?.failed(&["--debug-wat directory/file", "the output standard output"])?;
    for option in ["--debug-wat", "--debug-file"] {
        let words = format!("lib.h, which goes with the library: it is the same file as {option} lib.h");
        fails(&["lib.wat", "--emit", "cdylib", "-o", "liblib.so", option, "lib.h"], &[&words])?;
        let windows = ["lib.wat", "--target", "x86_64-windows", "--emit", "cdylib", "-o", "w.dll"];
        let words = format!("w.lib, which goes with the library: it is the same file as {option} w.lib");
        fails(&[&windows[..], &[option, "w.lib"]].concat(), &[&words])?;
    }
    // The bundle doesn't exist yet.
    let list = "x.dSYM/Contents/Info.plist";
    let macos = ["a.wat", "--target", "aarch64-macos", "--debug-file", "x.dSYM", "-o"];
    let words = format!("{list} in --debug-file x.dSYM: it is the same file as the output {list}");
    fails(&[&macos[..], &[list]].concat(), &[&words])?;
    fails(&[&macos[..], &["x.dSYM"]].concat(), &["the same file as the output x.dSYM"])?;
    bench.has_only(&["a.wat", "directory", "lib.wat", "link"])?;
    bench.aot(&["build", "a.wat", "-o", "/dev/null", "--debug-wat", "/dev/null"])?.code(0)?;
    Ok(())
}

/// A file to which the module refers for debug information isn't overwritten.
fn files_of_the_module(bench: &Bench<'_>) -> Result<()> {
    const MAP: &str = r#"{"version":3,"sources":["a.ts"],"names":[],"mappings":""}"#;
    std::fs::create_dir(bench.path("d"))?;
    let module = r#"(module (func (export "_start") (nop)) (@custom "sourceMappingURL" "\07./a.map"))"#;
    bench.write("d/a.wasm", wat::parse_str(module)?)?;
    bench.write("d/a.map", MAP)?;
    for options in [["-o", "d/a.map"].as_slice(), &["-o", "out", "--debug-file", "d/a.map"]] {
        let outcome = bench.aot(&[&["build", "d/a.wasm"], options].concat())?;
        outcome.failed(&["can't write d/a.map: it is the same file as the input d/a.map"])?;
    }
    ensure!(std::fs::read_to_string(bench.path("d/a.map"))? == MAP, "it was overwritten");
    bench.has_only(&["d"])
}

/// On a full disk neither of the two files appears.
fn without_room(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let _mount = Mount::new(bench.path("mount"), "size=4k")?;
    let build = ["build", "a.wat", "-o", "out", "--debug-file", "mount/out.debug"];
    bench.write("mount/other", [1; 4096])?;
    bench.aot(&build)?.failed(&["can't write mount/out.debug", "No space left on device"])?;
    ensure!(!bench.path("out").exists() && names(&bench.path("mount"))? == ["other"]);
    Ok(())
}

/// Symbols alone can be apart, too. In a bundle the file has the name of the program.
fn without_information(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for target in TARGETS.iter() {
        let file = if target.format == Format::MachO { "app.dSYM" } else { "app.debug" };
        let options = ["--target", target.name, "-o", "app", "--strip", "--debug-file", file];
        bench.aot(&[&["build", "a.wat"], &options[..]].concat())?.code(0)?.stderr_has(&[file])?;
        let inside =
            if target.format == Format::MachO { "app.dSYM/Contents/Resources/DWARF/app" } else { file };
        let [program, symbols] = ["app", inside].map(|name| std::fs::read(bench.path(name)));
        let (program, symbols) = (program?, symbols?);
        let count = |bytes: &[u8]| -> Result<usize> {
            let file = object::File::parse(bytes)?;
            Ok(file.symbols().filter(|symbol| symbol.is_definition()).count())
        };
        ensure!(count(&symbols)? > 5 && count(&program)? <= 1, "{}", target.name);
    }
    let list = std::fs::read_to_string(bench.path("app.dSYM/Contents/Info.plist"))?;
    ensure!(list.contains("<string>com.apple.xcode.dsym.app</string>"), "{list}");
    Ok(())
}
