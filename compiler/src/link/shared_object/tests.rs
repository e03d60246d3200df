//! Libraries of small objects, by the embedded linker.

use object::read::elf::{Dyn as _, ElfFile64, FileHeader as _, ProgramHeader as _};
use object::write::{Object as Writer, Relocation, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, Object as _, ObjectSymbol as _, RelocationFlags, SectionKind,
    SymbolFlags, SymbolKind, SymbolScope, elf,
};

use super::super::Linker;
use super::super::archive::archive;
use super::super::debug::Debug;
use super::super::inputs::{Import, Inputs, Shared};
use crate::targets::Target;

/// The types of relocations: of a call, and of a word.
fn machine(target: &str) -> (Architecture, u32, u32) {
    match target {
        "x86_64-linux" => (Architecture::X86_64, elf::R_X86_64_PLT32, elf::R_X86_64_64),
        "aarch64-linux" => (Architecture::Aarch64, elf::R_AARCH64_CALL26, elf::R_AARCH64_ABS64),
        _ => (Architecture::Riscv64, elf::R_RISCV_CALL_PLT, elf::R_RISCV_64),
    }
}

const TARGETS: [&str; 3] = ["x86_64-linux", "aarch64-linux", "riscv64-linux"];

struct Assembler {
    object: Writer<'static>,
    call: u32,
    word: u32,
}

impl Assembler {
    fn new(target: &str) -> Assembler {
        let (architecture, call, word) = machine(target);
        let object = Writer::new(BinaryFormat::Elf, architecture, Endianness::Little);
        Assembler { object, call, word }
    }

    fn symbol(&mut self, name: &str, section: SymbolSection) -> SymbolId {
        self.object.add_symbol(Symbol {
            name: name.into(),
            value: 0,
            size: 8,
            kind: SymbolKind::Text,
            scope: SymbolScope::Dynamic,
            weak: false,
            section,
            flags: SymbolFlags::None,
        })
    }

    /// A function that calls these, in a section of its own.
    fn function(&mut self, name: &str, calls: &[&str]) {
        let kind = SectionKind::Text;
        let section = self.object.add_section(Vec::new(), format!(".text.{name}").into(), kind);
        // Four bytes of anything; `auipc` and `jalr` on riscv64, at which the linker looks.
        const CALL: [u8; 8] = [0x97, 0, 0, 0, 0xe7, 0x80, 0, 0];
        let code = [[0x90; 4].as_slice(), &CALL.repeat(calls.len()), &[0x90; 4]].concat();
        self.object.append_section_data(section, &code, 8);
        self.symbol(name, SymbolSection::Section(section));
        for (callee, at) in calls.iter().zip((4..).step_by(8)) {
            self.refer(section, at, callee, self.call, if self.call == elf::R_X86_64_PLT32 { -4 } else { 0 });
        }
    }

    /// A word with an address.
    fn table(&mut self, name: &str, of: &str) {
        let kind = SectionKind::ReadOnlyDataWithRel;
        let section = self.object.add_section(Vec::new(), format!(".data.rel.ro.{name}").into(), kind);
        self.object.append_section_data(section, &[0; 8], 8);
        self.symbol(name, SymbolSection::Section(section));
        self.refer(section, 0, of, self.word, 0);
    }

    fn refer(&mut self, section: object::write::SectionId, offset: u64, to: &str, r_type: u32, addend: i64) {
        let symbol = match self.object.symbol_id(to.as_bytes()) {
            Some(symbol) => symbol,
            None => self.symbol(to, SymbolSection::Undefined),
        };
        let flags = RelocationFlags::Elf { r_type };
        self.object.add_relocation(section, Relocation { offset, symbol, addend, flags }).unwrap();
    }

    fn finish(self) -> Vec<u8> {
        self.object.write().unwrap()
    }
}

/// Three functions, of which one isn't exported and one isn't needed; the runtime has another and one that nothing needs.
fn linked(target: &str, exports: &[&str], imports: &[&str], strip: bool) -> Result<Vec<u8>, String> {
    let mut object = Assembler::new(target);
    object.function("hidden", &["memcpy", "p_import_log"]);
    object.function("unused", &["hidden"]);
    object.table("p_table", "p_run");
    object.function("p_run", &["hidden", "p_run", "p_table"]);
    let mut runtime = Assembler::new(target);
    runtime.function("memcpy", &[]);
    runtime.function("_start", &["memcpy"]);
    let exports: Vec<String> = exports.iter().map(|name| (*name).to_owned()).collect();
    let import = |name: &&str| Import { name: (*name).to_owned(), setter: String::new() };
    let imports: Vec<Import> = imports.iter().map(import).collect();
    let debug = Debug { strip, ..Debug::default() };
    let shared = Shared { name: "libp.so", exports: &exports, imports: &imports, unset: "", debug: &debug };
    let inputs = Inputs { object: object.finish(), runtime: archive(&[runtime.finish()]), stack_size: 0 };
    let linked = Linker::Embedded.link_shared(Target::find(target).unwrap(), inputs, &shared);
    linked.map(|linked| linked.library).map_err(|error| format!("{error:#}"))
}

/// The entries of the dynamic section with a tag.
fn dynamic(file: &ElfFile64<'_, Endianness>, tag: i64) -> Vec<u64> {
    let (endian, data) = (file.endian(), file.data());
    let entries = file.elf_section_table().dynamic(endian, data).unwrap().unwrap().0;
    entries.iter().filter(|entry| entry.tag(endian) == tag).map(|entry| entry.d_val(endian)).collect()
}

#[test]
fn only_exports_and_imports_are_dynamic() {
    for target in TARGETS {
        for strip in [false, true] {
            let bytes = linked(target, &["p_run"], &["p_import_log"], strip).unwrap();
            let file = ElfFile64::<Endianness>::parse(&*bytes).unwrap();
            let mut names: Vec<(&str, bool)> = file
                .dynamic_symbols()
                .map(|symbol| (symbol.name().unwrap(), symbol.is_undefined()))
                .collect();
            names.sort();
            assert_eq!(names, [("p_import_log", true), ("p_run", false)], "{target}");
            assert_eq!(file.symbols().count() > 0, !strip, "{target}");
            let has = |name: &str| file.symbol_by_name(name).is_some();
            assert!(strip || has("hidden") && has("memcpy") && !has("unused") && !has("_start"), "{target}");
        }
    }
}

/// What the dynamic linker is told.
#[test]
fn they_are_bound_at_once_and_stay() {
    for target in TARGETS {
        let bytes = linked(target, &["p_run"], &["p_import_log"], true).unwrap();
        let file = ElfFile64::<Endianness>::parse(&*bytes).unwrap();
        let endian = file.endian();
        assert_eq!(file.elf_header().e_type(endian), elf::ET_DYN);
        assert_eq!(dynamic(&file, elf::DT_SONAME).len(), 1);
        let has = |tag| !dynamic(&file, tag).is_empty();
        assert!(!has(elf::DT_NEEDED) && !has(elf::DT_TEXTREL) && !has(elf::DT_RELR), "{target}");
        let flags = dynamic(&file, elf::DT_FLAGS_1)[0];
        assert_eq!(flags, u64::from(elf::DF_1_NOW | elf::DF_1_NODELETE), "{target}: {flags:#x}");
        let kinds: Vec<u32> = file.elf_program_headers().iter().map(|header| header.p_type(endian)).collect();
        assert!(!kinds.contains(&elf::PT_INTERP) && kinds.contains(&elf::PT_GNU_RELRO), "{target}");
        for header in file.elf_program_headers() {
            let flags = header.p_flags(endian);
            assert!(flags & elf::PF_X == 0 || flags & elf::PF_W == 0, "{target}");
        }
    }
}

#[test]
fn what_is_missing_is_named() {
    let fails = |exports: &[&str], imports: &[&str], words: &str| {
        let error = linked("x86_64-linux", exports, imports, false).map(|_| ()).unwrap_err();
        assert!(error.contains(words), "{error}");
    };
    fails(&["p_run"], &[], "undefined symbol `p_import_log`");
    fails(&["p_run", "p_none"], &["p_import_log"], "the exported symbol `p_none` isn't defined");
}
