//! Executables for Windows, by their structure: what the system's loader and unwinder rely on. Those for aarch64 can't
//! be run here, so they are also compared with the code for Linux.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use object::read::pe::{PeFile64, PeSection64};
use object::{LittleEndian as LE, Object as _, ObjectSection as _, SectionKind, pe};

use super::invalid::MODULE;
use super::{Bench, test};
use crate::harness::Test;
use crate::programs::case::repository;
use crate::programs::fetch::fetch;

/// Targets, and those of Linux for the same instruction set.
const TARGETS: [(&str, &str); 2] = [("x86_64-windows", "x86_64-linux"), ("aarch64-windows", "aarch64-linux")];

pub fn tests() -> Vec<Test> {
    let mut tests = Vec::new();
    for (target, linux) in TARGETS {
        for module in ["sample", "sqlite"] {
            let mut add = |name: &str, run: fn(&Bench<'_>, &str, &str, &str) -> Result<()>| {
                let name = format!("pe/{name} of {module} for {target}");
                tests.push(test(&name, move |bench| {
                    let path = write_module(bench, module)?;
                    run(bench, path.to_str().context("a path in UTF-8")?, target, linux)
                }));
            };
            add("image", image);
            add("listener", listener);
            add("code", same_code);
            add("unwind information", unwind_information);
            add("disassembly", disassembly);
        }
    }
    tests.push(test("pe/no library but those that are listed", libraries));
    tests
}

fn write_module(bench: &Bench<'_>, name: &str) -> Result<PathBuf> {
    match name {
        "sample" => bench.write("sample.wat", MODULE),
        _ => fetch([], [name])?.module(name),
    }
}

fn build(bench: &Bench<'_>, module: &str, target: &str, output: &str, more: &[&str]) -> Result<Vec<u8>> {
    bench.aot(&[&["build", module, "--target", target, "-o", output], more].concat())?.code(0)?;
    Ok(std::fs::read(bench.path(output))?)
}

fn image(bench: &Bench<'_>, module: &str, target: &str, _linux: &str) -> Result<()> {
    let bytes = build(bench, module, target, "a", &[])?;
    ensure!(bytes == build(bench, module, target, "b", &["-j", "1"])?, "two builds differ");
    let image = Image { bytes: &bytes, file: PeFile64::parse(&*bytes)? };
    image.check_sections()?;
    image.check_imports()?;
    image.check_relocations(!module.contains("sqlite"))?;
    image.check_functions()
}

/// Only a program with a listener has sockets.
fn listener(bench: &Bench<'_>, module: &str, target: &str, _linux: &str) -> Result<()> {
    for (more, expected) in [(&["--tcplisten", "127.0.0.1:80"][..], true), (&[], false)] {
        let bytes = build(bench, module, target, "a", more)?;
        let image = Image { bytes: &bytes, file: PeFile64::parse(&*bytes)? };
        image.check_imports()?;
        let has = image.file.imports()?.iter().any(|import| import.library() == b"ws2_32.dll");
        ensure!(has == expected, "with {more:?}: sockets: {has}");
    }
    Ok(())
}

/// A range of the image in memory.
struct Extent {
    start: u32,
    end: u32,
    flags: u32,
}

struct Image<'d> {
    bytes: &'d [u8],
    file: PeFile64<'d>,
}

impl Image<'_> {
    fn base(&self) -> u64 {
        self.file.relative_address_base()
    }

    fn extents(&self) -> Vec<Extent> {
        let sections = self.file.section_table();
        let extent = |section: &pe::ImageSectionHeader| {
            let start = section.virtual_address.get(LE);
            let bytes = section.virtual_size.get(LE);
            Extent { start, end: start + bytes, flags: section.characteristics.get(LE) }
        };
        sections.iter().map(extent).collect()
    }

    /// Whether this range is in one section that has all of these flags and none of those.
    fn is_in(&self, start: u32, bytes: u32, with: u32, without: u32) -> bool {
        let inside = |extent: &Extent| {
            start >= extent.start
                && start + bytes <= extent.end
                && extent.flags & with == with
                && extent.flags & without == 0
        };
        self.extents().iter().any(inside)
    }

    fn data(&self, address: u32, bytes: u32) -> Result<&[u8]> {
        let data = self.file.section_table().pe_data_at(self.bytes, address);
        data.and_then(|data| data.get(..bytes as usize)).with_context(|| format!("nothing at {address:#x}"))
    }

    fn directory(&self, number: usize) -> Option<(u32, u32)> {
        self.file.data_directory(number).map(|directory| directory.address_range())
    }

    /// Sections lie one behind the other in pages of their own, and none can be both written and executed.
    fn check_sections(&self) -> Result<()> {
        let header = self.file.nt_headers().optional_header;
        ensure!(header.section_alignment.get(LE) == 4096 && header.file_alignment.get(LE) == 512);
        let (mut memory, mut file) = (4096, header.size_of_headers.get(LE));
        for section in self.file.section_table().iter() {
            let address = section.virtual_address.get(LE);
            ensure!(address == memory, "a section is at {address:#x}, not at {memory:#x}");
            memory = (address + section.virtual_size.get(LE)).next_multiple_of(4096);
            let (offset, bytes) = (section.pointer_to_raw_data.get(LE), section.size_of_raw_data.get(LE));
            ensure!(
                bytes == 0 || offset == file,
                "a section is at {offset:#x} of the file, not at {file:#x}"
            );
            ensure!(bytes % 512 == 0, "a section has {bytes:#x} bytes of the file");
            file += bytes;
            let flags = section.characteristics.get(LE);
            let both = pe::IMAGE_SCN_MEM_WRITE | pe::IMAGE_SCN_MEM_EXECUTE;
            ensure!(flags & both != both, "a section can be written and executed");
        }
        ensure!(header.size_of_image.get(LE) == memory, "the size of the image isn't {memory:#x}");
        ensure!(self.bytes.len() == file as usize, "the file doesn't end at {file:#x}");
        let entry = header.address_of_entry_point.get(LE);
        ensure!(self.is_in(entry, 1, pe::IMAGE_SCN_MEM_EXECUTE, 0), "the entry {entry:#x} is no code");
        let characteristics = header.dll_characteristics.get(LE);
        let wanted = pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE | pe::IMAGE_DLLCHARACTERISTICS_NX_COMPAT;
        ensure!(characteristics & wanted == wanted, "the characteristics are {characteristics:#x}");
        Ok(())
    }

    /// Every import is listed, with its source, in `linker-scripts/`.
    fn check_imports(&self) -> Result<()> {
        let imports = self.file.imports()?;
        ensure!(!imports.is_empty(), "nothing is imported");
        let listed = listed_imports()?;
        for import in imports {
            let [library, name] = [import.library(), import.name()].map(String::from_utf8_lossy);
            ensure!(
                listed.contains(&(library.to_string(), name.to_string())),
                "{library}: {name} isn't listed"
            );
        }
        Ok(())
    }

    /// Every place that is relocated holds an address in the image; and, if the program is so small that nothing else
    /// in it looks like an address, every address is relocated.
    fn check_relocations(&self, small: bool) -> Result<()> {
        let bytes = self.file.nt_headers().optional_header.size_of_image.get(LE);
        let is_address = |word: u64| (self.base()..self.base() + u64::from(bytes)).contains(&word);
        let mut relocated = BTreeSet::new();
        let directories = self.file.data_directories();
        let mut blocks = directories
            .relocation_blocks(self.bytes, &self.file.section_table())?
            .context("no relocations")?;
        while let Some(block) = blocks.next()? {
            for relocation in block {
                ensure!(
                    relocation.typ == pe::IMAGE_REL_BASED_DIR64,
                    "a relocation of type {}",
                    relocation.typ
                );
                let at = relocation.virtual_address;
                ensure!(relocated.insert(at), "{at:#x} is relocated twice");
                ensure!(self.is_in(at, 8, 0, pe::IMAGE_SCN_MEM_EXECUTE), "{at:#x} isn't in data");
                let word = u64::from_le_bytes(self.data(at, 8)?.try_into()?);
                ensure!(is_address(word), "{at:#x} holds {word:#x}, which is no address");
                let target = (word - self.base()) as u32;
                ensure!(self.is_in(target, 0, 0, 0), "{at:#x} points at {target:#x}, where nothing is");
            }
        }
        let is_code = |section: &PeSection64<'_, '_>| section.kind() == SectionKind::Text;
        for section in self.file.sections().filter(|section| !is_code(section)) {
            let start = (section.address() - self.base()) as u32;
            for (i, word) in section.data()?.as_chunks::<8>().0.iter().enumerate() {
                let at = start + 8 * i as u32;
                let missing = small && is_address(u64::from_le_bytes(*word)) && !relocated.contains(&at);
                ensure!(!missing, "{at:#x} holds an address and isn't relocated");
            }
        }
        Ok(())
    }

    /// The function table is sorted; functions are code, and what is known of them is in the image.
    fn check_functions(&self) -> Result<()> {
        let (at, bytes) = self.directory(pe::IMAGE_DIRECTORY_ENTRY_EXCEPTION).context("no function table")?;
        let words: Vec<u32> =
            self.data(at, bytes)?.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
        let is_x86_64 = self.file.nt_headers().file_header.machine.get(LE) == pe::IMAGE_FILE_MACHINE_AMD64;
        let mut last = 0;
        for entry in words.chunks(if is_x86_64 { 3 } else { 2 }) {
            let (start, information) = (entry[0], entry[entry.len() - 1]);
            let end = if is_x86_64 {
                ensure!(information.is_multiple_of(4), "information at {information:#x}");
                let &[head, _, codes, _] = self.data(information, 4)? else { unreachable!("four bytes") };
                // Version 1 or 2; a handler or a chained entry may follow, but none of ours has any.
                ensure!(matches!(head, 1 | 2), "information of {start:#x} starts with {head:#x}");
                self.data(information, 4 + 2 * u32::from(codes))?;
                entry[1]
            } else if information & 3 == 0 {
                let header = u32::from_le_bytes(self.data(information, 4)?.try_into()?);
                ensure!(header >> 18 & 3 == 0, "the version isn't 0");
                self.data(information, 4 + 4 * (header >> 27))?;
                start + (header & 0x3ffff) * 4
            } else {
                start + (information >> 2 & 0x7ff) * 4
            };
            ensure!(start >= last && end > start, "{start:#x}..{end:#x} comes after {last:#x}");
            ensure!(self.is_in(start, end - start, pe::IMAGE_SCN_MEM_EXECUTE, 0), "{start:#x} is no code");
            last = end;
        }
        Ok(())
    }
}

/// (library, name) of the imports that `linker-scripts/` lists.
fn listed_imports() -> Result<BTreeSet<(String, String)>> {
    let mut listed = BTreeSet::new();
    for entry in std::fs::read_dir(repository().join("linker-scripts"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "def") {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        let lines = text.lines().map(|line| line.split(';').next().unwrap_or_default().trim());
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        let library = lines[0].strip_prefix("LIBRARY ").context("no LIBRARY")?;
        ensure!(lines[1] == "EXPORTS" && lines[2..].is_sorted(), "{} isn't in order", path.display());
        listed.extend(lines[2..].iter().map(|name| (library.to_owned(), (*name).to_owned())));
    }
    Ok(listed)
}

/// Everything that is listed is used by some program or the runtime: the lists don't grow by themselves.
fn libraries(_bench: &Bench<'_>) -> Result<()> {
    let source = std::fs::read_to_string(repository().join("runtime-support/src/sys/windows/api.rs"))?;
    for (library, name) in listed_imports()? {
        ensure!(
            source.contains(&format!("pub fn {name}(")),
            "{name} of {library} is listed and never declared"
        );
    }
    Ok(())
}

/// With a base of memory that is loaded (`--memory-guard=none`), code is that for Linux, instruction for instruction,
/// but for functions that call the runtime where that has another convention.
fn same_code(bench: &Bench<'_>, module: &str, target: &str, linux: &str) -> Result<()> {
    let list = |target: &str, what: &str| -> Result<Vec<String>> {
        let text = build(bench, module, target, "list", &["--memory-guard=none", "--emit", what])?;
        let text = String::from_utf8(text)?;
        // An empty line is between functions.
        Ok(text.split("\n\n").map(str::to_owned).collect())
    };
    let (ours, theirs) = (list(target, "asm")?, list(linux, "asm")?);
    let clif = list(target, "clif")?;
    ensure!(ours.len() == theirs.len() && ours.len() > 4, "{} and {} functions", ours.len(), theirs.len());
    let clif: Vec<&String> = clif.iter().filter(|text| !text.trim().is_empty()).collect();
    let calls_host = |name: &str| {
        let title = format!(";; {name}");
        let text = clif.iter().find(|text| text.lines().next() == Some(&title));
        text.is_some_and(|text| text.contains("windows_fastcall"))
    };
    let mut same = 0;
    for (ours, theirs) in ours.iter().zip(&theirs) {
        let name = ours.trim_start().lines().next().unwrap_or_default().trim_end_matches(':');
        if ours == theirs {
            same += 1;
        } else {
            ensure!(calls_host(name), "{name} differs:\n{ours}\nis for Linux:\n{theirs}");
        }
    }
    ensure!(2 * same > ours.len(), "only {same} of {} functions are the same", ours.len());
    Ok(())
}

/// LLVM reads the unwind tables of our code: an entry for each function.
fn unwind_information(bench: &Bench<'_>, module: &str, target: &str, _linux: &str) -> Result<()> {
    let object = build(bench, module, target, "a.o", &["--emit", "program"])?;
    let file = object::File::parse(&*object)?;
    let entries = file.section_by_name(".pdata").context("no .pdata")?.size();
    let entries = entries / if target.starts_with("x86_64") { 12 } else { 8 };
    let outcome = bench.tool("llvm-readobj", &["--unwind", "a.o"])?;
    outcome.code(0)?;
    ensure!(outcome.stderr.is_empty(), "{}", outcome.stderr);
    let count = outcome.stdout.matches("RuntimeFunction {").count() as u64;
    ensure!(count == entries && count > 4, "{count} of {entries} entries");
    for word in ["Invalid", "unknown", "Unknown", "Bad"] {
        ensure!(!outcome.stdout.contains(word), "{word}:\n{}", outcome.stdout);
    }
    Ok(())
}

/// Nothing touches the register that the system reserves on aarch64.
fn disassembly(bench: &Bench<'_>, module: &str, target: &str, _linux: &str) -> Result<()> {
    build(bench, module, target, "a", &[])?;
    let outcome = bench.tool("llvm-objdump", &["-d", "--no-show-raw-insn", "a"])?;
    outcome.code(0)?;
    ensure!(outcome.stdout.lines().count() > 500, "that isn't all:\n{}", outcome.stdout);
    if target.starts_with("aarch64") {
        let is_register = |word: &str| matches!(word, "x18" | "w18");
        let words = |line: &str| line.split(|c: char| !c.is_alphanumeric()).any(is_register);
        let found: Vec<&str> = outcome.stdout.lines().filter(|line| words(line)).collect();
        ensure!(found.is_empty(), "x18 is used:\n{}", found.join("\n"));
    }
    Ok(())
}
