//! Links small objects, and damaged ones: these cause errors, whatever is wrong with them.

use object::write::{Object as Writer, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionFlags, SectionKind, SymbolFlags,
    SymbolKind, SymbolScope, pe,
};

use super::super::archive::archive;
use super::super::debug::Debug;
use super::{Inputs, link};

mod debug;
mod dll;

/// An object under construction.
struct Assembler(Writer<'static>);

impl Assembler {
    fn new(architecture: Architecture) -> Assembler {
        Assembler(Writer::new(BinaryFormat::Coff, architecture, Endianness::Little))
    }

    fn symbol(&mut self, name: &str, section: SymbolSection) -> SymbolId {
        self.0.add_symbol(Symbol {
            name: name.into(),
            value: 0,
            size: 0,
            kind: SymbolKind::Data,
            scope: SymbolScope::Linkage,
            weak: false,
            section,
            flags: SymbolFlags::None,
        })
    }

    fn undefined(&mut self, name: &str) -> SymbolId {
        self.symbol(name, SymbolSection::Undefined)
    }

    /// A section with a symbol at its start.
    fn define(&mut self, name: &str, kind: SectionKind, symbol: &str, bytes: &[u8]) -> (SectionId, SymbolId) {
        let section = self.0.add_section(Vec::new(), name.into(), kind);
        match kind {
            SectionKind::UninitializedData => _ = self.0.append_section_bss(section, bytes.len() as u64, 8),
            _ => _ = self.0.append_section_data(section, bytes, 8),
        }
        if name == ".pdata" {
            let characteristics = pe::IMAGE_SCN_CNT_INITIALIZED_DATA | pe::IMAGE_SCN_MEM_READ;
            self.0.section_mut(section).flags = SectionFlags::Coff { characteristics };
        }
        (section, self.symbol(symbol, SymbolSection::Section(section)))
    }

    fn relocate(&mut self, section: SectionId, offset: u64, symbol: SymbolId, typ: u16) {
        let flags = RelocationFlags::Coff { typ };
        self.0.add_relocation(section, Relocation { offset, symbol, addend: 0, flags }).unwrap();
    }

    fn finish(self) -> Vec<u8> {
        self.0.write().unwrap()
    }
}

/// An import object: `IMPORT_OBJECT_HEADER`, and the names of the function and the library.
fn import(machine: u16, name: &str, library: &str) -> Vec<u8> {
    /// Code, imported by name.
    const CODE_BY_NAME: u16 = 1 << 2;
    let names = format!("{name}\0{library}\0");
    let mut bytes = Vec::new();
    for half in [0, 0xffff, 0, machine, 0, 0, names.len() as u16, 0, 0, CODE_BY_NAME] {
        bytes.extend(u16::to_le_bytes(half));
    }
    bytes.extend(names.bytes());
    bytes
}

/// The program and the archive, with relocations of most kinds, a function table, an import and zeroes.
fn parts(architecture: Architecture) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (machine, relative, pointer, call, word) = match architecture {
        Architecture::X86_64 => (
            pe::IMAGE_FILE_MACHINE_AMD64,
            pe::IMAGE_REL_AMD64_ADDR32NB,
            pe::IMAGE_REL_AMD64_REL32,
            pe::IMAGE_REL_AMD64_REL32,
            pe::IMAGE_REL_AMD64_ADDR64,
        ),
        _ => (
            pe::IMAGE_FILE_MACHINE_ARM64,
            pe::IMAGE_REL_ARM64_ADDR32NB,
            pe::IMAGE_REL_ARM64_PAGEBASE_REL21,
            pe::IMAGE_REL_ARM64_BRANCH26,
            pe::IMAGE_REL_ARM64_ADDR64,
        ),
    };
    let mut program = Assembler::new(architecture);
    let (text, start) = program.define(".text", SectionKind::Text, "_start", &[0; 16]);
    let (table, _) = program.define(".data", SectionKind::Data, "table", &[0; 16]);
    let [helper, exit] = ["helper", "__imp_ExitThread"].map(|name| program.undefined(name));
    let in_table = program.symbol("in_table", SymbolSection::Section(table));
    program.relocate(text, 0, helper, call);
    program.relocate(text, 4, exit, pointer);
    program.relocate(text, 8, in_table, pointer);
    program.relocate(table, 0, start, word);
    program.relocate(table, 8, helper, word);
    let (information, unwind) = program.define(".xdata", SectionKind::ReadOnlyData, "unwind", &[1, 0, 0, 0]);
    assert!(program.0.section(information).data().len() == 4);
    let entry: &[u8] = if architecture == Architecture::X86_64 { &[0; 12] } else { &[0; 8] };
    let (functions, _) = program.define(".pdata", SectionKind::ReadOnlyData, "functions", entry);
    program.relocate(functions, 0, start, relative);
    program.relocate(functions, entry.len() as u64 - 4, unwind, relative);
    debug::define(&mut program, start);
    let mut library = Assembler::new(architecture);
    let (code, _) = library.define(".text", SectionKind::Text, "helper", &[0; 8]);
    let (_, zeroes) = library.define(".bss", SectionKind::UninitializedData, "zeroes", &[0; 64]);
    library.relocate(code, 0, zeroes, pointer);
    (program.finish(), vec![library.finish(), import(machine, "ExitThread", "KERNEL32.dll")])
}

fn linked(object: Vec<u8>, runtime: Vec<u8>) -> Result<Vec<u8>, String> {
    let inputs = Inputs { object, runtime, stack_size: 1 << 20 };
    let linked = link(&inputs, &Debug::default()).map_err(|error| format!("{error:#}"))?;
    Ok(linked.bytes)
}

fn fails(object: Vec<u8>, runtime: Vec<u8>, words: &str) {
    let error = linked(object, runtime).map(|bytes| bytes.len()).unwrap_err();
    assert!(error.contains(words), "{error}");
}

#[test]
fn damaged_bytes_are_errors_or_harmless() {
    for architecture in [Architecture::X86_64, Architecture::Aarch64] {
        let (program, members) = parts(architecture);
        let whole = archive(&members);
        linked(program.clone(), whole.clone()).unwrap();
        let mut errors = 0;
        for value in [0, 1, 4, 0x3f, 0x7f, 0x80, 0xff] {
            for at in 0..program.len() {
                let mut damaged = program.clone();
                damaged[at] = value;
                errors += u32::from(linked(damaged, whole.clone()).is_err());
            }
            for at in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[at] = value;
                errors += u32::from(linked(program.clone(), damaged).is_err());
            }
        }
        assert!(errors > 1000, "only {errors} were noticed");
    }
}

#[test]
fn shortened_objects_are_errors() {
    let (program, members) = parts(Architecture::X86_64);
    let whole = archive(&members);
    for length in 0..program.len() {
        // The last bytes are the names of symbols.
        assert!(linked(program[..length].to_vec(), whole.clone()).is_err(), "{length} bytes");
    }
}

/// Two relocations of a word, and one that begins in another.
#[test]
fn words_do_not_overlap() {
    for offset in [0, 4] {
        let mut program = Assembler::new(Architecture::X86_64);
        let (text, start) = program.define(".text", SectionKind::Text, "_start", &[0; 8]);
        let (table, place) = program.define(".data", SectionKind::Data, "table", &[0; 16]);
        program.relocate(text, 0, place, pe::IMAGE_REL_AMD64_REL32);
        program.relocate(table, 0, start, pe::IMAGE_REL_AMD64_ADDR64);
        program.relocate(table, offset, start, pe::IMAGE_REL_AMD64_ADDR64);
        fails(program.finish(), archive(&[]), "overlap");
    }
}

#[test]
fn places_are_in_their_sections() {
    let mut program = Assembler::new(Architecture::X86_64);
    let (text, _) = program.define(".text", SectionKind::Text, "_start", &[0; 8]);
    let (_, place) = program.define(".data", SectionKind::Data, "table", &[0; 16]);
    program.relocate(text, 0, place, pe::IMAGE_REL_AMD64_REL32);
    program.0.symbol_mut(place).value = 17;
    fails(program.finish(), archive(&[]), "outside of its section");
    let mut program = Assembler::new(Architecture::X86_64);
    let (text, start) = program.define(".text", SectionKind::Text, "_start", &[0; 8]);
    program.relocate(text, 4, start, pe::IMAGE_REL_AMD64_REL32);
    let mut object = program.finish();
    // `IMAGE_RELOCATION`: the offset, the symbol, the type.
    let is_relocation = |bytes: &[u8]| bytes[..4] == [4, 0, 0, 0] && bytes[8..] == [4, 0];
    let at = object.windows(10).position(is_relocation).unwrap();
    object[at] = 6;
    fails(object, archive(&[]), "a relocation is outside of its section");
}

#[test]
fn zeroes_have_no_relocations() {
    let mut program = Assembler::new(Architecture::X86_64);
    let (text, _) = program.define(".text", SectionKind::Text, "_start", &[0; 8]);
    let (zeroes, place) = program.define(".bss", SectionKind::UninitializedData, "zeroes", &[0; 8]);
    program.relocate(text, 0, place, pe::IMAGE_REL_AMD64_REL32);
    program.relocate(zeroes, 0, place, pe::IMAGE_REL_AMD64_ADDR64);
    fails(program.finish(), archive(&[]), "a relocation is outside of its section");
}

#[test]
fn the_entry_is_code() {
    let mut program = Assembler::new(Architecture::X86_64);
    program.define(".data", SectionKind::Data, "_start", &[0; 8]);
    fails(program.finish(), archive(&[]), "the entry isn't code");
}

#[test]
fn imports_are_listed() {
    let (program, mut members) = parts(Architecture::X86_64);
    members.push(import(pe::IMAGE_FILE_MACHINE_AMD64, "WinExec", "kernel32.dll"));
    fails(program, archive(&members), "WinExec of kernel32.dll, which linker-scripts/ doesn't list");
}
