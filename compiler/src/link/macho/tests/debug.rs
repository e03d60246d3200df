//! Debug information in images and apart from them.

use object::read::macho::MachHeader as _;

use super::super::super::debug::Debug;
use super::super::super::inputs::Executable;
use super::*;

/// Adds sections with debug information about a function.
pub fn define(object: &mut Assembler, function: SymbolId) {
    let abbreviations = section(object, "__debug_abbrev", &[7; 24]);
    let information = section(object, "__debug_info", &[0; 24]);
    let word = relocation(macho::X86_64_RELOC_UNSIGNED, false, 3);
    object.relocate((information, 0), function, word, None);
    object.relocate((information, 8), abbreviations, word, None);
}

/// Adds a section, and a symbol that stands for it.
fn section(object: &mut Assembler, name: &str, bytes: &[u8]) -> SymbolId {
    let symbol = object.define("__DWARF", name, &format!("_{name}"), bytes);
    let id = object.object.symbol(symbol).section.id().unwrap();
    let flags = object::SectionFlags::MachO { flags: macho::S_ATTR_DEBUG };
    *object.object.section_flags_mut(id) = flags;
    symbol
}

fn linked(architecture: Architecture, debug: &Debug) -> Executable {
    let mut object = Assembler::new(architecture);
    let main = object.define("__TEXT", "__text", "_main", &[0; 16]);
    object.define("__TEXT", "__text", "_unused", b"unused..");
    define(&mut object, main);
    let inputs = Inputs { object: object.finish(), runtime: archive(&[]), stack_size: 0 };
    link(&inputs, debug).unwrap()
}

fn contents<'d>(file: &MachOFile64<'d, LE>, name: &str) -> Option<&'d [u8]> {
    file.section_by_name(name).map(|section| section.data().unwrap())
}

/// Asserts what debug information says.
fn check(file: &MachOFile64<'_, LE>) {
    let main = file.symbol_by_name("_main").unwrap().address();
    let expected = [main.to_le_bytes().as_slice(), &[0; 16]].concat();
    assert_eq!(contents(file, "__debug_info"), Some(&*expected));
    assert_eq!(contents(file, "__debug_abbrev"), Some(&[7; 24][..]));
}

#[test]
fn it_is_a_segment() {
    for architecture in [Architecture::X86_64, Architecture::Aarch64] {
        let bytes = linked(architecture, &Debug::default()).bytes;
        let file = MachOFile64::parse(&*bytes).unwrap();
        check(&file);
        use object::ObjectSegment as _;
        let segments: Vec<_> =
            file.segments().map(|segment| segment.name().unwrap().unwrap().to_owned()).collect();
        let expected = ["__PAGEZERO", "__TEXT", "__DATA_CONST", "__DATA", "__DWARF", "__LINKEDIT"];
        assert_eq!(segments, expected);
        assert!(file.symbol_by_name("___debug_info").is_none() && file.symbol_by_name("_unused").is_none());
    }
}

#[test]
fn it_can_be_apart() {
    for strip in [false, true] {
        let debug = Debug { strip, file: Some("main.dSYM".to_owned()), build_id: None };
        let Executable { bytes, debug_file } = linked(Architecture::Aarch64, &debug);
        let debug_file = debug_file.unwrap();
        let apart = MachOFile64::<LE>::parse(&*debug_file).unwrap();
        check(&apart);
        assert_eq!(apart.macho_header().filetype(LE), macho::MH_DSYM);
        let file = MachOFile64::<LE>::parse(&*bytes).unwrap();
        assert_eq!(contents(&file, "__debug_info"), None);
        assert_eq!(file.mach_uuid(), apart.mach_uuid());
        assert_eq!(file.symbol_by_name("_main").is_some(), !strip);
        // It is at the same place in a stripped one.
        let stripped = linked(Architecture::Aarch64, &Debug { strip: true, ..Debug::default() }).bytes;
        let stripped = MachOFile64::<LE>::parse(&*stripped).unwrap();
        assert_eq!(stripped.entry(), file.entry());
    }
}

#[test]
fn it_refers_by_words() {
    let mut object = Assembler::new(Architecture::X86_64);
    let main = object.define("__TEXT", "__text", "_main", &[0; 16]);
    let information = section(&mut object, "__debug_info", &[0; 24]);
    object.relocate((information, 0), main, relocation(macho::X86_64_RELOC_SIGNED, true, 2), None);
    let error = linked_bytes(object.finish(), archive(&[])).unwrap_err();
    assert!(error.contains("the debug information in `__debug_info`"), "{error}");
}
