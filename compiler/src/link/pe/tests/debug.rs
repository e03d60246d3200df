//! Debug information in images and apart from them.

use object::read::coff::{CoffHeader as _, ImageSymbol as _, SymbolTable};
use object::read::pe::PeFile64;
use object::{LittleEndian as LE, Object as _, ObjectSection as _};

use super::super::super::debug::Debug;
use super::super::super::inputs::Executable;
use super::super::layout::IMAGE_BASE;
use super::*;

const LONG_NAME: &str = "_ZN4name4spac8functionEv";

/// Adds sections with debug information about a function.
pub fn define(object: &mut Assembler, function: SymbolId) {
    let (address, offset) = match object.0.architecture() {
        Architecture::X86_64 => (pe::IMAGE_REL_AMD64_ADDR64, pe::IMAGE_REL_AMD64_SECREL),
        _ => (pe::IMAGE_REL_ARM64_ADDR64, pe::IMAGE_REL_ARM64_SECREL),
    };
    let (_, abbreviations) = object.define(".debug_abbrev", SectionKind::Debug, "abbreviations", &[7; 24]);
    object.0.symbol_mut(abbreviations).value = 5;
    let (information, _) = object.define(".debug_info", SectionKind::Debug, "information", &[0; 16]);
    object.relocate(information, 0, function, address);
    object.relocate(information, 8, abbreviations, offset);
    object.relocate(information, 12, function, offset);
}

fn linked(architecture: Architecture, debug: &Debug) -> Executable {
    let (mut object, members) = (Assembler::new(architecture), parts(architecture).1);
    let (_, start) = object.define(".text", SectionKind::Text, "_start", &[0; 16]);
    object.0.symbol_mut(start).value = 8;
    let section = object.0.symbol(start).section;
    object.symbol(LONG_NAME, section);
    define(&mut object, start);
    let inputs = Inputs { object: object.finish(), runtime: archive(&members), stack_size: 0 };
    link(&inputs, debug).unwrap()
}

fn contents<'d>(file: &PeFile64<'d>, name: &str) -> Option<&'d [u8]> {
    file.section_by_name(name).map(|section| section.data().unwrap())
}

fn symbol_table<'d>(file: &PeFile64<'d>) -> SymbolTable<'d> {
    file.nt_headers().file_header.symbols(file.data()).unwrap()
}

fn symbols(file: &PeFile64<'_>) -> Vec<(String, u32)> {
    let table = symbol_table(file);
    let name =
        |symbol: &pe::ImageSymbol| String::from_utf8(symbol.name(table.strings()).unwrap().to_vec()).unwrap();
    table.iter().map(|(_, symbol)| (name(symbol), symbol.value.get(LE))).collect()
}

/// Asserts what debug information says, and that it is behind all that is loaded.
fn check(file: &PeFile64<'_>) {
    let start = IMAGE_BASE + 0x1000 + 8;
    let expected = [start.to_le_bytes().as_slice(), &5_u32.to_le_bytes(), &8_u32.to_le_bytes()].concat();
    assert_eq!(contents(file, ".debug_info"), Some(&*expected));
    assert_eq!(contents(file, ".debug_abbrev"), Some(&[7; 24][..]));
    assert_eq!(symbols(file), [(LONG_NAME.to_owned(), 0), ("_start".to_owned(), 8)]);
    let is_debug: Vec<bool> =
        file.sections().map(|section| section.name().unwrap().starts_with(".debug_")).collect();
    assert!(is_debug.is_sorted());
}

#[test]
fn it_is_behind_the_image() {
    for architecture in [Architecture::X86_64, Architecture::Aarch64] {
        let bytes = linked(architecture, &Debug::default()).bytes;
        let file = PeFile64::parse(&*bytes).unwrap();
        check(&file);
        // No word of it is relocated by the system.
        assert!(file.data_directories().get(pe::IMAGE_DIRECTORY_ENTRY_BASERELOC).is_none());
    }
}

#[test]
fn it_can_be_apart() {
    for strip in [false, true] {
        let debug = Debug { strip, file: Some("name".to_owned()), build_id: None };
        let Executable { bytes, debug_file } = linked(Architecture::X86_64, &debug);
        let debug_file = debug_file.unwrap();
        let apart = PeFile64::parse(&*debug_file).unwrap();
        check(&apart);
        assert_eq!(contents(&apart, ".text"), Some(&[][..]));
        let file = PeFile64::parse(&*bytes).unwrap();
        assert_eq!(contents(&file, ".debug_info"), None);
        assert_eq!(symbol_table(&file).is_empty(), strip);
        assert_eq!(contents(&file, ".gnu_debuglink").unwrap().len(), 8 + 4);
    }
}

#[test]
fn nothing_of_it_is_in_a_stripped_image() {
    let debug = Debug { strip: true, ..Debug::default() };
    let bytes = linked(Architecture::X86_64, &debug).bytes;
    let file = PeFile64::parse(&*bytes).unwrap();
    assert_eq!(
        file.sections().map(|section| section.name().unwrap().to_owned()).collect::<Vec<_>>(),
        [".text"]
    );
    assert!(symbol_table(&file).is_empty());
    assert_eq!(file.nt_headers().file_header.pointer_to_symbol_table.get(LE), 0);
}

#[test]
fn it_refers_by_addresses_and_offsets() {
    let mut object = Assembler::new(Architecture::X86_64);
    let (_, start) = object.define(".text", SectionKind::Text, "_start", &[0; 8]);
    let (information, _) = object.define(".debug_info", SectionKind::Debug, "information", &[0; 8]);
    object.relocate(information, 0, start, pe::IMAGE_REL_AMD64_REL32);
    fails(object.finish(), archive(&[]), "the debug information in `.debug_info`: relocation 4");
}
