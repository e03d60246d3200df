//! Merges small objects of each format with small archives, and damaged ones: these cause errors.

use object::read::archive::ArchiveFile;
use object::write::{Object as Writer, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, Object as _, ObjectSection as _, ObjectSymbol as _,
    RelocationFlags, RelocationTarget, SectionKind, SymbolFlags, SymbolKind, SymbolScope, elf, macho, pe,
};

use super::super::archive::archive as unindexed;
use super::{archive, merge, runtime};
use crate::targets::Target;

const X86_64: Architecture = Architecture::X86_64;

/// An object under construction.
struct Assembler(Writer<'static>);

impl Assembler {
    fn new(format: BinaryFormat, architecture: Architecture) -> Assembler {
        let endianness =
            if architecture == Architecture::S390x { Endianness::Big } else { Endianness::Little };
        Assembler(Writer::new(format, architecture, endianness))
    }

    fn add(&mut self, name: &str, value: u64, scope: SymbolScope, section: SymbolSection) -> SymbolId {
        self.0.add_symbol(Symbol {
            name: name.into(),
            value,
            size: 0,
            kind: SymbolKind::Data,
            scope,
            weak: false,
            section,
            flags: SymbolFlags::None,
        })
    }

    fn undefined(&mut self, name: &str) -> SymbolId {
        self.add(name, 0, SymbolScope::Unknown, SymbolSection::Undefined)
    }

    fn local(&mut self, name: &str, section: SectionId, value: u64) -> SymbolId {
        self.add(name, value, SymbolScope::Compilation, SymbolSection::Section(section))
    }

    /// A section of 16 bytes, with a symbol for its start.
    fn define(&mut self, section: &str, symbol: &str, byte: u8) -> (SectionId, SymbolId) {
        let (segment, kind) = match self.0.format() {
            BinaryFormat::MachO => (b"__TEXT".to_vec(), SectionKind::Text),
            _ => (Vec::new(), SectionKind::Text),
        };
        let section = self.0.add_section(segment, section.into(), kind);
        let start = self.0.append_section_data(section, &[byte; 16], 16);
        let symbol = self.add(symbol, start, SymbolScope::Linkage, SymbolSection::Section(section));
        (section, symbol)
    }

    fn relocate(
        &mut self,
        section: SectionId,
        offset: u64,
        symbol: SymbolId,
        addend: i64,
        flags: RelocationFlags,
    ) {
        self.0.add_relocation(section, Relocation { offset, symbol, addend, flags }).unwrap();
    }

    fn finish(self) -> Vec<u8> {
        self.0.write().unwrap()
    }
}

fn elf(r_type: u32) -> RelocationFlags {
    RelocationFlags::Elf { r_type }
}

fn coff(typ: u16) -> RelocationFlags {
    RelocationFlags::Coff { typ }
}

fn target(name: &str) -> &'static Target {
    Target::find(name).unwrap()
}

/// Merges for a target, with the interface `api` and the embedder's `import`.
fn merged(name: &str, object: &[u8], members: &[Vec<u8>]) -> anyhow::Result<Vec<u8>> {
    merge(target(name), object, &unindexed(members), &["api".to_owned()], &|name| name == "import")
}

/// Asserts that merging fails with these words.
fn fails(name: &str, object: &[u8], members: &[Vec<u8>], words: &str) {
    let error = format!("{:#}", merged(name, object, members).expect_err(words));
    assert!(error.contains(words), "{error}");
}

/// The names of the global symbols: those that are defined, and the others.
fn globals(object: &[u8]) -> (Vec<String>, Vec<String>) {
    let file = object::File::parse(object).unwrap();
    let globals = file.symbols().filter(|symbol| symbol.is_global());
    let (defined, undefined): (Vec<_>, Vec<_>) = globals.partition(|symbol| symbol.is_definition());
    let names = |symbols: Vec<object::Symbol<'_, '_>>| {
        let mut names: Vec<String> = symbols.iter().map(|symbol| symbol.name().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    (names(defined), names(undefined))
}

/// Of each relocation: offset in its section, name of the symbol, first byte at the symbol, and addend.
fn relocations(object: &[u8]) -> Vec<(u64, String, Option<u8>, i64)> {
    let file = object::File::parse(object).unwrap();
    let mut all = Vec::new();
    for section in file.sections() {
        for (offset, relocation) in section.relocations() {
            let RelocationTarget::Symbol(index) = relocation.target() else { panic!("no symbol") };
            let symbol = file.symbol_by_index(index).unwrap();
            let byte = symbol.section_index().and_then(|index| {
                let section = file.section_by_index(index).unwrap();
                section.data().unwrap().get((symbol.address() - section.address()) as usize).copied()
            });
            all.push((offset, symbol.name().unwrap().to_owned(), byte, relocation.addend()));
        }
    }
    all
}

fn row(offset: u64, name: &str, byte: Option<u8>, addend: i64) -> (u64, String, Option<u8>, i64) {
    (offset, name.to_owned(), byte, addend)
}

/// An object that calls `used` and `import`.
fn program(format: BinaryFormat, architecture: Architecture, flags: RelocationFlags) -> Vec<u8> {
    let mut program = Assembler::new(format, architecture);
    let (code, _) = program.define(".text", "api", 1);
    for (offset, name) in [(0, "used"), (8, "import")] {
        let symbol = program.undefined(name);
        program.relocate(code, offset, symbol, 0, flags);
    }
    program.finish()
}

#[test]
fn sections_of_elf() {
    let call = elf(elf::R_X86_64_PLT32);
    let object = program(BinaryFormat::Elf, X86_64, call);
    let mut member = Assembler::new(BinaryFormat::Elf, X86_64);
    let (used, _) = member.define(".text.used", "used", 2);
    let (unused, symbol) = member.define(".text.unused", "unused", 3);
    let missing = member.undefined("missing");
    member.relocate(unused, 0, missing, 0, call);
    let (_, copy) = member.define(".text.memcpy", "memcpy", 4);
    let section = member.0.section_symbol(unused);
    let label = member.local(".Lnothing", used, 4);
    member.relocate(used, 0, copy, -4, call);
    _ = (symbol, section, label);
    // A weak function of the same name, in an object before the other one.
    let mut weak = Assembler::new(BinaryFormat::Elf, X86_64);
    let (_, symbol) = weak.define(".text.memcpy", "memcpy", 5);
    weak.0.symbol_mut(symbol).weak = true;
    let members = [weak.finish(), member.finish()];

    let bytes = merged("x86_64-linux", &object, &members).unwrap();
    assert_eq!(bytes, merged("x86_64-linux", &object, &members).unwrap());
    assert_eq!(globals(&bytes), (vec!["api".to_owned()], vec!["import".to_owned()]));
    let expected = [row(0, "used", Some(2), 0), row(8, "import", None, 0), row(0, "memcpy", Some(4), -4)];
    assert_eq!(relocations(&bytes), expected);
    let file = object::File::parse(&*bytes).unwrap();
    assert!(file.symbols().all(|symbol| !matches!(symbol.name(), Ok("unused" | ".Lnothing"))));
    let note = file.section_by_name(".note.GNU-stack").unwrap();
    assert_eq!((note.size(), note.flags()), (0, object::SectionFlags::Elf { sh_flags: 0 }));
    // One section for each function, and all have one name.
    assert_eq!(file.sections().filter(|section| section.name() == Ok(".text")).count(), 3);

    // The library is found by what is global in it.
    let library = archive(target("x86_64-linux"), "p.o", &bytes).unwrap();
    let library = ArchiveFile::parse(&*library).unwrap();
    let index: Vec<_> =
        library.symbols().unwrap().unwrap().map(|symbol| symbol.unwrap().name().to_vec()).collect();
    assert_eq!(index, [b"api"]);
}

#[test]
fn what_is_missing_is_named() {
    let call = elf(elf::R_X86_64_PLT32);
    let object = program(BinaryFormat::Elf, X86_64, call);
    fails("x86_64-linux", &object, &[], "nothing defines `used`");
    let mut other = Assembler::new(BinaryFormat::Elf, X86_64);
    let (code, _) = other.define(".text", "other", 1);
    for index in 0..10 {
        let symbol = other.undefined(&format!("missing{index}"));
        other.relocate(code, 0, symbol, 0, call);
    }
    let other = other.finish();
    fails("x86_64-linux", &other, &[], "nothing defines the symbol `api` of the interface");
    let error = merge(target("x86_64-linux"), &other, &unindexed(&[]), &[], &|_| false).unwrap_err();
    assert!(format!("{error:#}").ends_with("`missing6`, `missing7` and 2 more"), "{error:#}");
    // Linkers define it.
    let mut header = Assembler::new(BinaryFormat::Elf, X86_64);
    let (code, _) = header.define(".text", "api", 1);
    let symbol = header.undefined("__ehdr_start");
    header.relocate(code, 0, symbol, 0, call);
    merged("x86_64-linux", &header.finish(), &[]).unwrap();
}

#[test]
fn damaged_objects() {
    let object = program(BinaryFormat::Elf, X86_64, elf(elf::R_X86_64_PLT32));
    fails("x86_64-linux", &object[..100], &[], "the program's object");
    fails("x86_64-windows", &object, &[], "the program's object");
    fails("x86_64-macos", &object, &[], "the program's object");
    fails("x86_64-linux", &object, &[vec![0; 100]], "`0.o` in the runtime's archive");
    let other = program(BinaryFormat::Elf, Architecture::Aarch64, elf(elf::R_AARCH64_CALL26));
    fails("x86_64-linux", &object, &[other], "another machine");
    for end in (0..object.len()).step_by(7) {
        assert!(merged("x86_64-linux", &object[..end], &[]).is_err());
    }
}

/// The lower half of an address is relative to where the upper half is loaded: to a label, in code that is kept.
#[test]
fn labels_of_riscv() {
    let mut program = Assembler::new(BinaryFormat::Elf, Architecture::Riscv64);
    let (code, _) = program.define(".text", "api", 1);
    let used = program.undefined("used");
    program.relocate(code, 0, used, 0, elf(elf::R_RISCV_CALL_PLT));
    let mut object = program.finish();
    let mut member = Assembler::new(BinaryFormat::Elf, Architecture::Riscv64);
    let (code, _) = member.define(".text.used", "used", 2);
    let (_, data) = member.define(".rodata.data", "data", 3);
    let label = member.local(".Lpcrel_hi0", code, 4);
    member.relocate(code, 4, data, 8, elf(elf::R_RISCV_PCREL_HI20));
    member.relocate(code, 8, label, 0, elf(elf::R_RISCV_PCREL_LO12_I));
    let mut member = member.finish();
    // The file header's flags (at 48): compressed instructions in one of them, doubles in registers in both.
    object[48] = elf::EF_RISCV_FLOAT_ABI_DOUBLE as u8;
    member[48] = (elf::EF_RISCV_FLOAT_ABI_DOUBLE | elf::EF_RISCV_RVC) as u8;

    let bytes = merged("riscv64-linux", &object, &[member.clone()]).unwrap();
    let expected =
        [row(0, "used", Some(2), 0), row(4, "data", Some(3), 8), row(8, ".Lpcrel_hi0", Some(2), 0)];
    assert_eq!(relocations(&bytes), expected);
    assert_eq!(bytes[48], 5);
    member[48] = elf::EF_RISCV_FLOAT_ABI_SOFT as u8;
    fails("riscv64-linux", &object, &[member], "the flags 0x0 differ from 0x4");
}

#[test]
fn words_of_s390x() {
    let mut program = Assembler::new(BinaryFormat::Elf, Architecture::S390x);
    let (code, _) = program.define(".text", "api", 1);
    let used = program.undefined("used");
    program.relocate(code, 2, used, 2, elf(elf::R_390_PLT32DBL));
    let mut member = Assembler::new(BinaryFormat::Elf, Architecture::S390x);
    member.define(".text.used", "used", 2);
    let bytes = merged("s390x-linux", &program.finish(), &[member.finish()]).unwrap();
    assert_eq!(relocations(&bytes), [row(2, "used", Some(2), 2)]);
}

/// A function brings the tables by which the system unwinds it, and they bring what they refer to.
#[test]
fn tables_of_windows() {
    let call = coff(pe::IMAGE_REL_AMD64_REL32);
    let object = program(BinaryFormat::Coff, X86_64, call);
    let mut member = Assembler::new(BinaryFormat::Coff, X86_64);
    let (_, used) = member.define(".text$used", "used", 2);
    let (_, unused) = member.define(".text$unused", "unused", 3);
    for (function, name, byte) in [(used, "information", 4), (unused, "other", 5)] {
        let (table, _) = member.define(".pdata", &format!("table_of_{name}"), 0);
        let (_, information) = member.define(".xdata", name, byte);
        member.relocate(table, 0, function, 0, coff(pe::IMAGE_REL_AMD64_ADDR32NB));
        member.relocate(table, 4, function, 16, coff(pe::IMAGE_REL_AMD64_ADDR32NB));
        member.relocate(table, 8, information, 0, coff(pe::IMAGE_REL_AMD64_ADDR32NB));
    }
    // `.xdata` and `.pdata` aren't code.
    let bytes = merged("x86_64-windows", &object, &[member.finish()]).unwrap();
    assert_eq!(globals(&bytes), (vec!["api".to_owned()], vec!["import".to_owned()]));
    let names: Vec<_> = relocations(&bytes).into_iter().map(|(_, name, byte, _)| (name, byte)).collect();
    let name = |name: &str, byte| (name.to_owned(), byte);
    let table = [name("used", Some(2)), name("used", Some(2)), name("information", Some(4))];
    let code = [name("used", Some(2)), name("import", None)];
    assert_eq!(names, [&code[..], &table].concat());
    let file = object::File::parse(&*bytes).unwrap();
    assert!(file.sections().all(|section| !section.name().unwrap().contains('$')));
}

/// A weak function stands for its fallback, and a function of the system must be known.
#[test]
fn weak_functions_of_windows() {
    let call = coff(pe::IMAGE_REL_AMD64_REL32);
    let object = program(BinaryFormat::Coff, X86_64, call);
    let mut member = Assembler::new(BinaryFormat::Coff, X86_64);
    let (_, symbol) = member.define(".text", "used", 2);
    member.0.symbol_mut(symbol).weak = true;
    let bytes = merged("x86_64-windows", &object, &[member.finish()]).unwrap();
    assert_eq!(relocations(&bytes)[0].2, Some(2));
    assert_eq!(globals(&bytes).0, ["api"]);

    let mut member = Assembler::new(BinaryFormat::Coff, X86_64);
    let (code, _) = member.define(".text", "used", 2);
    let function = member.undefined("__imp_WinExec");
    member.relocate(code, 0, function, 0, call);
    fails("x86_64-windows", &object, &[member.finish()], "nothing defines `__imp_WinExec`");
}

#[test]
fn atoms_of_macos() {
    let flags = |r_type, r_pcrel, r_length| RelocationFlags::MachO { r_type, r_pcrel, r_length };
    let call = flags(macho::ARM64_RELOC_BRANCH26, true, 2);
    let arm = Architecture::Aarch64;
    let mut program = Assembler::new(BinaryFormat::MachO, arm);
    let (code, api) = program.define("__text", "api", 1);
    let used = program.undefined("used");
    program.relocate(code, 0, used, 0, call);
    let difference = Relocation {
        offset: 8,
        symbol: used,
        addend: 0,
        flags: flags(macho::ARM64_RELOC_UNSIGNED, false, 3),
    };
    program.0.add_relocation_with_subtractor(code, difference, Some(api)).unwrap();
    // libSystem has it.
    let write = program.undefined("write");
    program.relocate(code, 4, write, 0, call);
    let mut member = Assembler::new(BinaryFormat::MachO, arm);
    member.0.set_subsections_via_symbols();
    let (code, _) = member.define("__text", "unused", 2);
    let start = member.0.append_section_data(code, &[3; 16], 4);
    member.add("used", start, SymbolScope::Linkage, SymbolSection::Section(code));
    let start = member.0.append_section_data(code, &[4; 16], 4);
    let copy = member.add("memcpy", start, SymbolScope::Linkage, SymbolSection::Section(code));
    member.relocate(code, 20, copy, 0x123, flags(macho::ARM64_RELOC_PAGE21, true, 2));

    let bytes = merged("aarch64-macos", &program.finish(), &[member.finish()]).unwrap();
    assert_eq!(globals(&bytes), (vec!["_api".to_owned()], vec!["_write".to_owned()]));
    let mut found = relocations(&bytes);
    found.sort();
    let expected = [
        row(0, "_used", Some(3), 0),
        row(4, "_write", None, 0),
        row(8, "_used", Some(3), 0),
        row(20, "_memcpy", Some(4), 0x123),
    ];
    assert_eq!(found, expected);
    let file = object::File::parse(&*bytes).unwrap();
    let section = file.section_by_name("__text").unwrap();
    assert_eq!(section.size(), 48);
    let minus = section.relocations().find_map(|(_, relocation)| relocation.subtractor()).unwrap();
    assert_eq!(file.symbol_by_index(minus).unwrap().name(), Ok("_api"));
    // Linkers don't take apart what our compiler put together.
    assert_eq!(file.flags(), object::FileFlags::MachO { flags: 0 });
}

/// A distance to a place in a section, which has no symbol, becomes one to a symbol.
#[test]
fn sections_of_macos() {
    let object = program(
        BinaryFormat::MachO,
        X86_64,
        RelocationFlags::MachO { r_type: macho::X86_64_RELOC_BRANCH, r_pcrel: true, r_length: 2 },
    );
    let mut member = Assembler::new(BinaryFormat::MachO, X86_64);
    let (code, _) = member.define("__text", "used", 0);
    let literals =
        member.0.add_section(b"__TEXT".to_vec(), b"__literal8".to_vec(), SectionKind::ReadOnlyData);
    member.0.section_mut(literals).flags = object::SectionFlags::MachO { flags: macho::S_8BYTE_LITERALS };
    member.0.append_section_data(literals, &[7; 16], 8);
    let section = member.0.section_symbol(literals);
    for (offset, r_type) in [(0, macho::X86_64_RELOC_SIGNED), (8, macho::X86_64_RELOC_SIGNED_1)] {
        let flags = RelocationFlags::MachO { r_type, r_pcrel: true, r_length: 2 };
        // What comes after the field is part of the crate's addend.
        let addend = if r_type == macho::X86_64_RELOC_SIGNED { -4 } else { -5 };
        member.relocate(code, offset, section, addend, flags);
    }
    // The literals are at 16; the fields hold the distances of the second one from the ends of the instructions.
    let mut member = member.finish();
    let at = member.windows(32).position(|bytes| bytes == [[0; 16], [7; 16]].concat()).unwrap();
    member[at..at + 4].copy_from_slice(&(24_i32 - 4).to_le_bytes());
    member[at + 8..at + 12].copy_from_slice(&(24_i32 - 13).to_le_bytes());

    let bytes = merged("x86_64-macos", &object, &[member]).unwrap();
    let start = relocations(&bytes).into_iter().filter(|(_, name, ..)| name == "l_start");
    assert_eq!(
        start.map(|(offset, _, byte, _)| (offset, byte)).collect::<Vec<_>>(),
        [(8, Some(7)), (0, Some(7))]
    );
    let file = object::File::parse(&*bytes).unwrap();
    let code = file.section_by_name("__text").unwrap().data().unwrap();
    // Offsets from the symbol, less what comes after the field.
    assert_eq!((code[0], code[8]), (8, 7));
    assert!(file.section_by_name("__literal8").is_none());
}

#[test]
fn the_runtime_alone() {
    let call = elf(elf::R_X86_64_PLT32);
    let mut member = Assembler::new(BinaryFormat::Elf, X86_64);
    let (code, _) = member.define(".text.a", "wasm_aot_a", 1);
    let (_, copy) = member.define(".text.memcpy", "memcpy", 2);
    let program = member.undefined("wasm_aot_program");
    member.relocate(code, 0, copy, 0, call);
    member.relocate(code, 8, program, 0, call);
    member.define(".text.rust_begin_unwind", "rust_begin_unwind", 3);
    let bytes = runtime(target("x86_64-linux"), &unindexed(&[member.finish()])).unwrap();
    assert_eq!(globals(&bytes), (vec!["wasm_aot_a".to_owned()], vec!["wasm_aot_program".to_owned()]));
    let file = object::File::parse(&*bytes).unwrap();
    assert!(file.symbol_by_name("memcpy").is_some() && file.symbol_by_name("rust_begin_unwind").is_none());
}
